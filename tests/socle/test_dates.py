"""Les dates comme on les écrit en français."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
import time_machine

from apart.socle.dates import heure, jour
from apart.socle.templatetags.apart import heure_paris

pytestmark = pytest.mark.jour


@pytest.mark.parametrize(
    ("quand", "forme", "ecrit"),
    [
        (date(2026, 12, 1), "j F Y", "1er décembre 2026"),
        (date(2026, 11, 23), "j F Y", "23 novembre 2026"),
        (date(2026, 12, 1), "l j F", "mardi 1er décembre"),
        (datetime(2026, 11, 30, 23, 30, tzinfo=UTC), r"j F Y à G \h i", "1er décembre 2026 à 0 h 30"),
    ],
)
def test_le_premier_du_mois_s_ecrit_1er_a_l_heure_de_paris(quand: date, forme: str, ecrit: str) -> None:
    assert jour(quand, forme) == ecrit


@time_machine.travel("2026-11-23T22:50:00+00:00", tick=False)
def test_une_heure_du_lendemain_se_lit_apres_jusqu_a() -> None:
    assert heure(datetime(2026, 11, 23, 22, 55, tzinfo=UTC)) == "23 h 55, heure de Paris"
    assert heure(datetime(2026, 11, 23, 23, 50, tzinfo=UTC)) == "0 h 50, heure de Paris, le 24 novembre 2026"


@time_machine.travel("2026-11-23T22:50:00+00:00", tick=False)
def test_une_page_ne_coupe_pas_une_heure_un_courriel_en_texte_la_plie() -> None:
    soir = datetime(2026, 11, 23, 22, 55, tzinfo=UTC)
    assert heure_paris(soir) == "23\u00a0h\u00a055, heure de Paris"
    assert heure_paris(soir, autoescape=False) == "23 h 55, heure de Paris"
