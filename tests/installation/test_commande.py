"""La commande « apart » : une base qui répond, ou une phrase."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from tests.installation.lanceur import APART, REGLAGES


def apart(*arguments: str, **reglages: str) -> subprocess.CompletedProcess[str]:
    environnement = {cle: valeur for cle, valeur in os.environ.items() if cle not in REGLAGES}
    return subprocess.run(
        [APART, *arguments], env={**environnement, **reglages}, capture_output=True, text=True, check=False
    )


@pytest.mark.parametrize(
    ("reglages", "phrase"),
    [
        ({"DATABASE_URL": "postgresql://apart@127.0.0.1:1/apart"}, "La base de données ne répond pas"),
        ({"DATABASE_URL": "mysql://base"}, "Réglage DATABASE_URL : Apart ne connaît que PostgreSQL"),
        ({"URL_PUBLIQUE": "apart.fr"}, "Réglage URL_PUBLIQUE : « apart.fr »"),
        ({"APART_POSTGRES_BIN": "/nulle/part"}, "dans le dossier /nulle/part (réglage APART_POSTGRES_BIN)"),
    ],
)
def test_ce_qui_empeche_de_travailler_se_dit_en_une_phrase(
    reglages: dict[str, str], phrase: str, tmp_path: Path
) -> None:
    fini = apart("migrate", APART_VAR=str(tmp_path / "var"), **reglages)
    assert fini.returncode == 1
    assert phrase in fini.stderr
    assert "Traceback" not in fini.stderr


def test_une_commande_sans_base_n_en_demarre_pas(tmp_path: Path) -> None:
    fini = apart("version", APART_VAR=str(tmp_path / "var"))
    assert fini.returncode == 0
    assert not (tmp_path / "var" / "postgres").exists()
