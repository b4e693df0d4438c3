"""La page d'accueil est gardée quelques secondes en mémoire : chaque test repart de rien."""

import pytest

from apart.accueil import page
from apart.comptes.models import Utilisateur
from tests.administrations.fabriques import affecter
from tests.comptes.fabriques import equiper


@pytest.fixture(autouse=True)
def accueil_oublie() -> None:
    page.oublier()


@pytest.fixture
def agente(db: None) -> Utilisateur:
    alice = Utilisateur.objects.create(courriel="alice@asp.example", nom="Agent", prenom="Alice")
    return equiper(affecter(alice))


@pytest.fixture
def employeur(db: None) -> Utilisateur:
    return Utilisateur.objects.create(courriel="luc@resto.example", nom="Martin", prenom="Luc")
