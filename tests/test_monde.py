"""Ce que les tests partagent pour la durée de la séance ne dépend pas de celui qui l'a fait le premier."""

from __future__ import annotations

from django.contrib.auth.hashers import check_password
from pytest_django.fixtures import Settings

from tests.comptes.fabriques import MOT_DE_PASSE
from tests.monde import empreinte


def test_le_mot_de_passe_commun_vaut_sous_chaque_hachage(settings: Settings) -> None:
    de_production = settings.PASSWORD_HASHERS
    for hachages in (["django.contrib.auth.hashers.MD5PasswordHasher"], de_production):
        settings.PASSWORD_HASHERS = list(hachages)
        assert check_password(MOT_DE_PASSE, empreinte())
