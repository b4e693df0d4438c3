"""Ce que le travailleur fait pour l'assistance."""

from __future__ import annotations

from procrastinate.contrib.django import app

from apart.assistance.actions import demandes
from apart.assistance.actions.fiches import charger
from apart.comptes import appareils
from apart.socle.travaux import REPRISES, une_seule_fois


@app.task(name="assistance.renvoyer_liens", retry=REPRISES, task_middleware=[une_seule_fois])
def renvoyer_liens(courriel: str, connus: list[str] | None = None) -> None:
    """Après la réponse : la page met le même temps, que cette adresse ait une demande ou non (T26)."""
    demandes.renvoyer_liens(courriel, demandeur=appareils.demandeur(courriel, connus or []))


@app.periodic(cron="23 * * * *")
@app.task(name="assistance.charger_les_fiches")
def charger_les_fiches(timestamp: int) -> None:
    """Chaque heure : une nouvelle version apporte d'autres fiches. Sans effet si l'index est déjà le leur."""
    charger()
