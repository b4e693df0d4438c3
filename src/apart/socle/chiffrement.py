"""Chiffrer ce que la base garde et que personne ne doit y lire (secrets de courriels, seconds facteurs)."""

from __future__ import annotations

import base64
from functools import cache

from cryptography.fernet import Fernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings


@cache
def coffre(usage: str) -> Fernet:
    """Chiffrement authentifié ; une clé par usage, dérivée de SECRET_KEY."""
    derivation = HKDF(algorithm=SHA256(), length=32, salt=None, info=f"apart:{usage}".encode())
    return Fernet(base64.urlsafe_b64encode(derivation.derive(settings.SECRET_KEY.encode())))
