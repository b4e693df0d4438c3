"""Le travail de fond : tenir l'index de recherche à jour quand une nouvelle version apporte d'autres fiches."""

from __future__ import annotations

from procrastinate.contrib.django import app

from apart.assistance.actions.fiches import charger


@app.periodic(cron="23 * * * *")
@app.task(name="assistance.charger_les_fiches")
def charger_les_fiches(timestamp: int) -> None:
    """Chaque heure : sans effet si l'index est déjà celui du paquet."""
    charger()
