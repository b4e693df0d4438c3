"""Chaque courriel des reprises, rendu avec de vraies valeurs : ses dates se lisent, ses promesses tiennent."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

import apart.reprises
from apart.courriels.neutralite import Adresse, TexteAgent
from apart.courriels.rendu import Message, rendre

MODELES = sorted(p.stem for p in (Path(apart.reprises.__file__).parent / "templates" / "courriels").glob("*.txt"))
PREMIER = datetime(2026, 12, 1, 14, 12, tzinfo=UTC)  # 15 h 12 à Paris, un premier du mois
VALEURS: dict[str, Any] = {
    "denomination": "Boulangerie du Lac",
    "siret": "73282932000074",
    "courriel": Adresse("lea.blanc@boulangerie.fr"),
    "numero": "RA-2026-000012",
    "quoi": "reprise d'accès",
    "est_releve": False,
    "est_reprise": True,
    "est_gardee": False,
    "remplacee": "RA-2026-000011",
    "perd": True,
    "etat": "opposable",
    "piece": "Pièce d'identité du représentant légal",
    "motif": TexteAgent("Rien ne concorde."),
    "dossier": "http://127.0.0.1:8000/agents/reprises/12/",
    "reponse": "http://127.0.0.1:8000/etablissements/73282932000074/reprises/",
    "jusqu_au": PREMIER,
    "le": PREMIER,
    "expire_le": PREMIER,
}
FAUTES = (
    r"\ble \d{1,2} h",  # « le 15 h 12 »
    r"\b(à|jusqu'à|avant) le\b",
    r"\b1 (janvier|décembre)",  # « 1er »
    r"\b\d{4}-\d\d-\d\d|\+00:00|UTC",  # une date brute
    r"\bNone\b|\{\{|\{%",
)


def rendu(modele: str, **valeurs: Any) -> Message:
    return rendre(modele, VALEURS | valeurs, ("lien", "code"))


@pytest.mark.parametrize("etat", ["opposable", "executee", "annulee", "proposee"])
@pytest.mark.parametrize("modele", MODELES)
def test_les_dates_et_les_heures_se_lisent_comme_on_les_ecrit(modele: str, etat: str) -> None:
    message = rendu(modele, etat=etat)
    texte = " ".join(message.texte.split())

    html = " ".join(re.sub(r"<[^>]+>", " ", message.html).split())

    for faute in FAUTES:
        assert not re.search(faute, f"{message.objet} {texte} {html}"), (faute, texte)


def test_une_heure_limite_le_premier_du_mois() -> None:
    assert "jusqu'à 15 h 12, heure de Paris, le mardi 1er décembre" in " ".join(rendu("reprise_avis").texte.split())


def test_la_lettre_revenue_d_une_reprise_n_en_promet_pas_une_autre() -> None:
    """Revenue, il n'en part plus (décision 0019) ; qui a déjà un accès, lui, peut en redemander une."""
    assert "demandez une autre lettre" not in " ".join(rendu("lettre_revenue").texte.split())
    assert "demandez une autre lettre" in " ".join(rendu("lettre_revenue", est_reprise=False).texte.split())


def test_refuser_son_accord_ne_met_rien_en_pause_et_le_message_ne_le_dit_plus() -> None:
    assert "en pause" not in rendu("reprise_accord").texte
