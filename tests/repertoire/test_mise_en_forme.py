"""De la ligne de l'INSEE à la fiche : cas réels de l'échantillon, puis cas fabriqués que l'échantillon n'a pas."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

import apart
from apart.repertoire import mise_en_forme
from apart.repertoire.lecture import FichierIllisible, Source
from apart.socle import saisies
from tests.repertoire.conftest import ETABLISSEMENTS, UNITES

Valeurs = dict[str, Any]


def lire(fichier: str) -> dict[int, Valeurs]:
    if fichier == "fiches":
        source = Source(
            ETABLISSEMENTS,
            mise_en_forme.COLONNES_ETABLISSEMENT,
            mise_en_forme.COLONNES_ETABLISSEMENT_FACULTATIVES,
        )
        cadres = [mise_en_forme.fiches(lot.cadre).gardees for lot in source.lots()]
    else:
        cadres = [
            mise_en_forme.unites(lot.cadre).gardees for lot in Source(UNITES, mise_en_forme.COLONNES_UNITE).lots()
        ]
    return {ligne[pl.concat(cadres).columns[0]]: ligne for ligne in pl.concat(cadres).to_dicts()}


@pytest.fixture(scope="module")
def fiches() -> dict[int, Valeurs]:
    return lire("fiches")


@pytest.fixture(scope="module")
def unites() -> dict[int, Valeurs]:
    return lire("unites")


def fiche(**valeurs: str) -> Valeurs:
    """Une fiche fabriquée : SIRET juste, le reste au choix."""
    brut: dict[str, Any] = dict.fromkeys(mise_en_forme.COLONNES_ETABLISSEMENT)
    brut |= {"ligne": 2, "siret": "10247606600018", "etatAdministratifEtablissement": "A", **valeurs}
    cadre = pl.DataFrame([brut], schema_overrides={c: pl.String for c in brut if c != "ligne"})
    return mise_en_forme.fiches(cadre).gardees.to_dicts()[0]


def unite(**valeurs: str) -> Valeurs:
    brut: dict[str, Any] = dict.fromkeys(mise_en_forme.COLONNES_UNITE)
    brut |= {"ligne": 2, "siren": "102476066", **valeurs}
    cadre = pl.DataFrame([brut], schema_overrides={c: pl.String for c in brut if c != "ligne"})
    return mise_en_forme.unites(cadre).gardees.to_dicts()[0]


def test_tout_l_echantillon_est_garde(fiches: dict[int, Valeurs], unites: dict[int, Valeurs]) -> None:
    assert (len(fiches), len(unites)) == (328, 181)


@pytest.mark.parametrize("siret", [35600000000048, 35600000024230, 35600000024249])
def test_les_sirets_de_la_poste_sont_gardes(fiches: dict[int, Valeurs], siret: int) -> None:
    assert fiches[siret]["siren"] == 356000000


@pytest.mark.parametrize(
    ("siret", "code_postal", "ville", "code_commune"),
    [
        (19201002300013, "20000", "AJACCIO", "2A004"),
        (19972532600045, "97232", "LE LAMENTIN", "97213"),
        (20000446300010, "97600", "MAMOUDZOU", "97611"),
        (53160602800011, "97133", "SAINT BARTHELEMY", "97701"),
        (10404942400013, "75010", "PARIS", "75110"),
        (48013478200022, "69009", "LYON", "69389"),
    ],
)
def test_corse_outre_mer_et_arrondissements(
    fiches: dict[int, Valeurs], siret: int, code_postal: str, ville: str, code_commune: str
) -> None:
    lue = fiches[siret]
    assert (lue["code_postal"], lue["ville"], lue["code_commune"]) == (code_postal, ville, code_commune)


def test_le_cedex_donne_la_ligne_postale(fiches: dict[int, Valeurs]) -> None:
    lue = fiches[41816609600010]
    assert (lue["code_postal"], lue["ville"]) == ("92158", "SURESNES CEDEX")
    assert lue["code_commune"] == "92073"


def test_la_boite_postale_va_dans_le_complement(fiches: dict[int, Valeurs]) -> None:
    assert fiches[17310120500719]["complement"] == "BP 4087"
    lue = fiche(complementAdresseEtablissement="BATIMENT A", distributionSpecialeEtablissement="BP 12")
    assert lue["complement"] == "BATIMENT A, BP 12"


@pytest.mark.parametrize(
    ("siret", "voie", "ville", "pays"),
    [
        (43524614500013, "20099 HAMBOURG", "AN DER ALSTER 3", "ALLEMAGNE"),
        (38960098200018, "6203 SEMPACH STATION", "CH 6203", "SUISSE"),
    ],
)
def test_un_siege_a_l_etranger_a_son_pays_a_part_de_sa_ville(
    fiches: dict[int, Valeurs], siret: int, voie: str, ville: str, pays: str
) -> None:
    lue = fiches[siret]
    assert not lue["code_postal"]
    assert (lue["libelle_voie"], lue["ville"], lue["pays"]) == (voie, ville, pays)


def test_en_france_il_n_y_a_pas_de_pays(fiches: dict[int, Valeurs]) -> None:
    assert {siret for siret, lue in fiches.items() if lue["pays"]} == {43524614500013, 38960098200018}


@pytest.mark.parametrize(
    "valeurs",
    [
        {"libelleCommuneEtablissement": "MONACO", "codeCommuneEtablissement": "99138"},
        {"libelleCommuneEtrangerEtablissement": "MONACO", "libellePaysEtrangerEtablissement": "MONACO"},
        {"libelleCommuneEtablissement": "MONACO", "libellePaysEtrangerEtablissement": "MONACO"},
    ],
    ids=["commune de Monaco", "commune étrangère", "commune et pays"],
)
def test_monaco_garde_son_code_postal_et_dit_son_pays(valeurs: dict[str, str]) -> None:
    lue = fiche(codePostalEtablissement="98000", libelleVoieEtablissement="DES CITRONNIERS", **valeurs)
    assert (lue["code_postal"], lue["ville"], lue["pays"]) == ("98000", "MONACO", "MONACO")


@pytest.mark.parametrize(
    ("siret", "numero", "extension", "complement"),
    [
        (10404942400013, "1-3", None, ""),  # dernierNumeroVoie
        (55203253400703, "59-61", None, ""),
        (21370261600011, "1-3", None, ""),  # « 1 A 3 » dans le complément
        (39234600300198, "5-7", None, ""),
        (77566343800684, "18-20", None, ""),  # « 018 A 020 »
        (41816609600028, "28", None, "26"),  # un complément qui n'est pas une plage reste un complément
        (38529030900587, "155", "BIS", "IMMEUBLE FAIRWAY"),
        (38529030900173, "38", "TER", ""),
        (38529030900488, "1", "QUINQUIES", ""),
        (45334017600024, "55", "BIS", "55 B"),  # « bis » en minuscules
    ],
)
def test_numeros_plages_et_indices(
    fiches: dict[int, Valeurs], siret: int, numero: str, extension: str | None, complement: str
) -> None:
    lue = fiches[siret]
    assert (lue["numero_voie"], lue["extension_voie"], lue["complement"]) == (numero, extension, complement)


@pytest.mark.parametrize(
    ("lu", "attendu"), [("AV", "AVENUE"), ("BD", "BOULEVARD"), ("RUE", "RUE"), ("LIEU-DIT", "LIEU DIT"), ("Q", "Q")]
)
def test_les_types_de_voie_abreges_sont_developpes(lu: str, attendu: str) -> None:
    assert fiche(typeVoieEtablissement=lu)["type_voie"] == attendu


def test_une_ferme_a_sa_date(fiches: dict[int, Valeurs]) -> None:
    lue = fiches[38529030900025]
    assert lue["est_fermee"]
    assert lue["fermee_le"] == date(2024, 7, 29)


def test_une_ferme_sans_date_reste_fermee(fiches: dict[int, Valeurs]) -> None:
    lue = fiches[21850292000018]
    assert lue["est_fermee"]
    assert lue["fermee_le"] is None


def test_1900_veut_dire_inconnue() -> None:
    lue = fiche(etatAdministratifEtablissement="F", dateDebut="1900-01-01")
    assert lue["est_fermee"]
    assert lue["fermee_le"] is None


@pytest.mark.parametrize("debut", ["2024-02-30", "bientôt", "0000-00-00", "0000-01-01", "-001-01-01"])
def test_une_date_impossible_est_inconnue(debut: str) -> None:
    assert fiche(etatAdministratifEtablissement="F", dateDebut=debut)["fermee_le"] is None


def test_la_date_d_une_ouverte_n_est_pas_une_fermeture(fiches: dict[int, Valeurs]) -> None:
    lue = fiches[10247606600018]
    assert not lue["est_fermee"]
    assert lue["fermee_le"] is None


@pytest.mark.parametrize("siret", [10073128000010, 10451482300012, 30002576400048])
def test_une_masquee_ne_montre_rien(fiches: dict[int, Valeurs], siret: int) -> None:
    lue = fiches[siret]
    assert lue["est_masquee"]
    caches = ("enseigne", "numero_voie", "type_voie", "libelle_voie", "complement", "code_postal")
    assert not any(lue[champ] for champ in caches)
    assert lue["ville"]  # la commune reste publique


def test_une_masquee_en_cedex_ne_montre_que_sa_commune() -> None:
    lue = fiche(
        statutDiffusionEtablissement="P", codeCedexEtablissement="92158", libelleCedexEtablissement="SURESNES CEDEX",
        libelleCommuneEtablissement="SURESNES",
    )  # fmt: skip
    assert lue["ville"] == "SURESNES"


@pytest.mark.parametrize("marque", ["[ND]", "[NON-DIFFUSIBLE]"])
def test_la_marque_seule_suffit_a_masquer(marque: str) -> None:
    lue = fiche(libelleVoieEtablissement=marque, trancheEffectifsEtablissement=marque, numeroVoieEtablissement="3")
    assert lue["est_masquee"]
    assert not lue["libelle_voie"]
    assert not lue["numero_voie"]
    assert not lue["tranche_effectif"]


def test_aucune_marque_ne_survit(fiches: dict[int, Valeurs], unites: dict[int, Valeurs]) -> None:
    textes = [v for ligne in (*fiches.values(), *unites.values()) for v in ligne.values() if isinstance(v, str)]
    assert textes
    assert not [t for t in textes if "[N" in t]


@pytest.mark.parametrize(
    ("valeurs", "attendue"),
    [
        ({"enseigne1Etablissement": "CHEZ MARIE", "denominationUsuelleEtablissement": "MARIE SARL"}, "CHEZ MARIE"),
        ({"denominationUsuelleEtablissement": "MARIE SARL"}, "MARIE SARL"),
        ({"enseigne1Etablissement": "  "}, None),
    ],
)
def test_l_enseigne_passe_avant_la_denomination_usuelle(valeurs: dict[str, str], attendue: str | None) -> None:
    assert fiche(**valeurs)["enseigne"] == attendue


def test_paris_perd_l_arrondissement_des_vieux_extraits() -> None:
    lue = fiche(
        libelleCommuneEtablissement="PARIS 16", codeCommuneEtablissement="75116", codePostalEtablissement="75016"
    )
    assert (lue["code_postal"], lue["ville"]) == ("75016", "PARIS")


@pytest.mark.parametrize(
    ("nomenclature", "gardee"),
    [("NAFRev2", "56.10A"), (None, "56.10A"), ("", "56.10A"), ("NAF1993", None), ("NAFRev1", None), ("NAF2025", None)],
)
def test_l_activite_est_en_naf_rev_2_ou_rien(nomenclature: str, gardee: str | None) -> None:
    """Le 1er janvier 2027, l'activité principale passe en NAF 2025 : elle ne prend pas la place de l'autre."""
    lue = fiche(activitePrincipaleEtablissement="56.10A", nomenclatureActivitePrincipaleEtablissement=nomenclature)
    assert lue["activite"] == gardee


def test_les_deux_codes_d_activite_sont_gardes_chacun_dans_sa_colonne(fiches: dict[int, Valeurs]) -> None:
    lue = fiches[43524614500013]
    assert (lue["activite"], lue["activite_naf25"]) == ("71.12B", "71.12Y")
    assert fiche(activitePrincipaleEtablissement="56.10A")["activite_naf25"] is None  # fichier d'avant 2026


def test_rien_ne_se_decide_sur_un_code_d_activite() -> None:
    """L'une sort de vigueur quand l'autre y entre : qui veut un de ces codes doit d'abord dire lequel, et quand."""
    lecteurs = [
        fichier
        for fichier in Path(apart.__file__).parent.rglob("*")
        if fichier.suffix in {".py", ".html", ".txt", ".typ"} and not {"repertoire", "migrations"} & set(fichier.parts)
        if re.search(r"activite_naf25|fiche\w*\.activite\b", fichier.read_text())
    ]
    assert lecteurs == []


