"""Les exemples publiés par le ministère et d'autres : chacun est retrouvé, ou son écart expliqué à côté."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from apart.regles.cas import calculer
from apart.regles.traces import simple

FICHIERS = [Path(__file__).parent / nom for nom in ("cas_officiels.json", "cas_officiels_2.json")]
CAS: list[dict[str, Any]] = [
    cas for fichier in FICHIERS for cas in json.loads(fichier.read_text(), parse_float=Decimal)["cas"]
]

# Pourquoi nous ne donnons pas le chiffre publié ; « nous » est ce que la règle donne.
NOTRE_REPONSE: dict[str, dict[str, str]] = {
    # La source tronque 21,315 à 21,31 ; demi-supérieur : 21,32.
    "C02": {"indemnite_horaire": "21.32", "allocation_horaire": "21.32"},
    # La source tronque 35,525, et arrondit 45,675 à 45,68 avant d'appliquer 70 %.
    "C03": {"indemnite_horaire": "35.53", "allocation_horaire": "31.97"},
    # La source tronque 21,315.
    "C05": {"indemnite_horaire": "21.32", "allocation_horaire": "18.27"},
    # La source applique 56 %, taux supprimé avant d'avoir servi (D. 2020-1188).
    "C12": {"indemnite_horaire": "31.97", "allocation_horaire": "27.41"},
    # La source n'arrondit pas le taux horaire : 1 107,67 € × 70 %.
    "C30": {"indemnite_totale": "775.32"},
    # La source arrondit 45,675 à 45,68 avant d'appliquer 70 %.
    "C54": {"plafond_horaire": "31.97"},
    # La source compte un mois ; trente jours calendaires vont au 19 avril.
    "C62": {"limite": "2020-04-19"},
    # La source borne l'allocation d'un alternant à sa rémunération ; R5122-18 d'alors, à l'indemnité : 70 % de 4,36 €.
    "AG07": {"allocation_horaire": "3.05"},
    # La source n'arrondit pas le taux horaire : 2 300 € × 50 % × 70 %.
    "AG08": {"indemnite_totale": "804.66"},
}
# Écart annoncé par le fichier, et corrigé depuis : le plafond de Mayotte suit le SMIC local.
RATTRAPES = {"AG09"}
ECARTS = [cas for cas in CAS if cas["id"] in NOTRE_REPONSE]
ACCORDS = [cas for cas in CAS if cas["id"] not in NOTRE_REPONSE]


@pytest.mark.parametrize("cas", ACCORDS, ids=lambda cas: cas["id"])
def test_l_exemple_publie_est_retrouve(cas: dict[str, Any]) -> None:
    resultats = calculer(cas).resultats
    assert {nom: resultats[nom] for nom in cas["attendus"]} == cas["attendus"]


@pytest.mark.parametrize("cas", ECARTS, ids=lambda cas: cas["id"])
def test_l_ecart_avec_l_exemple_publie_est_connu(cas: dict[str, Any]) -> None:
    """Le chiffre publié n'est pas le nôtre, pour la raison que donne le fichier ; le nôtre est dit ici."""
    resultats = {nom: simple(valeur) for nom, valeur in calculer(cas).resultats.items()}
    voulus = NOTRE_REPONSE[cas["id"]]
    assert {nom: resultats[nom] for nom in voulus} == voulus
    assert any(resultats[nom] != str(cas["attendus"][nom]) for nom in voulus)
    assert cas["raison_du_desaccord"]


def test_chaque_ecart_a_sa_reponse() -> None:
    annonces = {cas["id"] for cas in CAS if not cas["accord_avec_regles"]}
    assert annonces == NOTRE_REPONSE.keys() | RATTRAPES
    assert len(CAS) == len({cas["id"] for cas in CAS})
