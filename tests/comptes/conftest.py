"""Argon2 à petit coût : ces tests comptent les calculs, la vitesse est l'affaire de banc/connexion.py."""

import pytest
import time_machine
from django.test import Client

from apart.comptes.hachage import Argon2
from apart.comptes.models import Utilisateur
from tests.comptes.changement import AVANT
from tests.comptes.fabriques import entrer, personne


@pytest.fixture(autouse=True)
def argon2_leger(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Argon2, "memory_cost", 64)
    monkeypatch.setattr(Argon2, "time_cost", 1)


@pytest.fixture
def marie(temps: time_machine.Traveller) -> Utilisateur:
    return personne(AVANT)


@pytest.fixture
def voleur(client: Client, marie: Utilisateur) -> Client:
    """Une session ouverte de Marie : la sienne, ou celle qu'on lui a volée."""
    entrer(client, marie.identifiant)
    return client
