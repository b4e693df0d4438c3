"""Ce que le travailleur fait pour les services de l'État."""

from __future__ import annotations

from procrastinate.contrib.django import app

from apart.administrations.actions import facteurs, superviseurs
from apart.socle.travaux import chacun


@app.periodic(cron="3 0 * * *")
@app.task(name="administrations.accorder")
def accorder(timestamp: int) -> None:
    """Chaque nuit : est_superviseur suit les affectations commencées ou finies. Les droits, eux, sont lus au jour."""
    superviseurs.accorder()


@app.periodic(cron="13 3 * * *")
@app.task(name="administrations.perimer_les_propositions")
def perimer_les_propositions(timestamp: int) -> None:
    """Chaque nuit : les seconds facteurs d'agents que personne n'a approuvés en sept jours, puis l'effacement."""
    chacun(facteurs.perimer, facteurs.purger)
