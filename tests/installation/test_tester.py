"""« make test » jusqu'à pytest, sur une machine qui a, ou n'a pas, un PostgreSQL à elle."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

DATE = shutil.which("date")
RACINE = Path(__file__).parents[2]
OPTIONS = "-n auto --dist worksteal --tb=short -rs"
SANS_NAVIGATEUR = f"{OPTIONS} -n{len(os.sched_getaffinity(0)) + 1}"
UNE_FOIS = [
    "regles",
    *(f"test_{nom}.py" for nom in ("gestes", "gestes_croises", "saisies_folles", "acces", "entetes")),
]
SANS = " ".join(f"--ignore=tests/{chemin}" for chemin in [*UNE_FOIS, "reprises/test_imposteur.py"])


@pytest.fixture
def depot(tmp_path: Path) -> Path:
    """Le script, un pytest qui dit comment on l'appelle, et des navigateurs déjà là."""
    (tmp_path / "outils").mkdir()
    shutil.copy(RACINE / "outils" / "tester", tmp_path / "outils")
    poser(tmp_path / ".venv/bin/pytest", 'echo "pytest ${APART_POSTGRES_BIN:-embarqué}${TESTS_LE:+ le $TESTS_LE} $*"')
    for nom in ("chromium-headless-shell", "firefox-esr"):
        poser(tmp_path / "bin" / nom, "exit 0")
    return tmp_path


def poser(programme: Path, corps: str) -> None:
    programme.parent.mkdir(parents=True, exist_ok=True)
    programme.write_text(f"#!/bin/sh\n{corps}\n")
    programme.chmod(0o755)


def lancer(depot: Path, **reglages: str) -> subprocess.CompletedProcess[str]:
    environnement = {
        "PATH": f"{depot / 'bin'}:{os.environ['PATH']}",
        "PAQUETS_POSTGRESQL": str(depot / "postgresql"),
        **reglages,
    }
    return subprocess.run(
        [str(depot / "outils" / "tester"), "-x"], env=environnement, capture_output=True, text=True, check=False
    )


def test_sans_postgresql_du_systeme_les_tests_passent_sur_l_embarque(depot: Path) -> None:
    fini = lancer(depot)
    assert fini.returncode == 0
    assert "PostgreSQL du système absent" in fini.stdout
    assert fini.stdout.splitlines()[-1] == f"pytest embarqué {OPTIONS} -x"


def test_avec_un_postgresql_du_systeme_ils_passent_sur_les_deux(depot: Path) -> None:
    for version in ("9", "15"):
        poser(depot / "postgresql" / version / "bin" / "initdb", "exit 0")
    poser(depot / "postgresql/15/bin/postgres", "echo postgres 15")
    lignes = lancer(depot).stdout.splitlines()
    assert lignes[-3] == f"pytest {depot}/postgresql/15/bin {SANS_NAVIGATEUR} -m base and not navigateur {SANS} -x"
    assert lignes[-1] == f"pytest embarqué {OPTIONS} -x"


@pytest.mark.parametrize(("jour", "le"), [("2026-11-23", "2026-12-25"), ("2026-11-24", "2027-12-24")])
def test_en_ci_ce_qui_depend_du_jour_passe_aussi_dans_un_mois_ou_dans_treize_un_jour_sur_deux(
    depot: Path, jour: str, le: str
) -> None:
    """« date » croit être ce jour-là : il ajoute au jour ce que lui demande le script."""
    poser(depot / "bin/date", f'[ "$1" = -d ] && exec {DATE} -ud "{jour} $2" "$3" || exec {DATE} -ud {jour} "$1"')
    fini = lancer(depot, CI="true", DATABASE_URL="postgresql://ailleurs/apart", TESTS_LE="1999-12-31")
    ailleurs, derniere = [ligne for ligne in fini.stdout.splitlines() if ligne.startswith("pytest")]
    assert ailleurs == f"pytest embarqué le {le} {SANS_NAVIGATEUR} -m (base or jour) and not navigateur {SANS} -x"
    assert derniere == f"pytest embarqué {OPTIONS} -x"


def test_ailleurs_qu_en_ci_ils_ne_passent_qu_aujourd_hui(depot: Path) -> None:
    assert "pytest embarqué le" not in lancer(depot, TESTS_LE="1999-12-31").stdout


def test_un_test_en_echec_fait_echouer_la_commande(depot: Path) -> None:
    poser(depot / ".venv/bin/pytest", "exit 1")
    assert lancer(depot).returncode == 1
