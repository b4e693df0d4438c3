"""Un stock SIRENE fictif de taille nationale, au format de l'INSEE : SIRET à clé juste, adresses vraisemblables.

Un seul bloc est tiré au hasard ; les suivants en reprennent les adresses et les noms, sous d'autres numéros.
"""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path

import polars as pl

from apart.repertoire.actions import ECHANTILLON

UNITES_POUR_CENT = 64  # établissements par unité : 1,56, comme le stock réel
ETABLISSEMENTS_PAR_BLOC = (
    100_000  # un nombre entier d'unités : le rang d'un établissement se répète d'un bloc à l'autre
)
UNITES_PAR_BLOC = ETABLISSEMENTS_PAR_BLOC * UNITES_POUR_CENT // 100
VOIES = ["RUE", "AVENUE", "BOULEVARD", "CHEMIN", "PLACE", "ROUTE", "ALLEE", ""]
LIBELLES = [
    "DE LA REPUBLIQUE", "DU GENERAL DE GAULLE", "VICTOR HUGO", "DE L'EGLISE", "PASTEUR", "DU 8 MAI 1945",
    "DES FRERES LUMIERE", "DE LA GARE", "DE L'ATLANTIQUE", "NATIONALE", "DES TILLEULS",
]  # fmt: skip
COMMUNES = [
    ("75111", "75011", "PARIS"), ("13055", "13001", "MARSEILLE"), ("2A004", "20000", "AJACCIO"),
    ("97411", "97400", "SAINT-DENIS"), ("54547", "54500", "VANDOEUVRE-LES-NANCY"), ("01007", "01500", "AMBRONAY"),
    ("60439", "60250", "MOUY"),
]  # fmt: skip
MOTS = ["ATELIER", "HORIZON", "BOULANGERIE", "TRANSPORTS", "ELECTRICITE", "CONSEIL", "JARDIN", "COMPTOIR", "OCEAN"]
NOMS = ["MARTINEAU", "BELLEFEUILLE", "GRANDVAL", "LAFORGE", "SAVIGNAC", "TISSERANT", "HAUTERIVE"]


