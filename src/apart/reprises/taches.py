"""Ce que le travailleur fait pour les lettres."""

from __future__ import annotations

from procrastinate.contrib.django import app

from apart.reprises.actions import lettres
from apart.socle.travaux import chacun


@app.periodic(cron="17 3 * * *")
@app.task(name="reprises.achever_les_lettres")
def achever_les_lettres(timestamp: int) -> None:
    """Chaque nuit : échoit les lettres passées, annule celles qui n'ont plus d'objet, efface celles d'il y a un an."""
    chacun(lettres.achever, lettres.purger)
