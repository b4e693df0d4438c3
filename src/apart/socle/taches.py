"""Le ménage des briques communes, et des tâches elles-mêmes."""

from __future__ import annotations

import logging

from django.utils import timezone
from procrastinate.contrib.django import app
from procrastinate.exceptions import ConnectorException
from procrastinate.job_context import JobContext
from procrastinate.jobs import Job, Status
from procrastinate.manager import JobManager

from apart.socle.models import Compteur, Envoi, PreuveEmployee
from apart.socle.travaux import ESSAIS, chacun

CONSERVATION_ECHECS = 30 * 24  # heures : le temps de lire pourquoi une tâche n'a pas abouti

PAR_MORCEAU = 5_000  # lignes effacées d'un ordre

journal = logging.getLogger(__name__)


@app.periodic(cron="41 3 * * *")
@app.task(name="socle.purger")
def purger(timestamp: int) -> None:
    """Chaque nuit : efface les compteurs de limites et les preuves de travail dont la fenêtre est passée."""
    passes = {"expire_le__lt": timezone.now()}
    chacun(Compteur.objects.filter(**passes).delete, PreuveEmployee.objects.filter(**passes).delete)


@app.periodic(cron="*/10 * * * *")
@app.task(name="socle.oublier_les_envois")
def oublier_les_envois(timestamp: int) -> None:
    """Toutes les dix minutes : efface par morceaux ce que les envois ont donné et que l'on ne peut plus revoir."""
    finis = Envoi.objects.filter(expire_le__lt=timezone.now()).order_by("expire_le").values("pk")
    while Envoi.objects.filter(pk__in=finis[:PAR_MORCEAU]).delete()[0] == PAR_MORCEAU:
        pass


@app.periodic(cron="43 3 * * *")
@app.task(name="socle.oublier_les_echecs", pass_context=True)
async def oublier_les_echecs(contexte: JobContext, timestamp: int) -> None:
    """Chaque nuit : efface les tâches en échec de plus de 30 jours ; leurs arguments désignent des personnes."""
    await contexte.app.job_manager.delete_old_jobs(CONSERVATION_ECHECS, include_failed=True)


@app.periodic(cron="* * * * *")
@app.task(name="socle.reprendre", pass_context=True)
async def reprendre(contexte: JobContext, timestamp: int) -> None:
    """Chaque minute : rend à la file les tâches d'un travailleur tué : quelqu'un attend leur message."""
    for perdue in await contexte.app.job_manager.get_stalled_jobs():
        journal.warning("tâche %s %s reprise : son travailleur a disparu", perdue.task_name, perdue.id)
        try:
            await _rendre(contexte.app.job_manager, perdue)
        except ConnectorException:  # finie entre-temps, ou un ordre refusé : les autres sont rendues quand même
            journal.exception("tâche %s %s impossible à reprendre", perdue.task_name, perdue.id)


async def _rendre(file: JobManager, perdue: Job) -> None:
    if perdue.attempts < ESSAIS:
        await file.retry_job(perdue)
    else:  # elle emporte chaque fois son travailleur
        await file.finish_job(perdue, Status.FAILED, delete_job=False)
