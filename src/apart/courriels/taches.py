"""Le travail de fond : envoyer, ne rien oublier, effacer. Lancé par le travailleur (procrastinate)."""

from __future__ import annotations

from procrastinate.contrib.django import app

from apart.courriels import actions, envoi


@app.task(name=actions.TACHE, queue="courriels")
def envoyer(numero: str) -> None:
    """Un message vient d'être mis en file : envoie tout ce qui est dû. numero : pour suivre le travail à la trace."""
    envoi.vider_la_file()


@app.periodic(cron="* * * * *")
@app.task(name="courriels.balayer", queue="courriels")
def balayer(timestamp: int) -> None:
    """Chaque minute : nouveaux essais, et lignes dont le travail s'est perdu."""
    actions.perimer()
    envoi.vider_la_file()


@app.periodic(cron="17 3 * * *")
@app.task(name="courriels.effacer", queue="courriels")
def effacer(timestamp: int) -> None:
    """Chaque nuit : corps de plus de 30 jours, lignes de plus de 12 mois."""
    actions.effacer_les_anciens()
