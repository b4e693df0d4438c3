"""Les gestes du formulaire : ajouter, retirer, comparer, sans rien perdre de ce qui est tapé."""

from __future__ import annotations

import pytest

from apart.simulateur.brouillon import GROUPES_PERMIS, Brouillon
from tests.simulateur.envois import groupe


def remplir(*groupes: dict[str, str]) -> Brouillon:
    return Brouillon.du_formulaire({nom: valeur for g in groupes for nom, valeur in g.items()})


def noms(brouillon: Brouillon, scenario: int = 0) -> list[str]:
    return [tape.champs.get("nom", "") for tape in brouillon.scenarios[scenario]]


def test_un_groupe_ajoute_reprend_les_periodes_et_le_regime_du_precedent() -> None:
    brouillon = remplir(groupe(nom="salle", regime="apld"))
    assert brouillon.appliquer("ajouter-groupe a") == "a-2"
    assert brouillon.scenarios[0][1].champs == {"effectif": "1", "duree_hebdomadaire": "35", "regime": "apld"}
    assert brouillon.scenarios[0][1].periodes == brouillon.scenarios[0][0].periodes
    brouillon.scenarios[0][1].periodes[0]["heures"] = "1"
    assert brouillon.scenarios[0][0].periodes[0]["heures"] == "151,67"


def test_retirer_un_groupe_garde_les_autres_et_jamais_moins_d_un() -> None:
    brouillon = remplir(groupe(1, nom="salle"), groupe(2, nom="cuisine"))
    brouillon.appliquer("retirer-groupe a 1")
    assert noms(brouillon) == ["cuisine"]
    brouillon.appliquer("retirer-groupe a 1")
    assert noms(brouillon) == ["cuisine"]


def test_ajouter_et_retirer_une_periode() -> None:
    brouillon = remplir(groupe())
    assert brouillon.appliquer("ajouter-periode a 1") == "a-1-periodes"
    assert brouillon.scenarios[0][0].periodes[1] == {}
    brouillon.appliquer("retirer-periode a 1 1")
    assert brouillon.scenarios[0][0].periodes == [{}]


def test_comparer_copie_le_scenario_et_le_retirer_rend_le_premier() -> None:
    brouillon = remplir(groupe(nom="salle"))
    assert brouillon.appliquer("comparer") == "scenario-b"
    assert noms(brouillon, 1) == ["salle"]
    brouillon.scenarios[1][0].champs["nom"] = "autre"
    assert noms(brouillon) == ["salle"]
    assert brouillon.appliquer("comparer") == "scenario-b"
    assert len(brouillon.scenarios) == 2
    brouillon.appliquer("retirer-scenario")
    assert [len(s) for s in brouillon.scenarios] == [1]


@pytest.mark.parametrize(
    "geste",
    [
        "",
        "voler",
        "ajouter-groupe",
        "ajouter-groupe c",
        "ajouter-periode a 9",
        "retirer-groupe a x",
        "comparer a b",
        *(f"retirer-groupe a {rang}" for rang in ("9" * 5_000, "0" * 5_000, "٢", "-1")),
        "retirer-periode a 1 " + "9" * 5_000,
    ],
)
def test_un_geste_inconnu_ou_impossible_ne_change_rien(geste: str) -> None:
    brouillon = remplir(groupe())
    avant = brouillon.en_json()
    assert brouillon.appliquer(geste) == ""
    assert brouillon.en_json() == avant


def test_les_rangs_troues_et_les_noms_etrangers_ne_genent_pas() -> None:
    brouillon = Brouillon.du_formulaire(
        {"a-7-nom": "b", "a-3-nom": "a", "z-1-nom": "?", "a-1-pirate": "?", "a-99999-nom": "?"}
    )
    assert noms(brouillon) == ["a", "b"]


def test_le_cinquante_et_unieme_groupe_se_refuse() -> None:
    brouillon = remplir(*(groupe(rang) for rang in range(1, GROUPES_PERMIS + 1)))
    brouillon.appliquer("ajouter-groupe a")
    assert (len(brouillon.scenarios[0]), brouillon.en_trop) == (GROUPES_PERMIS, 1)


def test_des_milliers_de_groupes_sont_bornes() -> None:
    brouillon = Brouillon.du_formulaire({f"a-{rang}-nom": "x" for rang in range(1, 3_000)})
    assert len(brouillon.scenarios[0]) == GROUPES_PERMIS
    assert brouillon.en_trop == 2_949
