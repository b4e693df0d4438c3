"""Un mois complet se simule toujours en entier, et son dessin avec."""

from __future__ import annotations

from datetime import date
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


def test_au_dela_du_mois_c_est_toujours_refuse() -> None:
    with pytest.raises(ValueError, match=r"au plus 151,67 heures"):
        simuler(groupe("151.68"))