def ecrire(dossier: Path, etablissements: int) -> tuple[Path, Path]:
    """Écrit StockEtablissement.csv et StockUniteLegale.csv ; rend leurs chemins."""
    unites = -(-etablissements * UNITES_POUR_CENT // 100)
    return (
        _ecrire(dossier / "StockEtablissement.csv", etablissements, ETABLISSEMENTS_PAR_BLOC, _etablissements, _sirets),
        _ecrire(dossier / "StockUniteLegale.csv", unites, UNITES_PAR_BLOC, _unites, _sirens),
    )


Fabrique = Callable[[pl.DataFrame], pl.DataFrame]


def _ecrire(chemin: Path, nombre: int, par_bloc: int, fabriquer: Fabrique, numeroter: Fabrique) -> Path:
    """Chaque ligne : ses numéros, qui ouvrent les deux formats, puis la suite de la ligne de même place du bloc."""
    modele = ECHANTILLON / f"{chemin.stem}_echantillon.csv"
    with modele.open(encoding="utf-8", newline="") as flux:
        colonnes = next(csv.reader(flux))
    remplies = fabriquer(_rangs(0, min(par_bloc, nombre)))
    valeurs = [pl.col(c).fill_null("") if c in remplies.columns else pl.lit("") for c in colonnes]
    suite = remplies.select(suite=pl.concat_str(valeurs[len(numeroter(_rangs(0, 1)).columns) :], separator=","))
    with chemin.open("wb") as sortie:
        sortie.write((",".join(colonnes) + "\n").encode())
        for debut in range(0, nombre, par_bloc):
            numeros = numeroter(_rangs(debut, min(debut + par_bloc, nombre)))
            lignes = pl.concat([numeros, suite.head(numeros.height)], how="horizontal")
            lignes.write_csv(sortie, include_header=False, quote_style="never")
    return chemin


def _rangs(debut: int, fin: int) -> pl.DataFrame:
    return pl.DataFrame({"i": pl.int_range(debut, fin, eager=True)})


def _avec_cle(nombre: pl.Series) -> pl.Series:
    """Ces nombres, suivis de leur clé de Luhn."""
    somme = pl.zeros(len(nombre), pl.Int64, eager=True)
    reste = nombre
    for rang in range(1, len(str(nombre.max())) + 1):
        chiffre, reste = reste % 10, reste // 10
        somme = somme + (chiffre * 2 + chiffre // 5 if rang % 2 else chiffre)
    return nombre * 10 + (10 - somme % 10) % 10


def _siren(unite: pl.Series) -> pl.Series:
    """Huit chiffres tirés par une permutation, et leur clé ; jamais deux fois le même."""
    return _avec_cle(10_000_000 + (unite * 61_803_399) % 90_000_000)


UNITE = pl.col("i") * UNITES_POUR_CENT // 100
RANG = pl.col("i") - -(-UNITE * 100 // UNITES_POUR_CENT) + 1  # de l'établissement dans son unité, à partir de 1


def _sirets(rangs: pl.DataFrame) -> pl.DataFrame:
    lus = rangs.select(unite=UNITE, rang=RANG)
    siret = _avec_cle(_siren(lus["unite"]) * 10_000 + lus["rang"]).cast(pl.String)
    return pl.DataFrame({"siren": siret.str.head(9), "nic": siret.str.tail(5), "siret": siret})


def _sirens(rangs: pl.DataFrame) -> pl.DataFrame:
    return pl.DataFrame({"siren": _siren(rangs["i"]).cast(pl.String)})


def _etablissements(rangs: pl.DataFrame) -> pl.DataFrame:
    codes, postaux, villes = (list(colonne) for colonne in zip(*COMMUNES, strict=True))
    return rangs.select(
        statutDiffusionEtablissement=_parfois("P", "O", 12),
        dateCreationEtablissement=_jour(1),
        trancheEffectifsEtablissement=_au_hasard(["NN", "NN", "", "00", "01", "11"], 2),
        dateDernierTraitementEtablissement=_jour(3) + "T09:00:00",
        etablissementSiege=(RANG == 1).cast(pl.String),
        nombrePeriodesEtablissement=pl.lit("3"),
        complementAdresseEtablissement=_parfois("ZONE ARTISANALE", "", 14),
        numeroVoieEtablissement=(pl.col("i").hash(4) % 240).cast(pl.String),
        indiceRepetitionEtablissement=_parfois("B", "", 4),
        typeVoieEtablissement=_au_hasard(VOIES, 5),
        libelleVoieEtablissement=_au_hasard(LIBELLES, 6),
        codePostalEtablissement=_au_hasard(postaux, 7),
        libelleCommuneEtablissement=_au_hasard(villes, 7),
        codeCommuneEtablissement=_au_hasard(codes, 7),
        identifiantAdresseEtablissement="0601234" + (pl.col("i") % 10).cast(pl.String) + "_B",
        coordonneeLambertAbscisseEtablissement=pl.lit("1011306.57"),
        coordonneeLambertOrdonneeEtablissement=pl.lit("6597320.18"),
        dateDebut=_jour(8),
        etatAdministratifEtablissement=_parfois("F", "A", 55),
        enseigne1Etablissement=pl.when(pl.col("i").hash(9) % 4 == 0).then(_au_hasard(MOTS, 10)),
        activitePrincipaleEtablissement=pl.lit("56.10A"),
        nomenclatureActivitePrincipaleEtablissement=pl.lit("NAFRev2"),
        caractereEmployeurEtablissement=pl.lit("N"),
        activitePrincipaleNAF25Etablissement=pl.lit("56.11G"),
    )


def _unites(rangs: pl.DataFrame) -> pl.DataFrame:
    personne = pl.col("i").hash(11) % 100 < 56
    return rangs.select(
        statutDiffusionUniteLegale=_parfois("P", "O", 8),
        dateCreationUniteLegale=_jour(12),
        prenom1UniteLegale=pl.when(personne).then(pl.lit("CLAIRE")),
        prenomUsuelUniteLegale=pl.when(personne).then(pl.lit("CLAIRE")),
        nomUniteLegale=pl.when(personne).then(_au_hasard(NOMS, 13)),
        trancheEffectifsUniteLegale=pl.lit("NN"),
        dateDernierTraitementUniteLegale=_jour(14) + "T09:00:00",
        dateDebut=_jour(15),
        etatAdministratifUniteLegale=_parfois("C", "A", 45),
        denominationUniteLegale=pl.when(~personne).then(_au_hasard(MOTS, 16) + " " + _au_hasard(MOTS, 17)),
        categorieJuridiqueUniteLegale=pl.when(personne).then(pl.lit("1000")).otherwise(pl.lit("5710")),
        activitePrincipaleUniteLegale=pl.lit("56.10A"),
        nomenclatureActivitePrincipaleUniteLegale=pl.lit("NAFRev2"),
        nicSiegeUniteLegale=pl.lit("00012"),
        caractereEmployeurUniteLegale=pl.lit("N"),
    )


def _au_hasard(choix: list[str], sel: int) -> pl.Expr:
    return pl.lit(pl.Series(choix)).gather(pl.col("i").hash(sel) % len(choix))


def _parfois(oui: str, non: str, pour_cent: int) -> pl.Expr:
    return pl.when(pl.col("i").hash(pour_cent) % 100 < pour_cent).then(pl.lit(oui)).otherwise(pl.lit(non))


def _jour(sel: int) -> pl.Expr:
    return (pl.date(1990, 1, 1) + pl.duration(days=pl.col("i").hash(sel) % 13_000)).cast(pl.String)
