"""Ce que la base garde sans que personne puisse l'y lire : chiffré s'il faut le relire, en empreinte sinon (T42)."""

from __future__ import annotations

import base64
import hashlib
from functools import lru_cache

from cryptography.fernet import Fernet, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings


def empreinte(secret: str) -> str:
    """SHA-256. Un secret de 80 bits ou plus, tiré au hasard, n'a pas besoin d'un hachage lent."""
    return hashlib.sha256(secret.encode()).hexdigest()


def coffre(usage: str) -> MultiFernet:
    """Chiffrement authentifié ; une clé par usage, dérivée de SECRET_KEY. Ouvre aussi ce que fermaient les autres."""
    return MultiFernet([_coffre(usage, cle) for cle in cles()])


def cles_du_porteur(usage: str, secret: str) -> list[tuple[bytes, Fernet]]:
    """De quoi nommer et chiffrer ce que seul le porteur d'un secret (un cookie) relira : la base n'y suffit pas.

    La paire du jour, puis celles que donnaient les anciennes clés.
    """
    return [_paire_du_porteur(usage, secret, cle) for cle in cles()]


def _paire_du_porteur(usage: str, secret: str, cle_maitresse: str) -> tuple[bytes, Fernet]:
    derivation = HKDF(
        algorithm=SHA256(), length=64, salt=cle_maitresse.encode(), info=f"apart.porteur.{usage}".encode()
    )
    derivees = derivation.derive(secret.encode())
    return derivees[:32], Fernet(base64.urlsafe_b64encode(derivees[32:]))


def cles() -> list[str]:
    """La clé secrète, puis les anciennes, qui ne servent plus qu'à relire."""
    return [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]


@lru_cache(maxsize=32)
def _coffre(usage: str, cle_maitresse: str) -> Fernet:
    derivation = HKDF(algorithm=SHA256(), length=32, salt=None, info=f"apart.{usage}".encode())
    return Fernet(base64.urlsafe_b64encode(derivation.derive(cle_maitresse.encode())))
