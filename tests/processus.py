"""Ce que reçoit de nous un processus qu'un test lance : le sien, sans nos réglages ni les traces d'un autre test."""

from __future__ import annotations

import os

BOUCLE_TOLEREE = "DJANGO_ALLOW_ASYNC_UNSAFE"  # posée par tests/navigateurs/conftest.py, pour ce processus seul
REGLAGES = {
    "DATABASE_URL",
    "DATABASE_URL_PROPRIETAIRE",
    "EMAIL_URL",
    "URL_PUBLIQUE",
    "ALLOWED_HOSTS",
    "APART_DEMO",
    "DJANGO_SETTINGS_MODULE",
    "PROMETHEUS_MULTIPROC_DIR",
    "APART_PARLE_POUR",
    BOUCLE_TOLEREE,
}


def environnement(**reglages: str) -> dict[str, str]:
    """L'environnement d'une vraie commande : celui de la machine, puis les réglages donnés."""
    return {nom: valeur for nom, valeur in os.environ.items() if nom not in REGLAGES} | reglages
