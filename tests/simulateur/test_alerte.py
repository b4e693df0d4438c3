"""L'exploitant apprend que le barème finit : `apart check`, le journal de la nuit."""

from __future__ import annotations

import logging
from io import StringIO

import pytest
import time_machine
from django.core import checks
from django.core.management.base import BaseCommand

from apart.simulateur.taches import avertir

AVANT, DES = "2026-10-30 12:00", "2026-10-31 12:00"


def avertissements() -> list[str]:
    return [message.id or "" for message in checks.run_checks() if message.id and message.id.startswith("apart.")]


@pytest.mark.parametrize(("jour", "attendus"), [(AVANT, []), (DES, ["apart.W001"])])
def test_apart_check_avertit_trente_jours_avant_la_fin_du_bareme(jour: str, attendus: list[str]) -> None:
    with time_machine.travel(jour, tick=False):
        assert avertissements() == attendus


def test_les_autres_commandes_ne_le_repetent_pas() -> None:
    dit = StringIO()
    with time_machine.travel(DES, tick=False):
        BaseCommand(stderr=dit).check()
    assert dit.getvalue() == ""


@pytest.mark.parametrize(("jour", "lignes"), [(AVANT, 0), (DES, 1)])
def test_le_journal_de_la_nuit_l_ecrit_une_fois(jour: str, lignes: int, caplog: pytest.LogCaptureFixture) -> None:
    with time_machine.travel(jour, tick=False):
        avertir(timestamp=0)
    ecrites = [ligne for ligne in caplog.records if ligne.levelno == logging.WARNING]
    assert len(ecrites) == lignes
    assert all("Installez la version suivante d'Apart." in ligne.getMessage() for ligne in ecrites)
