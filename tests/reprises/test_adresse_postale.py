"""L'adresse d'une fiche du répertoire, écrite comme la poste la lit (NF Z10-011)."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from apart.repertoire.models import Fiche, Unite
from apart.reprises.lettres import SansAdresse, adresse_postale

FICHE: dict[str, Any] = {
    "siret": "73282932000074",
    "enseigne": "BOULANGERIE DU LAC",
    "numero_voie": "12",
    "type_voie": "RUE",
    "libelle_voie": "DU LAC",
    "code_postal": "74000",
    "ville": "ANNECY",
}
POSTAL = re.compile(r"[A-Z0-9 ]{1,38}(\n[A-Z0-9 ]{1,38}){1,6}")


def lignes(**champs: Any) -> list[str]:
    return adresse_postale(Fiche(**(FICHE | champs))).split("\n")


def test_le_nom_la_voie_la_localite() -> None:
    assert lignes() == ["BOULANGERIE DU LAC", "12 RUE DU LAC", "74000 ANNECY"]


def test_majuscules_sans_accent_ni_ponctuation() -> None:
    assert lignes(enseigne="L'Œuf & Fils (S.A.)", libelle_voie="de l’Hôtel-de-Ville", numero_voie="5-7") == [
        "L OEUF ET FILS S A",
        "5 7 RUE DE L HOTEL DE VILLE",
        "74000 ANNECY",
    ]


def test_le_complement_precede_la_voie_et_la_boite_postale_la_suit() -> None:
    assert lignes(complement="BATIMENT C, BP 12", code_postal="92158", ville="SURESNES CEDEX") == [
        "BOULANGERIE DU LAC",
        "BATIMENT C",
        "12 RUE DU LAC",
        "BP 12",
        "92158 SURESNES CEDEX",
    ]


def test_hors_de_france_le_pays_finit_l_adresse() -> None:
    assert lignes(code_postal="", ville="HAMBOURG", pays="ALLEMAGNE")[-2:] == ["HAMBOURG", "ALLEMAGNE"]
    assert lignes(code_postal="98000", ville="MONACO", pays="MONACO")[-2:] == ["98000 MONACO", "MONACO"]


def test_une_voie_trop_longue_s_abrege_avant_de_se_plier() -> None:
    assert lignes(type_voie="AVENUE", libelle_voie="DU MARECHAL DE LATTRE TASSIGNY")[1:-1] == [
        "12 AV DU MARECHAL DE LATTRE TASSIGNY"
    ]
    assert lignes(type_voie="AVENUE", libelle_voie="DU MARECHAL JEAN DE LATTRE DE TASSIGNY ET DES ALLIES")[1:-1] == [
        "12 AV DU MAL JEAN DE LATTRE DE",
        "TASSIGNY ET DES ALLIES",
    ]


def test_un_nom_trop_long_se_plie_et_cede_la_place_a_l_adresse() -> None:
    entier = "COMITE SOCIAL ET ECONOMIQUE DE LA COMPAGNIE GENERALE DES TRANSPORTS DU LAC D ANNECY ET DES ARAVIS"
    assert len(lignes(enseigne=entier)) == 4
    serree = lignes(enseigne=entier, complement="ZONE DES LACS, BATIMENT C, ESCALIER 3, BP 12")
    assert serree[0] == "COMITE SOCIAL ET ECONOMIQUE DE LA"
    assert len(serree) == 6


def test_une_localite_trop_longue_garde_ses_premiers_mots() -> None:
    ville = "SAINT REMY EN BOUZEMONT SAINT GENEST ET ISSON"
    assert lignes(code_postal="51290", ville=ville)[-1] == "51290 SAINT REMY EN BOUZEMONT SAINT"


def test_un_nom_masque_ou_d_une_autre_ecriture_laisse_le_siret() -> None:
    assert lignes(enseigne="李")[0] == "ETABLISSEMENT 73282932000074"


@pytest.mark.parametrize(
    ("champs", "raison"),
    [
        ({"est_masquee": True}, "ne soit pas publiée"),
        ({"libelle_voie": "[ND]"}, "ne soit pas publiée"),
        ({"ville": "[ND]"}, "ne soit pas publiée"),
        ({"unite": Unite(siren="732829320", est_masquee=True)}, "ne soit pas publiée"),
        ({"libelle_voie": ""}, "incomplète"),
        ({"ville": ""}, "incomplète"),
        ({"code_postal": ""}, "incomplète"),
        ({"pays": "ALLEMAGNE", "ville": ""}, "incomplète"),
        ({"est_fermee": True}, "fermé"),
        ({"complement": "A" * 38 + "," + "B" * 38 + "," + "C" * 38 + "," + "D" * 38}, "ne tient pas"),
    ],
)
def test_sans_adresse_sure_aucune_lettre(champs: dict[str, Any], raison: str) -> None:
    with pytest.raises(SansAdresse, match=raison):
        lignes(**champs)


def test_un_etablissement_inconnu_du_repertoire_n_a_pas_d_adresse() -> None:
    with pytest.raises(SansAdresse, match="ne connaît pas"):
        adresse_postale(None)


@pytest.mark.jour
def test_une_fermeture_a_venir_laisse_partir_la_lettre() -> None:
    assert lignes(est_fermee=True, fermee_le=timezone.localdate() + timedelta(30))


@given(st.fixed_dictionaries({nom: st.text(max_size=120) for nom in FICHE if nom != "siret"} | {
    "complement": st.text(max_size=160), "pays": st.text(max_size=60)
}))  # fmt: skip
def test_quoi_que_dise_le_repertoire_l_adresse_tient_ou_rien_ne_part(champs: dict[str, str]) -> None:
    try:
        ecrite = adresse_postale(Fiche(**(FICHE | champs)))
    except SansAdresse:
        return
    assert POSTAL.fullmatch(ecrite)
