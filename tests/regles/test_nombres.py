"""Du nombre exact au centime, et les formules nues, en centimes."""

from __future__ import annotations

from decimal import Decimal

import numpy as np
import pytest

from apart.regles import formules, nombres
from apart.regles.formules import SANS_PLAFOND, Cas, Tableaux


@pytest.mark.parametrize(
    ("exact", "centimes"), [("7.175", 718), ("21.525", 2153), ("31.9725", 3197), ("0.004", 0), ("10.15", 1015)]
)
def test_la_moitie_va_vers_le_haut(exact: str, centimes: int) -> None:
    assert nombres.centiemes(Decimal(exact)) == centimes
    assert nombres.arrondir(Decimal(exact)) == nombres.depuis_centiemes(centimes)


def test_un_nombre_de_la_loi_tombe_juste() -> None:
    assert nombres.entier(Decimal("45.675"), 3) == 45_675
    with pytest.raises(ValueError, match="plus de 2 décimales"):
        nombres.entier(Decimal("45.675"), 2)


@pytest.mark.parametrize(("heures", "centimes"), [(149, 1), (150, 2)])
def test_un_total_s_arrondit_a_la_moitie(heures: int, centimes: int) -> None:
    """Un centime de l'heure : 1,49 h en donnent un, 1,50 h deux."""
    assert formules.total(1, heures) == centimes


def test_les_formules_donnent_le_meme_centime_a_un_cas_et_a_des_lignes() -> None:
    """70 % de 10,25 € : 7,175 €, donc 7,18 € ; et 60 % de 45,675 €, sans arrondir le plafond."""
    assert formules.proportion(1025, 7000, SANS_PLAFOND, Cas) == 718
    assert formules.proportion(6000, 6000, 45_675, Cas) == 2741
    lignes = formules.proportion(
        np.array([1025, 6000]), np.array([7000, 6000]), np.array([SANS_PLAFOND, 45_675]), Tableaux
    )
    assert lignes.tolist() == [718, 2741]
    assert formules.total(718, 1050) == 7539, "10,5 heures"


@pytest.mark.parametrize("plancher", [699, 700, 701])
def test_un_plancher_ne_joue_que_s_il_depasse_le_taux(plancher: int) -> None:
    """À égalité, c'est le taux que l'explication cite."""
    n = formules.Nombres(7000, SANS_PLAFOND, plancher, 7000, SANS_PLAFOND, plancher)
    attendu = (max(700, plancher), formules.Branche.PLANCHER if plancher > 700 else 0)
    assert formules.indemnite(1000, n, Cas) == attendu
    assert formules.allocation(1000, n, Cas) == attendu


def test_aucune_branche_n_en_contient_une_autre() -> None:
    """Elles s'ajoutent l'une à l'autre, et le plus grand l'emporte."""
    assert [branche.bit_count() for branche in formules.Branche] == [1] * len(formules.Branche)
    assert len(formules.Branche) == 7
