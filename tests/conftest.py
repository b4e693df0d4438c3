"""Réglages communs aux tests."""

from __future__ import annotations

import math
import os
from collections.abc import Generator, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, nullcontext
from datetime import UTC, date, datetime, timedelta

import hypothesis
import pytest
import time_machine
from django.conf import settings as reglages
from django.core.management.color import Style
from django.db.backends.postgresql.operations import DatabaseOperations
from django.utils import timezone
from psycopg import sql
from pytest_django.fixtures import Settings

from apart.embarque.postgres import usage
from apart.embarque.programmes import PostgresIndisponible
from apart.socle import depense
from apart.socle.limites import Limite
from tests.boite import Boite, ouvrir_boite

# Une machine chargée n'est pas une propriété fausse : aucun essai ne dépend du temps qu'il prend.
hypothesis.settings.register_profile("apart", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow])
hypothesis.settings.load_profile("apart")

JOURS = os.environ.get("TESTS_LE", "").split()


def pytest_configure(config: pytest.Config) -> None:
    """Sans DATABASE_URL, les essais se font sur la base embarquée, en marche le temps de la séance."""
    vider = pytest.MonkeyPatch()
    vider.setattr(DatabaseOperations, "sql_flush", effacer_les_lignes)
    config.add_cleanup(vider.undo)
    reglages.MIDDLEWARE = [*reglages.MIDDLEWARE, "tests.redirections.GesteRedirige"]
    if reglages.BASE_EMBARQUEE is None:
        return
    seance = ExitStack()
    try:
        seance.enter_context(usage(reglages.BASE_EMBARQUEE))
    except PostgresIndisponible as refus:
        pytest.exit(str(refus), returncode=4)
    config.add_cleanup(seance.close)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """La marque « base » : un autre PostgreSQL ne peut changer l'issue que de ces tests."""
    for item in items:
        if item.get_closest_marker("django_db") or {"db", "transactional_db"} & set(getattr(item, "fixturenames", ())):
            item.add_marker(pytest.mark.base)


def ce_jour_la(le: str | None) -> AbstractContextManager[object]:
    """« 2027-12-30 » : on croit être ce jour-là, à l'heure qu'il est à Paris. PostgreSQL garde son heure."""
    if not le:
        return nullcontext()
    return time_machine.travel(datetime.combine(date.fromisoformat(le), timezone.localtime().timetz()).astimezone(UTC))


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Un test marqué « jour » passe une fois à chacun des jours demandés."""
    if len(JOURS) > 1 and metafunc.definition.get_closest_marker("jour"):
        metafunc.fixturenames.append("ce_jour")
        metafunc.parametrize("ce_jour", JOURS)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, object, object]:
    tires = item.callspec.params if isinstance(item, pytest.Function) and hasattr(item, "callspec") else {}
    if jour := str(tires.get("ce_jour", "")):
        item.name = item.name.replace(f"[{jour}]", "")  # syrupy en tire le nom d'une image, la même à chaque jour
    with ce_jour_la(jour or (JOURS[0] if JOURS and item.get_closest_marker("jour") else None)):
        return (yield)


@pytest.fixture
def boite(settings: Settings) -> Iterator[Boite]:
    """Une boîte aux lettres vide : les messages y partent par SMTP quand le test appelle boite.recevoir()."""
    with ouvrir_boite() as boite:
        settings.SERVEUR_COURRIEL = boite.serveur
        yield boite


@pytest.fixture
def temps() -> Iterator[time_machine.Traveller]:
    """Midi à Paris, un lundi : un quart d'heure d'horloge ne finit pas au milieu d'une histoire."""
    with time_machine.travel(datetime(2026, 11, 23, 11, tzinfo=UTC), tick=False) as voyage:
        yield voyage


@pytest.fixture
def _hachage_rapide(settings: Settings) -> None:
    """Pour les tests qui posent cent mots de passe et n'éprouvent pas leur hachage."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture(autouse=True)
def _fichiers_statiques_a_la_demande(settings: Settings) -> None:
    """Un client d'essai ne parcourt pas les 1 600 fichiers du DSFR avant sa première requête (0,2 s)."""
    settings.WHITENOISE_AUTOREFRESH = True


@pytest.fixture(autouse=True)
def _calcul_non_compte(monkeypatch: pytest.MonkeyPatch) -> None:
    """Le temps que prend une machine chargée n'ajoute pas un ordre SQL à une page (socle.depense)."""
    monkeypatch.setattr(depense, "PAR_LOT", math.inf)


@pytest.fixture(autouse=True)
def _fenetres_neuves(monkeypatch: pytest.MonkeyPatch) -> None:
    """Les fenêtres des limites commencent avec le test : un quart d'heure qui sonne ne rend pas de places.

    Un test qui choisit son heure garde les fenêtres de la pendule.
    """
    fenetre, depart = Limite.fenetre, datetime.now(UTC)

    def depuis_le_depart(limite: Limite, maintenant: datetime) -> datetime:
        decalage = timedelta() if time_machine.escape_hatch.is_travelling() else depart - fenetre(limite, depart)
        return fenetre(limite, maintenant - decalage) + decalage

    monkeypatch.setattr(Limite, "fenetre", depuis_le_depart)


FILE = ("procrastinate_events", "procrastinate_periodic_defers", "procrastinate_jobs", "procrastinate_workers")


def effacer_les_lignes(
    base: DatabaseOperations, style: Style, tables: Sequence[str], **_options: bool
) -> list[sql.Composable]:
    """Les ordres de « flush » après un test à transactions. Tronquer chaque table et ses index, vides pour la plupart,
    prenait 0,1 à 0,4 s par test.

    Comme pour TRUNCATE, ni les clés étrangères ni les gardes du journal ne s'y opposent. La file n'est pas à Django.
    """
    sans_gardes = sql.SQL("SET LOCAL session_replication_role = replica")
    effacer = sql.SQL("DELETE FROM {}")
    return [sans_gardes, *(effacer.format(sql.Identifier(table)) for table in (*tables, *FILE))]
