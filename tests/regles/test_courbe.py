"""Un mois complet se simule toujours en entier, et son dessin avec."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest

from apart.regles.mois import Periode
from apart.regles.simulation import Groupe, courbe, simuler

PREMIER, DERNIER = date(2021, 2, 1), date(2021, 2, 28)  # du lundi au dimanche : quatre semaines tout juste


def groupe(heures: str) -> Groupe:
    return Groupe(Decimal(1900), Decimal(35), (Periode(PREMIER, DERNIER, Decimal(heures)),))


def test_fevrier_de_quatre_semaines_compte_52_douziemes_comme_les_autres() -> None:
    assert simuler(groupe("151.67")).mois[0].indemnisables == Decimal("151.67")
    assert courbe(groupe("10"), PREMIER)[-1].indemnisables == Decimal("151.67")


@pytest.mark.parametrize(
    "dernier", [date(2026, mois, 1) - timedelta(days=1) for mois in range(2, 13)] + [date(2024, 2, 29)]
)
def test_la_courbe_va_de_zero_au_mois_entier_qu_il_ait_28_29_30_ou_31_jours(dernier: date) -> None:
    periode = Periode(dernier - timedelta(days=3), dernier, Decimal(7))
    points = courbe(replace(groupe("0"), periodes=(periode,)), dernier.replace(day=15))
    assert (points[0].chomees, points[-1].chomees) == (Decimal(), Decimal("151.67"))
    assert len(points) == 21
    du, au = points[-1].lignes[0].periode.du, points[-1].lignes[-1].periode.au
    assert (du, au) == (dernier.replace(day=1), dernier)


def test_au_dela_du_mois_c_est_toujours_refuse() -> None:
    with pytest.raises(ValueError, match=r"au plus 151,67 heures"):
        simuler(groupe("151.68"))
