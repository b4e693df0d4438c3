"""Normaliser un texte d'Unicode en temps linéaire, et l'écrire sans ses accents."""

from __future__ import annotations

import unicodedata
from typing import Literal

ACCENTS_DE_SUITE = 30  # UAX 15, « Stream-Safe Text Format » : aucune langue n'en met tant sur une lettre


def normale(forme: Literal["NFC", "NFKC", "NFKD"], texte: str) -> str:
    """La forme demandée, par la seule porte qui y mène (tests/socle/test_accents.py).

    unicodedata.normalize range par insertion les accents qui se suivent : 64 Kio d'accents sur une seule lettre y
    coûtaient deux secondes, en carré de leur nombre. Au-delà de trente de suite, ils ne sont pas lus.
    """
    return unicodedata.normalize(forme, texte if texte.isascii() else _sans_piles(texte))


def sans_accents(texte: str) -> str:
    """« Été » → « Ete » : les formes de compatibilité développées, les accents ôtés."""
    return "".join(signe for signe in normale("NFKD", texte) if not unicodedata.combining(signe))


def _sans_piles(texte: str) -> str:
    gardes, de_suite = [], 0
    for signe in texte:
        de_suite = de_suite + 1 if unicodedata.combining(signe) else 0
        if de_suite <= ACCENTS_DE_SUITE:
            gardes.append(signe)
    return "".join(gardes)
