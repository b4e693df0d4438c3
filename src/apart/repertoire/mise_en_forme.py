"""De la ligne de l'INSEE à la fiche d'Apart : expressions Polars, une par colonne, sans état."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cache

import polars as pl

MASQUES = ("[ND]", "[NON-DIFFUSIBLE]")
INCONNUE = "1900-01-01"
LA_POSTE, SOMME_LA_POSTE = 356_000_000, 3 + 5 + 6
GROUPE = 10**5
NAF_REV2 = ("NAFRev2", "")  # vide : l'INSEE ne dit rien, c'est celle d'aujourd'hui
MONACO, CODE_MONACO = "MONACO", "99138"

COLONNES_ETABLISSEMENT = (
    "siret", "statutDiffusionEtablissement", "trancheEffectifsEtablissement", "etablissementSiege",
    "complementAdresseEtablissement", "numeroVoieEtablissement", "indiceRepetitionEtablissement",
    "typeVoieEtablissement", "libelleVoieEtablissement", "codePostalEtablissement", "libelleCommuneEtablissement",
    "libelleCommuneEtrangerEtablissement", "distributionSpecialeEtablissement", "codeCommuneEtablissement",
    "codeCedexEtablissement", "libelleCedexEtablissement", "libellePaysEtrangerEtablissement", "dateDebut",
    "etatAdministratifEtablissement", "enseigne1Etablissement", "denominationUsuelleEtablissement",
    "activitePrincipaleEtablissement", "nomenclatureActivitePrincipaleEtablissement",
)  # fmt: skip
# Depuis mars 2024, puis janvier 2026 : absentes des millésimes plus vieux.
COLONNES_ETABLISSEMENT_FACULTATIVES = ("dernierNumeroVoieEtablissement", "activitePrincipaleNAF25Etablissement")
COLONNES_UNITE = (
    "siren", "statutDiffusionUniteLegale", "dateDebut", "etatAdministratifUniteLegale", "prenom1UniteLegale",
    "prenomUsuelUniteLegale", "nomUniteLegale", "nomUsageUniteLegale", "denominationUniteLegale",
    "denominationUsuelle1UniteLegale", "sigleUniteLegale", "categorieJuridiqueUniteLegale", "nicSiegeUniteLegale",
)  # fmt: skip

# Du texte libre, où une espace peut traîner au bord ; le reste est fait de codes.
LIBRES = {
    "complementAdresseEtablissement", "numeroVoieEtablissement", "typeVoieEtablissement", "libelleVoieEtablissement",
    "libelleCommuneEtablissement", "libelleCommuneEtrangerEtablissement", "distributionSpecialeEtablissement",
    "libelleCedexEtablissement", "enseigne1Etablissement", "denominationUsuelleEtablissement", "nomUniteLegale",
    "nomUsageUniteLegale", "prenomUsuelUniteLegale", "prenom1UniteLegale", "denominationUniteLegale",
    "denominationUsuelle1UniteLegale",
}  # fmt: skip

# Indices de répétition de l'INSEE : B, T, Q, C ; toute autre lettre vaut pour elle-même.
EXTENSIONS = {"B": "BIS", "T": "TER", "Q": "QUATER", "C": "QUINQUIES"}
# Abréviations d'avant le format 3.11 (nomenclature INSEE des types de voie).
TYPES_DE_VOIE = {
    "ALL": "ALLEE", "AV": "AVENUE", "BD": "BOULEVARD", "CAR": "CARREFOUR", "CHE": "CHEMIN", "CHS": "CHAUSSEE",
    "COR": "CORNICHE", "CRS": "COURS", "DOM": "DOMAINE", "DSC": "DESCENTE", "ECA": "ECART", "ESP": "ESPLANADE",
    "FG": "FAUBOURG", "GR": "GRANDE RUE", "HAM": "HAMEAU", "HLE": "HALLE", "IMP": "IMPASSE", "LD": "LIEU DIT",
    "LIEUDIT": "LIEU DIT", "LIEU-DIT": "LIEU DIT", "LOT": "LOTISSEMENT", "MAR": "MARCHE", "MTE": "MONTEE",
    "PAS": "PASSAGE", "PL": "PLACE", "PLN": "PLAINE", "PLT": "PLATEAU", "PRO": "PROMENADE", "PRV": "PARVIS",
    "QUA": "QUARTIER", "RES": "RESIDENCE", "RLE": "RUELLE", "ROC": "ROCADE", "RPT": "ROND POINT", "RTE": "ROUTE",
    "SEN": "SENTE", "SQ": "SQUARE", "TPL": "TERRE PLEIN", "TRA": "TRAVERSE", "VLA": "VILLA", "VLGE": "VILLAGE",
    "ZA": "ZONE ARTISANALE", "ZI": "ZONE INDUSTRIELLE",
}  # fmt: skip
# « 5-7 », « 018 A 020 » : l'INSEE met la plage de numéros dans le complément.
PLAGE = r"^0*([0-9]+) ?(?:-|A) ?0*([0-9]+)$"


@dataclass(frozen=True)
class MiseEnForme:
    """Lignes gardées, dans l'ordre des colonnes de la table, et lignes refusées (ligne, numero, motif)."""

    gardees: pl.DataFrame
    refusees: pl.DataFrame


