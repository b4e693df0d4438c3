"""Changer de clé secrète sans rien perdre de ce que l'ancienne fermait."""

from __future__ import annotations

import pytest
from cryptography.fernet import InvalidToken
from django.core import signing
from pytest_django.fixtures import Settings

from apart.comptes import question
from apart.socle.chiffrement import coffre

ANCIENNE, NOUVELLE = "ancienne" * 8, "nouvelle" * 8


@pytest.mark.usefixtures("_hachage_rapide")
def test_une_cle_ancienne_relit_et_n_ecrit_plus(settings: Settings) -> None:
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = ANCIENNE, []
    chiffre, reponse, etat = coffre("essai").encrypt(b"secret"), question.empreinte("Lac d'Annecy"), signing.dumps([1])

    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = NOUVELLE, [ANCIENNE]
    assert coffre("essai").decrypt(chiffre) == b"secret"
    assert question.correspond("lac d'annecy", reponse)
    assert signing.loads(etat) == [1]
    neuf = coffre("essai").encrypt(b"secret")

    settings.SECRET_KEY_FALLBACKS = []
    assert coffre("essai").decrypt(neuf) == b"secret"
    assert not question.correspond("lac d'annecy", reponse)
    with pytest.raises(InvalidToken):
        coffre("essai").decrypt(chiffre)
