"""L'identifiant : 8 signes de base32 de Crockford (40 bits), montré « K7MP-2QXV », tiré par le serveur."""

from __future__ import annotations

import hashlib
import hmac
import secrets

from django.conf import settings

from apart.socle.saisies import compact

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
EXEMPLE = "K7MP-\u20602QXV"  # le signe invisible garde la fin sur la ligne du tiret
CONFUSIONS = str.maketrans({"O": "0", "I": "1", "L": "1"})


def tirer(signes: int = 8) -> str:
    return "".join(secrets.choice(ALPHABET) for _ in range(signes))


def promis(secret: str) -> str:
    """L'identifiant qu'aura qui ouvre ce lien, sauf si quelqu'un l'a déjà (une fois sur mille milliards).

    Connu dès la page où se choisit le mot de passe, pour que le gestionnaire du navigateur garde les deux ensemble.
    """
    tire = hmac.digest(settings.SECRET_KEY.encode(), f"identifiant:{secret}".encode(), hashlib.sha256)
    return "".join(ALPHABET[octet % len(ALPHABET)] for octet in tire[:8])


def normaliser(texte: str) -> str:
    """Forme gardée d'un identifiant ou d'un code tapé : majuscules, sans tirets ni espaces, O→0, I et L→1."""
    return compact(texte).upper().translate(CONFUSIONS)


def est_bien_forme(texte: str, signes: int = 8) -> bool:
    return len(texte) == signes and set(texte) <= set(ALPHABET)


def lisible(signes: str) -> str:
    """« K7MP2QXV » → « K7MP-2QXV » ; par groupes de quatre."""
    return "-".join(signes[i : i + 4] for i in range(0, len(signes), 4))
