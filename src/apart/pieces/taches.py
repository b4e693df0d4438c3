"""Ce que le travailleur fait des pièces jointes."""

from __future__ import annotations

from procrastinate.contrib.django import app

from apart.pieces import actions
from apart.socle.travaux import chacun


@app.periodic(cron="37 3 * * *")
@app.task(name="pieces.purger")
def purger(timestamp: int) -> None:
    """Chaque nuit : contenus dont la conservation a fini, fichiers d'une transaction annulée. Sans effet, refaite."""
    chacun(actions.effacer_les_perimees, actions.ramasser_les_orphelins)
