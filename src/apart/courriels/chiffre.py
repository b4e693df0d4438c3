"""Chiffrer les secrets d'un courriel (liens, codes) le temps qu'il attend d'être envoyé."""

from __future__ import annotations

import json

from cryptography.fernet import InvalidToken

from apart.socle.chiffrement import coffre


class SecretIllisible(Exception):
    """Le chiffre ne s'ouvre pas : SECRET_KEY a changé depuis la mise en file."""


def chiffrer(secrets: dict[str, str]) -> bytes:
    return coffre("courriels.secrets").encrypt(json.dumps(secrets).encode()) if secrets else b""


def dechiffrer(chiffre: bytes) -> dict[str, str]:
    """Rend les secrets. Lève SecretIllisible."""
    if not chiffre:
        return {}
    try:
        lus: dict[str, str] = json.loads(coffre("courriels.secrets").decrypt(chiffre))
    except InvalidToken as refus:
        raise SecretIllisible from refus
    return lus
