"""Le dessin d'un mois : ses surfaces tiennent dans le cadre, quel que soit le salaire."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from apart.regles.mois import Periode
from apart.regles.simulation import Groupe, simuler
from apart.simulateur.graphique import CADRE, dessiner


def courbe(salaire: str, heures: str = "60") -> dict[str, Any]:
    periode = Periode(date(2026, 6, 1), date(2026, 6, 30), Decimal(heures))
    return dessiner(simuler(Groupe(Decimal(salaire), Decimal(35), (periode,))), "a1")


@pytest.mark.parametrize("salaire", ["1900", "2400", "3100", "5000", "12345.67", "99999", "999999"])
def test_les_surfaces_tiennent_dans_le_cadre(salaire: str) -> None:
    dessin = courbe(salaire)
    for _, _, contour in dessin["surfaces"]:
        for point in contour.split():
            x, y = map(float, point.split(","))
            assert CADRE["gauche"] <= x <= CADRE["droite"]
            assert CADRE["haut"] <= y <= CADRE["bas"]
    assert 2 <= len(dessin["ordonnees"]) <= 6


def test_le_trait_des_heures_simulees_manque_quand_il_n_y_en_a_pas() -> None:
    assert courbe("2400", "0")["actuel"] is None
    assert courbe("2400")["actuel"][1] == "60\u00a0h"