@cache
def _sommes(decalage: int) -> pl.Series:
    """Pour chaque groupe de cinq chiffres, sa part de la somme de Luhn ; décalage 1 : on double dès l'unité."""
    reste, somme = (pl.int_range(fin, dtype=pl.UInt32, eager=True) for fin in (GROUPE, 1))
    for rang in range(decalage, decalage + 5):
        chiffre, reste = reste % 10, reste // 10
        # Doubler puis ajouter les deux chiffres : modulo 10, c'est doubler et ajouter 1 au-delà de 4.
        somme = somme + (chiffre * 2 + chiffre // 5 if rang % 2 else chiffre)
    return (somme % 10).cast(pl.UInt8)


def luhn(nombre: pl.Expr, chiffres: int) -> pl.Expr:
    """Vrai pour les entiers de tant de chiffres dont la clé de Luhn est juste. Une table, groupe par groupe : moins
    cher qu'une division par chiffre."""
    groupes = (
        pl.lit(_sommes(rang % 2)).gather((nombre // 10**rang % GROUPE).cast(pl.UInt32))
        for rang in range(0, chiffres, 5)
    )
    return sum(groupes, pl.lit(0, pl.UInt8)) % 10 == 0


def cle_du_siret_juste(siret: pl.Expr) -> pl.Expr:
    """La règle de socle.saisies.cle_juste, sur une colonne, La Poste exceptée : Luhn sur le SIREN et sur le tout."""
    return (siret != 0) & luhn(siret // 100_000, 9) & luhn(siret, 14)


def regle_de_la_poste(siret: pl.Expr) -> pl.Expr:
    """La Poste : ou bien la somme des chiffres est multiple de 5."""
    somme = sum((siret // 10**rang % 10 for rang in range(5)), pl.lit(SOMME_LA_POSTE))
    return (siret // 100_000 == LA_POSTE) & (somme % 5 == 0)


def _separer(brut: pl.DataFrame, colonne: str, chiffres: int) -> MiseEnForme:
    """Écarte les numéros faux. « nombre » porte le numéro en entier dans les lignes gardées."""
    texte, nombre = pl.col(colonne), pl.col("nombre")
    cadre = brut.with_columns(pl.col(colonne, *LIBRES & {*brut.columns}).str.strip_chars())
    cadre = cadre.with_columns(nombre=texte.cast(pl.UInt64, strict=False))
    lisible = (texte.str.len_bytes() == chiffres) & ~texte.str.starts_with("+")
    cle = cle_du_siret_juste(nombre) if chiffres == 14 else (nombre != 0) & luhn(nombre, 9)
    juste = cadre.select(juste=(lisible & cle).fill_null(False))["juste"]
    if not juste.all() and chiffres == 14:
        juste |= cadre.select(juste=(lisible & regle_de_la_poste(nombre)).fill_null(False))["juste"]
    if juste.all():
        return MiseEnForme(cadre, cadre.clear())
    return MiseEnForme(
        cadre.filter(juste), cadre.filter(~juste).select("ligne", texte, _motif(texte, nombre, chiffres))
    )


def _motif(texte: pl.Expr, nombre: pl.Expr, chiffres: int) -> pl.Expr:
    """Pourquoi ce numéro est refusé."""
    nom = "SIRET" if chiffres == 14 else "SIREN"
    return (
        pl.when(texte.is_null() | (texte == ""))
        .then(pl.lit(f"{nom} absent"))
        .when(nombre.is_null() | texte.str.starts_with("+"))
        .then(pl.lit(f"{nom} avec autre chose que des chiffres"))
        .when(texte.str.len_bytes() != chiffres)
        .then(pl.lit(f"{nom} qui n'a pas {chiffres} chiffres"))
        .otherwise(pl.lit(f"{nom} dont la clé est fausse"))
        .alias("motif")
    )


def _lu(*colonnes: str) -> pl.Expr:
    """La première de ces colonnes qui dit quelque chose : ni vide, ni masquée."""
    return pl.coalesce(
        pl.when(pl.all_horizontal(pl.col(c) != rien for rien in ("", *MASQUES))).then(pl.col(c)) for c in colonnes
    )


def _masquee(statut: str, *colonnes: str) -> pl.Expr:
    return (pl.col(statut) == "P").fill_null(False) | pl.any_horizontal(
        pl.col(c).is_in(MASQUES).fill_null(False) for c in colonnes
    )


def _visible(valeur: pl.Expr) -> pl.Expr:
    return pl.when(~pl.col("est_masquee")).then(valeur)


def _date(colonne: str, *, si: pl.Expr) -> pl.Expr:
    lu = pl.col(colonne).str.head(10).str.to_date("%Y-%m-%d", strict=False)
    jour = pl.when(lu.is_between(date.min, date.max)).then(lu)  # ni l'an 0, que PostgreSQL refuse, ni l'an 10000
    return pl.when(si & (pl.col(colonne) != INCONNUE)).then(jour)


def fiches(brut: pl.DataFrame) -> MiseEnForme:
    """Lignes de StockEtablissement (textes) → lignes de la table des fiches."""
    manquantes = [c for c in COLONNES_ETABLISSEMENT_FACULTATIVES if c not in brut.columns]
    tri = _separer(brut.with_columns(pl.lit(None, pl.String).alias(c) for c in manquantes), "siret", 14)
    cadre = tri.gardees.with_columns(
        est_fermee=(pl.col("etatAdministratifEtablissement") == "F").fill_null(False),
        est_masquee=_masquee(
            "statutDiffusionEtablissement",
            "libelleVoieEtablissement", "codePostalEtablissement", "numeroVoieEtablissement",
            "enseigne1Etablissement", "denominationUsuelleEtablissement",
        ),
        plage=_plage(),
        pays=_pays(),
    )  # fmt: skip
    gardees = cadre.select(
        siret="nombre",
        siren=pl.col("nombre") // 100_000,
        fermee_le=_date("dateDebut", si=pl.col("est_fermee")),
        est_fermee="est_fermee",
        est_siege=(pl.col("etablissementSiege") == "true").fill_null(False),
        est_masquee="est_masquee",
        enseigne=_visible(_lu("enseigne1Etablissement", "denominationUsuelleEtablissement")),
        numero_voie=_visible(_numero()),
        extension_voie=_visible(_lu("indiceRepetitionEtablissement").str.to_uppercase().replace(EXTENSIONS)),
        type_voie=_visible(_lu("typeVoieEtablissement").replace(TYPES_DE_VOIE)),
        libelle_voie=_visible(_lu("libelleVoieEtablissement")),
        complement=_visible(_complement()),
        code_postal=_visible(_lu("codeCedexEtablissement", "codePostalEtablissement")),
        ville=pl.coalesce(_ville_etrangere(), _ville()),
        pays="pays",
        code_commune=_lu("codeCommuneEtablissement").str.head(5),
        activite=_activite(),
        activite_naf25=_lu("activitePrincipaleNAF25Etablissement").str.head(6),
        tranche_effectif=_lu("trancheEffectifsEtablissement").str.head(2),
    )
    return MiseEnForme(gardees, tri.refusees)


def _plage() -> pl.Expr:
    """La fin de la plage de numéros, quand c'est le complément qui la dit."""
    complement = pl.col("complementAdresseEtablissement")
    debut = complement.str.extract(PLAGE, 1)
    return pl.when(debut == pl.col("numeroVoieEtablissement")).then(complement.str.extract(PLAGE, 2))


def _numero() -> pl.Expr:
    """« 5 », ou « 5-7 » quand la plage est dite, dans sa colonne ou dans le complément."""
    numero, dernier = _lu("numeroVoieEtablissement"), _lu("dernierNumeroVoieEtablissement")
    fin = pl.coalesce(dernier, "plage")
    return pl.when(fin.is_not_null()).then(numero + "-" + fin).otherwise(numero)


def _complement() -> pl.Expr:
    complement = pl.when(pl.col("plage").is_null()).then(_lu("complementAdresseEtablissement"))
    return pl.concat_str(complement, _lu("distributionSpecialeEtablissement"), separator=", ", ignore_nulls=True)


def _ville() -> pl.Expr:
    """Le libellé du Cedex, sinon la commune ; Paris, Lyon et Marseille sans leur arrondissement (vieux extraits)."""
    commune = pl.col("codeCommuneEtablissement")
    return (
        pl.when(_lu("libelleCedexEtablissement").is_not_null() & ~pl.col("est_masquee"))
        .then(_lu("libelleCedexEtablissement"))
        .when(commune.str.starts_with("751"))
        .then(pl.lit("PARIS"))
        .when(commune.str.starts_with("6938"))
        .then(pl.lit("LYON"))
        .when(commune.str.starts_with("132"))
        .then(pl.lit("MARSEILLE"))
        .otherwise(_lu("libelleCommuneEtablissement"))
    )


def _ville_etrangere() -> pl.Expr:
    return pl.when(pl.col("pays").is_not_null()).then(_lu("libelleCommuneEtrangerEtablissement"))


def _pays() -> pl.Expr:
    """Vide en France. Monaco a le code postal et la commune d'une adresse française, sous un code de pays."""
    a_monaco = pl.col("codeCommuneEtablissement") == CODE_MONACO
    return pl.coalesce(_lu("libellePaysEtrangerEtablissement"), pl.when(a_monaco).then(pl.lit(MONACO)))


def _activite() -> pl.Expr:
    """L'APE en NAF rév. 2 ; rien pour un code d'une autre nomenclature, abandonnée ou à venir."""
    est_rev2 = pl.col("nomenclatureActivitePrincipaleEtablissement").is_in(NAF_REV2).fill_null(True)
    return pl.when(est_rev2).then(_lu("activitePrincipaleEtablissement").str.head(6))


def unites(brut: pl.DataFrame) -> MiseEnForme:
    """Lignes de StockUniteLegale (textes) → lignes de la table des unités."""
    tri = _separer(brut, "siren", 9)
    cadre = tri.gardees.with_columns(
        est_cessee=(pl.col("etatAdministratifUniteLegale") == "C").fill_null(False),
        est_masquee=_masquee("statutDiffusionUniteLegale", "denominationUniteLegale", "nomUniteLegale"),
    )
    personne = pl.concat_str(
        _lu("prenomUsuelUniteLegale", "prenom1UniteLegale"),
        _lu("nomUsageUniteLegale", "nomUniteLegale"),
        separator=" ",
        ignore_nulls=True,
    )
    gardees = cadre.select(
        siren="nombre",
        cessee_le=_date("dateDebut", si=pl.col("est_cessee")),
        est_cessee="est_cessee",
        est_masquee="est_masquee",
        denomination=_visible(
            pl.coalesce(
                _lu("denominationUniteLegale"),
                pl.when(personne != "").then(personne),
                _lu("denominationUsuelle1UniteLegale", "sigleUniteLegale"),
            )
        ),
        categorie_juridique=_lu("categorieJuridiqueUniteLegale").str.head(4),
        nic_siege=_lu("nicSiegeUniteLegale").str.head(5),
    )
    return MiseEnForme(gardees, tri.refusees)
