"""Le travail de fond : envoyer, ne rien oublier, effacer. Lancé par le travailleur (procrastinate)."""

from __future__ import annotations

import logging

from django.conf import settings
from django.utils import timezone
from procrastinate.contrib.django import app

from apart.courriels import actions, envoi
from apart.courriels.actions import refus
from apart.courriels.alertes import alerte
from apart.courriels.boite_imap import BoiteInjoignable, lire_boite
from apart.courriels.models import Courriel
from apart.socle.affluence import ServiceOccupe
from apart.socle.travaux import chacun, differer

journal = logging.getLogger(__name__)


@app.task(name=actions.TACHE, queue=actions.QUEUE)
def envoyer(numero: str) -> None:
    """Un message vient d'être mis en file : envoie tout ce qui est dû. numero : pour suivre le travail à la trace."""
    _tournee()


@app.periodic(cron="* * * * *")
@app.task(name="courriels.balayer", queue=actions.QUEUE)
def balayer(timestamp: int) -> None:
    """Chaque minute : nouveaux essais, et lignes dont le travail s'est perdu."""
    chacun(actions.perimer, _tournee)


def _tournee() -> None:
    """Une tournée courte ; s'il en reste, une autre aussitôt, pour que le travailleur puisse s'arrêter entre deux."""
    envoi.vider_la_file()
    if Courriel.objects.a_envoyer().exists():
        differer(actions.TACHE, queue=actions.QUEUE, numero="suite")


@app.periodic(cron="* * * * *")
@app.task(name="courriels.lire_rebonds", queue=actions.QUEUE)
def lire_rebonds(timestamp: int) -> None:
    """Chaque minute : la boîte des rebonds, si REBONDS_IMAP la donne. En panne, elle se dit au journal et attend."""
    if settings.REBONDS_IMAP is None:
        return
    try:
        lectures = lire_boite()
    except (BoiteInjoignable, ServiceOccupe) as panne:
        journal.error("La boîte des rebonds ne se lit pas : %s", panne)
        return
    for lecture, nombre in sorted(lectures.items()):
        journal.info("Messages revenus : %d, %s", nombre, lecture.value)


@app.periodic(cron="7 * * * *")
@app.task(name="courriels.avertir", queue=actions.QUEUE)
def avertir(timestamp: int) -> None:
    """Chaque heure : écrit au journal qu'une part anormale des courriels ne passe pas ; rien sinon."""
    if phrase := alerte(timezone.now()):
        journal.error(phrase)


@app.periodic(cron="17 3 * * *")
@app.task(name="courriels.effacer", queue=actions.QUEUE)
def effacer(timestamp: int) -> None:
    """Chaque nuit : corps et messages retenus de plus de 30 jours, lignes et adresses refusées de plus de 12 mois."""
    chacun(actions.effacer_les_anciens, actions.effacer_les_retenus, refus.effacer_les_anciennes)
