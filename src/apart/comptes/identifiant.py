"""L'identifiant : 8 signes de base32 de Crockford (40 bits), montré « K7MP-2QXV », tiré par le serveur."""

from __future__ import annotations

import secrets

from apart.socle.saisies import SEPARATEURS

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
CONFUSIONS = str.maketrans({"O": "0", "I": "1", "L": "1"})


def tirer(signes: int = 8) -> str:
    return "".join(secrets.choice(ALPHABET) for _ in range(signes))


def normaliser(texte: str) -> str:
    """Forme gardée d'un identifiant ou d'un code tapé : majuscules, sans tirets ni espaces, O→0, I et L→1."""
    return SEPARATEURS.sub("", texte).upper().translate(CONFUSIONS)


def est_bien_forme(texte: str, signes: int = 8) -> bool:
    return len(texte) == signes and set(texte) <= set(ALPHABET)


def lisible(signes: str) -> str:
    """« K7MP2QXV » → « K7MP-2QXV » ; par groupes de quatre."""
    return "-".join(signes[i : i + 4] for i in range(0, len(signes), 4))
