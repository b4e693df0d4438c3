"""Mayotte : les taux du droit commun, ses planchers, son SMIC, et ce que l'on garde quand un relevé manque."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from apart.regles.bareme import HorsBareme
from apart.regles.conditions import conditions
from apart.regles.horaire import montant_horaire
from apart.regles.situations import Dispositif, Situation, Statut


@pytest.mark.parametrize(
    ("jour", "plancher"),
    [
        *[("2020-09-01", "7.05"), ("2021-10-01", "6.52"), ("2022-01-01", "6.54"), ("2022-05-01", "6.71")],
        *[("2022-08-01", "6.85"), ("2023-01-01", "6.94"), ("2024-01-01", "7.14"), ("2024-11-01", "7.29")],
        *[("2026-01-01", "7.50")],
    ],
)
def test_mayotte_a_les_taux_du_droit_commun_et_son_plancher(jour: str, plancher: str) -> None:
    mayotte, le = Situation(mayotte=True), date.fromisoformat(jour)
    n, ordinaire = conditions(mayotte, le).nombres, conditions(Situation(), le).nombres
    assert (n.indemnite_taux, n.allocation_taux) == (ordinaire.indemnite_taux, ordinaire.allocation_taux)
    assert n.allocation_plancher == int(Decimal(plancher) * 100)


def test_mayotte_apres_le_cyclone_chido() -> None:
    mayotte = Situation(mayotte=True)
    for jour in (date(2024, 12, 14), date(2025, 9, 30)):
        montant = montant_horaire(Decimal(20), jour, mayotte)
        assert (montant.indemnite, montant.allocation) == (Decimal(14), Decimal(14))
        assert montant_horaire(Decimal("9.00"), jour, mayotte).allocation == Decimal("8.10")
    apres = montant_horaire(Decimal(20), date(2025, 10, 1), mayotte)
    assert (apres.indemnite, apres.allocation) == (Decimal(12), Decimal("7.29"))


def test_en_apld_apres_le_cyclone_le_taux_majore_est_dit_non_lu() -> None:
    montant = montant_horaire(Decimal(20), date(2025, 2, 1), Situation(mayotte=True, dispositif=Dispositif.APLD))
    assert montant.allocation == Decimal(14)
    assert any("n° 2025-254 n'a pas été lu" in phrase for phrase in montant.reserves)


def test_avant_2020_l_allocation_a_mayotte_ne_se_devine_pas() -> None:
    with pytest.raises(HorsBareme, match="n'a pas été relevée"):
        montant_horaire(Decimal(12), date(2019, 6, 1), Situation(mayotte=True))


@pytest.mark.parametrize(
    ("jour", "plancher"), [("2021-03-01", "6.35"), ("2021-08-01", "6.35"), ("2023-06-01", "6.94")]
)
def test_a_mayotte_un_plancher_non_lu_laisse_jouer_le_dernier_et_le_dit(jour: str, plancher: str) -> None:
    montant = montant_horaire(Decimal(10), date.fromisoformat(jour), Situation(mayotte=True))
    assert montant.allocation == Decimal(plancher)
    assert any("Plancher horaire de l'allocation à Mayotte" in phrase for phrase in montant.reserves)


def test_a_mayotte_le_plafond_est_de_4_5_smic_de_mayotte() -> None:
    montant = montant_horaire(Decimal(60), date(2025, 1, 15), Situation(mayotte=True))
    assert (montant.indemnite, montant.allocation) == (Decimal("28.29"), Decimal("28.29"))


def test_un_smic_net_inconnu_n_abandonne_pas_le_plancher_de_l_indemnite() -> None:
    """Mayotte, novembre 2026 : l'indemnité passait sous l'allocation."""
    montant = montant_horaire(Decimal("9.56"), date(2026, 11, 2), Situation(mayotte=True))
    assert (montant.indemnite, montant.allocation) == (Decimal("8.33"), Decimal("7.50"))
    assert any("SMIC horaire net à Mayotte" in phrase for phrase in montant.reserves)


def test_a_mayotte_l_allocation_ne_depasse_pas_la_remuneration() -> None:
    """Un alternant à 60 % du SMIC local gagne moins que le plancher."""
    montant = montant_horaire(Decimal("5.60"), date(2026, 3, 2), Situation(statut=Statut.ALTERNANT, mayotte=True))
    assert (montant.indemnite, montant.allocation) == (Decimal("5.60"), Decimal("5.60"))
    salarie = montant_horaire(Decimal("7.66"), date(2020, 4, 1), Situation(mayotte=True))
    assert salarie.allocation == Decimal("7.66")
    assert "D5522-87" in {etape.article for etape in salarie.trace}
