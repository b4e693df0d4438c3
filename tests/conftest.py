"""Réglages communs aux tests."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from pytest_django.fixtures import Settings

from tests.boite import Boite, ouvrir_boite


@pytest.fixture
def boite(settings: Settings) -> Iterator[Boite]:
    """Une boîte aux lettres vide : les messages y partent par SMTP quand le test appelle boite.recevoir()."""
    with ouvrir_boite() as boite:
        settings.SERVEUR_COURRIEL = boite.serveur
        yield boite