@pytest.mark.parametrize(
    ("valeurs", "attendue"),
    [
        ({"denominationUniteLegale": "LES ATELIERS", "sigleUniteLegale": "LA"}, "LES ATELIERS"),
        ({"prenom1UniteLegale": "MARIE", "prenomUsuelUniteLegale": "LOU", "nomUniteLegale": "DURAND"}, "LOU DURAND"),
        (
            {"prenom1UniteLegale": "MARIE", "nomUniteLegale": "DURAND", "nomUsageUniteLegale": "DUBOIS"},
            "MARIE DUBOIS",
        ),
        ({"denominationUsuelle1UniteLegale": "LE ZINC"}, "LE ZINC"),
        ({"nomUniteLegale": "[ND]", "prenom1UniteLegale": "[ND]"}, None),
        ({"statutDiffusionUniteLegale": "P", "nomUniteLegale": "DURAND"}, None),
        ({}, None),
    ],
)
def test_le_nom_de_l_unite(valeurs: dict[str, str], attendue: str | None) -> None:
    assert unite(**valeurs)["denomination"] == attendue


def test_une_unite_cessee(unites: dict[int, Valeurs]) -> None:
    assert unites[218502920]["est_cessee"]
    lue = unite(etatAdministratifUniteLegale="C", dateDebut="2020-05-01")
    assert lue["cessee_le"] == date(2020, 5, 1)


