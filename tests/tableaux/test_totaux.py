"""Les lignes de total se reconnaissent à leur libellé ; les personnes et les mots du métier n'en sont pas."""

from __future__ import annotations

import pytest

from apart.tableaux.totaux import lignes_de_total
from tests.tableaux.fabrique import lu

TOTAUX = [
    "TOTAL", "Total général", "Totaux", "total :", "** TOTAL **", "Sous-total", "SOUS TOTAL ATELIER", "S/Total",
    "S/s total", "S-Total service 12", "ss-total", "Subtotal", "Grand total", "Cumul", "Cumulé 2026", "TOTAL ATELIER",
    "Ensemble", "Moyenne", "Σ", "Somme", "Général",
]  # fmt: skip
PERSONNES = ["Totaline", "Mme Total", "Totalenergies", "Cumulus", "Durand", "Sous-chef", "Le Total", "Somme Paul"]


@pytest.mark.parametrize("libelle", TOTAUX)
def test_une_ligne_de_total_est_reconnue(libelle: str) -> None:
    """Même si elle porte un mois et un salaire, comme les autres."""
    assert lignes_de_total(lu(f"nom;mois;heures\nA;04/2026;7\n{libelle};04/2026;7\nB;04/2026;7\n")) == [1]


@pytest.mark.parametrize("libelle", PERSONNES)
def test_une_personne_n_est_pas_un_total(libelle: str) -> None:
    assert lignes_de_total(lu(f"nom;mois;heures\n{libelle};04/2026;7\n")) == []


def test_le_libelle_peut_suivre_un_service_ou_des_cases_vides() -> None:
    assert lignes_de_total(lu("service;nom;heures\nA;B;7\nA;Total;7\n;Total;7\n;;Total 14\n")) == [1, 2, 3]


def test_un_mot_plus_loin_dans_la_ligne_n_est_pas_un_libelle() -> None:
    assert lignes_de_total(lu("nom;mois;chômage;heures\nA;04/2026;total;7\nB;04/2026;partiel;7\n")) == []
