"""Réglages communs aux tests."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack

import hypothesis
import pytest
from django.conf import settings as reglages
from pytest_django.fixtures import Settings

from apart.socle.postgres import usage
from apart.socle.postgres_binaires import PostgresIndisponible
from tests.boite import Boite, ouvrir_boite

# Une machine chargée n'est pas une propriété fausse : aucun essai ne dépend du temps qu'il prend.
hypothesis.settings.register_profile("apart", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow])
hypothesis.settings.load_profile("apart")


def pytest_configure(config: pytest.Config) -> None:
    """Sans DATABASE_URL, les essais se font sur la base embarquée, en marche le temps de la séance."""
    if reglages.BASE_EMBARQUEE is None:
        return
    seance = ExitStack()
    try:
        seance.enter_context(usage(reglages.BASE_EMBARQUEE))
    except PostgresIndisponible as refus:
        pytest.exit(str(refus), returncode=4)
    config.add_cleanup(seance.close)


@pytest.fixture
def boite(settings: Settings) -> Iterator[Boite]:
    """Une boîte aux lettres vide : les messages y partent par SMTP quand le test appelle boite.recevoir()."""
    with ouvrir_boite() as boite:
        settings.SERVEUR_COURRIEL = boite.serveur
        yield boite


@pytest.fixture(autouse=True)
def _fichiers_statiques_a_la_demande(settings: Settings) -> None:
    """Un client d'essai ne parcourt pas les 1 600 fichiers du DSFR avant sa première requête (0,2 s)."""
    settings.WHITENOISE_AUTOREFRESH = True
