"""Ce que le travailleur fait pour les services de l'État."""

from __future__ import annotations

from procrastinate.contrib.django import app

from apart.administrations.actions import superviseurs


@app.periodic(cron="3 0 * * *")
@app.task(name="administrations.accorder")
def accorder(timestamp: int) -> None:
    """Chaque nuit : est_superviseur suit les affectations commencées ou finies. Les droits, eux, sont lus au jour."""
    superviseurs.accorder()
