"""La page d'accueil, formulaire de connexion compris, contre une vue Django qui rend un texte constant."""

from __future__ import annotations

from statistics import median

from banc.base import base_d_essai
from banc.charge import lire
from banc.ligne import Ligne
from banc.serveurs import serveur_apart

PAGES = 3000  # par passe
PASSES = 7


def mesurer() -> list[Ligne]:
    """Médianes de plusieurs passes, les deux pages en alternance sur le même serveur. Suppose Django prêt."""
    with base_d_essai(), serveur_apart("banc.reglages") as port:
        _passe(port)  # à froid, non comptée
        passes = [_passe(port) for _ in range(PASSES)]
    accueil, constante = (median(valeurs) for valeurs in zip(*passes, strict=True))
    return [Ligne("page d'accueil / vue au texte constant", accueil, constante, "pages/s", 0.5)]


def _passe(port: int) -> tuple[float, float]:
    return lire(port, "/", PAGES), lire(port, "/constante/", PAGES)
