"""Chiffrer les secrets d'un courriel (liens, codes) le temps qu'il attend d'être envoyé."""

from __future__ import annotations

import base64
import json
from functools import lru_cache

from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings


class SecretIllisible(Exception):
    """Le chiffre ne s'ouvre pas : SECRET_KEY a changé depuis la mise en file."""


@lru_cache(maxsize=4)
def _fernet(cle_maitresse: str) -> Fernet:
    derivee = HKDF(algorithm=SHA256(), length=32, salt=None, info=b"apart.courriels.secrets").derive(
        cle_maitresse.encode()
    )
    return Fernet(base64.urlsafe_b64encode(derivee))


def chiffrer(secrets: dict[str, str]) -> bytes:
    return _fernet(settings.SECRET_KEY).encrypt(json.dumps(secrets).encode()) if secrets else b""


def dechiffrer(chiffre: bytes) -> dict[str, str]:
    """Rend les secrets. Lève SecretIllisible."""
    if not chiffre:
        return {}
    try:
        lus: dict[str, str] = json.loads(_fernet(settings.SECRET_KEY).decrypt(chiffre))
    except InvalidToken as refus:
        raise SecretIllisible from refus
    return lus
