"""Les pages que l'on attend : l'accueil au calme et dans une tempête de connexions, le simulateur d'un employeur."""

from __future__ import annotations

from statistics import median

from banc.base import base_d_essai
from banc.charge import attendre, lire, tempete
from banc.connexion import connexions, remplir
from banc.ligne import Ligne
from banc.serveurs import serveur_apart

PAGES = 2000  # par passe
VISITES = 300
PASSES = 7
ENSEMBLE = 50  # personnes qui se connectent
TEMPETE = f"page d'accueil, 95e centile : pendant {ENSEMBLE} connexions / au calme"


def mesurer() -> list[Ligne]:
    """Médianes de plusieurs passes, toutes les mesures en alternance sur le même serveur. Suppose Django prêt."""
    with base_d_essai(), serveur_apart("banc.reglages") as port:
        identifiants = remplir()
        _passe(port, identifiants)  # à froid, non comptée
        passes = [_passe(port, identifiants) for _ in range(PASSES)]
    constante, accueil, calme, agitee, vide, simulateur = (median(valeurs) for valeurs in zip(*passes, strict=True))
    return [
        Ligne("page d'accueil / vue au texte constant", accueil, constante, "pages/s", 0.5),
        Ligne(
            f"page d'accueil, 95e centile : pendant {ENSEMBLE} connexions / au calme",
            1 / agitee,
            1 / calme,
            "par s",
            0.5,
        ),
        Ligne("page du simulateur / page vide du même gabarit", simulateur, vide, "pages/s", 0.5),
    ]


def _passe(port: int, identifiants: list[str]) -> tuple[float, ...]:
    constante, accueil = lire(port, "/constante/", PAGES), lire(port, "/", PAGES)
    calme = attendre(port, "/", VISITES)
    with tempete(port, connexions(identifiants)[:ENSEMBLE]):
        agitee = attendre(port, "/", VISITES)
    return constante, accueil, calme, agitee, lire(port, "/vide/", PAGES), lire(port, "/simulateur/employeur/", PAGES)
