"""Après ce que l'on connaît : les derniers taux tiennent et le disent, les fins écrites restent des fins."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from apart.regles.bareme import HorsBareme
from apart.regles.horaire import montant_horaire
from apart.regles.situations import Dispositif, Situation

PROJETE = "Calculé avec les taux connus au 30 novembre 2026 ; ceux qui suivent ne sont pas encore publiés."


def test_un_mois_a_venir_se_calcule_aux_derniers_taux_et_le_dit_une_fois() -> None:
    connu, projete = (montant_horaire(Decimal(12), jour) for jour in (date(2026, 11, 30), date(2026, 12, 1)))
    assert (projete.indemnite, projete.allocation) == (connu.indemnite, connu.allocation)
    assert PROJETE not in connu.reserves
    assert projete.reserves == (PROJETE, *connu.reserves)
    assert montant_horaire(Decimal(12), date(2031, 5, 2)).reserves == projete.reserves


def test_une_fin_connue_reste_une_fin() -> None:
    apld, rebond = Situation(Dispositif.APLD), Situation(Dispositif.APLD_REBOND)
    assert PROJETE in montant_horaire(Decimal(30), date(2026, 12, 31), apld).reserves
    with pytest.raises(HorsBareme, match="L'APLD vaut du 1er juillet 2020 au 31 décembre 2026"):
        montant_horaire(Decimal(30), date(2027, 1, 1), apld)
    assert montant_horaire(Decimal(30), date(2028, 4, 30), rebond).allocation == Decimal(18)
    with pytest.raises(HorsBareme, match="rebond vaut du 16 avril 2025 au 30 avril 2028"):
        montant_horaire(Decimal(30), date(2028, 5, 1), rebond)


def test_une_annee_mal_tapee_est_refusee() -> None:
    assert montant_horaire(Decimal(30), date(2040, 12, 31)).allocation == Decimal("10.80")
    with pytest.raises(
        HorsBareme, match=r"^Le calcul va jusqu'au 31 décembre 2040 : vérifiez l'année du 1er mars 2206\.$"
    ):
        montant_horaire(Decimal(30), date(2206, 3, 1))
