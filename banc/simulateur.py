"""La page du simulateur d'un employeur, formulaire compris, contre une page vide du même gabarit."""

from __future__ import annotations

from statistics import median

from banc.base import base_d_essai
from banc.charge import lire
from banc.ligne import Ligne
from banc.serveurs import serveur_apart

PAGES = 2000  # par passe
PASSES = 7


def mesurer() -> list[Ligne]:
    """Médianes de plusieurs passes, les deux pages en alternance sur le même serveur. Suppose Django prêt."""
    with base_d_essai(), serveur_apart("banc.reglages") as port:
        _passe(port)  # à froid, non comptée
        passes = [_passe(port) for _ in range(PASSES)]
    simulateur, vide = (median(valeurs) for valeurs in zip(*passes, strict=True))
    return [Ligne("page du simulateur / page vide du même gabarit", simulateur, vide, "pages/s", 0.5)]


def _passe(port: int) -> tuple[float, float]:
    return lire(port, "/simulateur/employeur/", PAGES), lire(port, "/vide/", PAGES)