@pytest.mark.parametrize(
    ("siret", "motif"),
    [
        ("", "SIRET absent"),
        ("1024760660001", "SIRET qui n'a pas 14 chiffres"),
        ("102476066000180", "SIRET qui n'a pas 14 chiffres"),
        ("1024760660001A", "SIRET avec autre chose que des chiffres"),
        ("+0247606600018", "SIRET avec autre chose que des chiffres"),
        ("１０２４７６０６６０００１８", "SIRET avec autre chose que des chiffres"),
        ("10247606600019", "SIRET dont la clé est fausse"),
        ("00000000000000", "SIRET dont la clé est fausse"),
    ],
)
def test_un_siret_faux_est_refuse_avec_son_motif(siret: str, motif: str) -> None:
    brut: dict[str, Any] = dict.fromkeys(mise_en_forme.COLONNES_ETABLISSEMENT) | {"ligne": 7, "siret": siret}
    cadre = pl.DataFrame([brut], schema_overrides={c: pl.String for c in brut if c != "ligne"})
    resultat = mise_en_forme.fiches(cadre)
    assert resultat.gardees.is_empty()
    assert resultat.refusees.rows() == [(7, siret, motif)]


@given(st.lists(st.one_of(st.integers(0, 10**14 - 1), st.integers(0, 99_999).map(lambda n: 356_000_000 * 10**5 + n))))
def test_la_cle_en_colonne_est_celle_des_saisies(numeros: list[int]) -> None:
    cadre = pl.DataFrame({"n": numeros}, schema={"n": pl.UInt64})
    n = pl.col("n")
    en_colonne = cadre.select(juste=mise_en_forme.cle_du_siret_juste(n) | mise_en_forme.regle_de_la_poste(n))["juste"]
    assert en_colonne.to_list() == [saisies.cle_juste(f"{n:014d}") for n in numeros]


def test_un_csv_sans_saut_de_ligne_se_dit(tmp_path: Path) -> None:
    """D'un vieux tableur, qui finit ses lignes par un retour chariot."""
    fichier = tmp_path / "stock.csv"
    fichier.write_bytes(b"siret,codePostalEtablissement\r73282932000074,74000\r")
    with pytest.raises(FichierIllisible, match="ne finissent pas par un saut de ligne"):
        Source(fichier, ["siret"])
