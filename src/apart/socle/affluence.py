"""Dire « plus tard » plutôt que faire attendre : une attente garde un fil, et finit par arrêter tout le site."""

from __future__ import annotations

from datetime import timedelta


class ServiceOccupe(Exception):
    """Trop de monde à la fois pour ce travail, sans que personne n'ait rien fait de mal ; attente : quand revenir."""

    modele = "occupe"  # la page qui le dit (socle.erreurs)

    def __init__(self, attente: timedelta) -> None:
        super().__init__(f"occupé, revenir dans {attente.total_seconds():.0f} s")
        self.attente = attente
