"""Le pourquoi d'un montant : il s'imprime, se garde en JSON, et se relit des années après."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from syrupy.assertion import SnapshotAssertion

from apart.regles.bareme import bareme
from apart.regles.cas import calculer
from apart.regles.horaire import montant_horaire
from apart.regles.mois import Periode, totaliser
from apart.regles.simulation import Groupe, simuler
from apart.regles.situations import Situation, Statut
from apart.regles.traces import VERSION, Etape, archive, reserves, simple

MARS = Periode(date(2026, 3, 2), date(2026, 3, 31), Decimal(70))
EMPLOYE = montant_horaire(Decimal("13.19"), MARS.du)
GROUPE = Groupe(Decimal(2000), Decimal(35), (MARS,))
RESULTATS = {
    "MontantHoraire": EMPLOYE,
    "Totaux": totaliser(Decimal("13.19"), [MARS]),
    "Resultat": simuler(GROUPE),
    "Mois": simuler(GROUPE).mois[0],
    "Reponse": calculer({"type": "forfait", "date": "2019-06-15", "entrees": {"effectif": 250}}),
}


def relu(garde: dict[str, object]) -> Any:
    """Une archive, écrite puis relue en JSON."""
    return json.loads(json.dumps(garde))


def test_un_montant_s_explique_en_francais() -> None:
    assert str(EMPLOYE) == (
        "Heure chômée le 2 mars 2026 : droit commun.\n"
        "Indemnité : 60\u00a0% de 13,19\u00a0€ = 7,91\u00a0€.\n"
        "Relevée au plancher : 9,52\u00a0€.\n"
        "Allocation : 36\u00a0% de 13,19\u00a0€ = 4,75\u00a0€.\n"
        "Relevée au plancher : 8,57\u00a0€."
    )


def test_une_reserve_s_imprime_apres_les_etapes() -> None:
    partiel = montant_horaire(Decimal("13.19"), MARS.du, Situation(statut=Statut.TEMPS_PARTIEL))
    assert str(partiel).splitlines()[-1].startswith("Réserve : ")


def test_un_plafond_s_ecrit_sans_etre_arrondi() -> None:
    cadre = montant_horaire(Decimal(60), date(2020, 11, 2))
    assert "60\u00a0% de 45,675\u00a0€ (rémunération de 60,00\u00a0€ plafonnée à 4,5 SMIC) = 27,41\u00a0€." in str(
        cadre
    )


@pytest.mark.parametrize(("salaire", "plafonnee"), [("45.67", False), ("45.68", True)])
def test_une_remuneration_ne_se_dit_plafonnee_qu_au_dela_du_plafond(salaire: str, plafonnee: bool) -> None:
    cadre = montant_horaire(Decimal(salaire), date(2020, 11, 2))
    assert ("plafonnée à 4,5 SMIC" in str(cadre)) is plafonnee


def test_un_montant_entier_se_garde_en_json(snapshot: SnapshotAssertion) -> None:
    """La forme gardée ne change pas sans que VERSION change."""
    partiel = montant_horaire(Decimal("13.19"), MARS.du, Situation(statut=Statut.TEMPS_PARTIEL))
    assert json.dumps(archive(partiel)["resultat"], ensure_ascii=False, indent=1) == snapshot


def test_chaque_etape_porte_ses_parametres_leur_date_et_leur_source() -> None:
    etape = relu(EMPLOYE.trace[1].en_dict())
    taux = etape["parametres"][0]
    assert (etape["regle"], etape["article"], etape["resultat"]) == ("indemnite-horaire", "R5122-18", "7.91")
    assert (taux["cle"], taux["valeur"], taux["depuis"]) == ("droit_commun.indemnite_taux", "0.60", "2021-07-01")
    assert "R. 5122-18" in taux["source"]


@pytest.mark.parametrize("genre", RESULTATS)
def test_un_resultat_archive_se_relit_tel_quel(genre: str) -> None:
    garde = archive(RESULTATS[genre])
    assert relu(garde) == garde
    assert (garde["version"], garde["genre"]) == (VERSION, genre)
    assert garde["bareme"] == {
        "etabli_le": bareme().etabli_le.isoformat(),
        "connu_jusqu_au": bareme().connu_jusqu_au.isoformat(),
    }
    assert json.loads(json.dumps(simple(RESULTATS[genre]))) == simple(RESULTATS[genre])


def parametres(objet: Any) -> list[dict[str, Any]]:
    """Tous les paramètres cités dans une archive, où qu'ils soient."""
    if isinstance(objet, list):
        return [p for element in objet for p in parametres(element)]
    if not isinstance(objet, dict):
        return []
    return [*objet.get("parametres", []), *(p for valeur in objet.values() for p in parametres(valeur))]


@pytest.mark.parametrize("genre", RESULTATS)
def test_un_resultat_archive_dit_les_valeurs_et_leurs_sources(genre: str) -> None:
    lus = parametres(archive(RESULTATS[genre]))
    assert lus
    for lu in lus:
        assert lu["source"]
        assert date.fromisoformat(lu["depuis"])
        assert lu["cle"] in bareme().parametres


def test_une_archive_porte_aussi_les_totaux_que_l_on_en_deduit() -> None:
    mois = relu(archive(RESULTATS["Resultat"]))["resultat"]["mois"][0]
    assert (mois["indemnite"], mois["allocation"], mois["reste_a_charge"]) == ("666.40", "599.90", "66.50")
    totaux = relu(archive(RESULTATS["Totaux"]))["resultat"]
    assert (totaux["heures"], totaux["indemnite"]) == ("70", "666.40")
    assert isinstance(mois["reserves"], list)


def test_les_reserves_ne_se_repetent_pas() -> None:
    douteuse = bareme().valeur("smic.horaire_net", date(2026, 7, 1))
    etape = Etape("regime", "L5122-1", "", {}, None, "mot", (douteuse, douteuse))
    assert reserves([etape, etape]) == (douteuse.reserve,)


def test_simple_rend_les_choses_de_python_en_choses_de_json() -> None:
    assert simple((Decimal("1.50"), date(2026, 1, 2), Statut.ORDINAIRE, {1: [None]}, True)) == [
        *("1.50", "2026-01-02", "ordinaire", {"1": [None]}, True),
    ]
