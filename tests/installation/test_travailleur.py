"""Le travailleur et une base qui manque : il attend, le dit, et reprend. Sur un PostgreSQL à lui, que l'on arrête."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

import pytest
from procrastinate.schema import SchemaManager

from apart.embarque import postgres
from tests.installation.lanceur import PATIENCE, attendre
from tests.installation.test_postgres import racine_ouverte
from tests.processus import environnement


@pytest.fixture(scope="module")
def dossier() -> Iterator[Path]:
    """Une base en marche, qui n'a que la file des tâches."""
    with racine_ouverte() as racine:
        postgres.demarrer(racine / "postgres")
        with postgres.connecter(racine / "postgres", postgres.BASE) as connexion:
            connexion.execute(SchemaManager.get_schema())
        yield racine / "postgres"
        postgres.arreter(racine / "postgres")


# La commande elle-même, sans la seconde qu'elle attend après chaque interruption.
IMPATIENT = """
from apart.config import commande, travailleur
travailleur.PREMIERE_ATTENTE = 0.01
commande.main()
"""


@contextmanager
def travailleur(dossier: Path, base: str = postgres.BASE) -> Iterator[tuple[subprocess.Popen[bytes], Path]]:
    """Un vrai travailleur, et le fichier de ce qu'il dit."""
    prise = quote(str(postgres.prise(dossier)), safe="")
    dit = dossier.with_name("dit")
    with dit.open("wb") as sortie:
        processus = subprocess.Popen(
            [sys.executable, "-c", IMPATIENT, "travailleur"],
            env=environnement(DATABASE_URL=f"postgresql://{postgres.UTILISATEUR}@{prise}:5432/{base}"),
            stdout=subprocess.DEVNULL,
            stderr=sortie,
        )
        try:
            yield processus, dit
        finally:
            processus.kill()
            processus.wait()


def inscrits(dossier: Path) -> int:
    """Le numéro du dernier travailleur inscrit."""
    with postgres.connecter(dossier, postgres.BASE) as connexion:
        (numero,) = connexion.execute("SELECT coalesce(max(id), 0) FROM procrastinate_workers").fetchone() or (0,)
    return int(numero)


def confier_une_tache(dossier: Path) -> None:
    with postgres.connecter(dossier, postgres.BASE) as connexion:
        connexion.execute(
            "INSERT INTO procrastinate_jobs (queue_name, task_name, args) "
            "VALUES ('default', 'socle.oublier_les_echecs', '{\"timestamp\": 0}')"
        )


def reste_a_faire(dossier: Path) -> int:
    with postgres.connecter(dossier, postgres.BASE) as connexion:
        lu = connexion.execute(
            "SELECT count(*) FROM procrastinate_jobs WHERE task_name = 'socle.oublier_les_echecs'"
        ).fetchone()
    assert lu is not None
    return int(lu[0])


def arreter_proprement(processus: subprocess.Popen[bytes]) -> int:
    processus.send_signal(signal.SIGTERM)
    return processus.wait(PATIENCE)


def test_lance_avant_la_base_il_attend_et_le_dit_puis_travaille(dossier: Path) -> None:
    postgres.arreter(dossier)
    with travailleur(dossier) as (processus, dit):
        attendre(lambda: "La base ne répond pas" in dit.read_text(), "la phrase du travailleur")
        assert processus.poll() is None
        postgres.demarrer(dossier)
        confier_une_tache(dossier)
        attendre(lambda: not reste_a_faire(dossier), "la tâche faite")
        assert "La base répond de nouveau" in dit.read_text()
        assert arreter_proprement(processus) == 0


def test_une_base_redemarree_sous_lui_ne_l_arrete_pas(dossier: Path) -> None:
    avant = inscrits(dossier)
    with travailleur(dossier) as (processus, _):
        attendre(lambda: inscrits(dossier) > avant, "le travailleur inscrit")
        avant = inscrits(dossier)
        postgres.arreter(dossier)
        postgres.demarrer(dossier)
        attendre(lambda: inscrits(dossier) > avant, "le travailleur inscrit de nouveau")
        confier_une_tache(dossier)
        attendre(lambda: not reste_a_faire(dossier), "la tâche faite")
        assert arreter_proprement(processus) == 0


def test_attendant_la_base_il_s_arrete_quand_on_le_lui_demande(dossier: Path) -> None:
    postgres.arreter(dossier)
    with travailleur(dossier) as (processus, dit):
        attendre(lambda: "La base ne répond pas" in dit.read_text(), "la phrase du travailleur")
        assert arreter_proprement(processus) == 0
    postgres.demarrer(dossier)


def test_sans_migration_il_sort_avec_la_phrase_et_un_code(dossier: Path) -> None:
    with postgres.connecter(dossier, "postgres") as connexion:
        connexion.execute("CREATE DATABASE vide")
    with travailleur(dossier, base="vide") as (processus, dit):
        assert processus.wait(PATIENCE) == 1
        assert "« apart migrate » oublié" in dit.read_text()
        assert "Traceback" not in dit.read_text()


def test_interrompu_sans_cesse_par_une_base_qui_repond_il_sort_avec_la_phrase_et_un_code(dossier: Path) -> None:
    """Il manque à la file de quoi lancer les tâches périodiques : procrastinate s'arrête, sans rien lever."""
    with postgres.connecter(dossier, "postgres") as connexion:
        connexion.execute(f"CREATE DATABASE abimee TEMPLATE {postgres.BASE}")
    with postgres.connecter(dossier, "abimee") as connexion:
        connexion.execute("DROP TABLE procrastinate_periodic_defers CASCADE")
    with travailleur(dossier, base="abimee") as (processus, dit):
        assert processus.wait(PATIENCE) == 1
        assert "6 fois de suite" in dit.read_text()
        assert "lignes ci-dessus" in dit.read_text()
