"""Les messageries grand public : un domaine où n'importe qui prend une adresse ne prouve aucune entreprise."""

from __future__ import annotations

from functools import cache
from pathlib import Path


def domaine(courriel: str) -> str:
    return courriel.rpartition("@")[2].lower()


def famille(nom: str) -> str:
    """Ses deux derniers morceaux : qui tient un domaine en tire autant de sous-domaines qu'il veut."""
    return ".".join(nom.split(".")[-2:])


def est_grand_public(nom: str) -> bool:
    """Vrai si ce domaine, ou un domaine au-dessus de lui, est d'une messagerie grand public ou jetable."""
    morceaux = nom.split(".")
    return any(".".join(morceaux[rang:]) in connues() for rang in range(len(morceaux) - 1))


@cache
def connues() -> frozenset[str]:
    """Les domaines de messageries.txt, qui dit sa source."""
    texte = (Path(__file__).parent / "messageries.txt").read_text(encoding="utf-8")
    return frozenset(mot for ligne in texte.splitlines() if not ligne.startswith("#") for mot in ligne.split())
