"""Confier un travail au travailleur, dans la transaction en cours : une transaction annulée n'en laisse aucun."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

from django.db import connection, transaction
from procrastinate.contrib.django.django_connector import DjangoConnector
from procrastinate.job_context import JobContext
from procrastinate.manager import JobManager
from procrastinate.retry import RetryStrategy
from procrastinate.tasks import configure_task

journal = logging.getLogger(__name__)

# Pas procrastinate.contrib.django.app : dans le travailleur, elle écrit par ses propres connexions, hors transaction.
FILE = JobManager(connector=DjangoConnector())

# Pour une tâche que quelqu'un attend : une base coupée un instant ne la fait pas perdre. 20, 40, 60… secondes.
ESSAIS = 10
REPRISES = RetryStrategy(max_attempts=ESSAIS, linear_wait=20)


def differer(tache: str, *, queue: str, **arguments: str | int) -> None:
    """Met en file la tâche de ce nom. Les arguments restent en clair dans la base : jamais de secret."""
    configure_task(name=tache, job_manager=FILE, queue=queue).defer(**arguments)


def une_seule_fois(faire: Callable[[], Any], contexte: JobContext, _: object) -> Any:
    """Autour d'une tâche qui se reprend : elle et sa marque, sur sa propre ligne de la file, se valident ensemble.

    Un travailleur tué entre cette validation et la fin de la tâche la laisse « en cours » : rejouée, elle est faite.
    """
    with transaction.atomic():
        if _marquer(contexte.job.id):
            return faire()
    journal.warning("tâche %s %s déjà validée : rien à refaire", contexte.job.task_name, contexte.job.id)
    return None


def chacun(*gestes: Callable[[], object]) -> None:
    """Fait chaque geste, même quand l'un d'eux échoue : un ménage impossible n'arrête pas tous les autres.

    Lève ensuite leurs fautes ensemble : la tâche est en échec, et le journal les montre toutes.
    """
    fautes = []
    for geste in gestes:
        try:
            geste()
        except Exception as faute:  # noqa: BLE001  # relevée à la fin
            fautes.append(faute)
    if fautes:
        raise ExceptionGroup(f"{len(fautes)} gestes sur {len(gestes)} ont échoué", fautes)


def _marquer(numero: int | None) -> bool:
    """Marque faite cette tâche ; faux si elle l'est déjà. Deux travailleurs sur la même attendent ici leur tour."""
    with connection.cursor() as curseur:
        curseur.execute(
            """UPDATE procrastinate_jobs SET args = args || '{"faite": true}' WHERE id = %s AND NOT args ? 'faite'""",
            [numero],
        )
        return bool(curseur.rowcount)
