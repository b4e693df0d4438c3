"""Confier un travail au travailleur, dans la transaction en cours : une transaction annulée n'en laisse aucun."""

from __future__ import annotations

from procrastinate.contrib.django.django_connector import DjangoConnector
from procrastinate.manager import JobManager
from procrastinate.retry import RetryStrategy
from procrastinate.tasks import configure_task

# Pas procrastinate.contrib.django.app : dans le travailleur, elle écrit par ses propres connexions, hors transaction.
FILE = JobManager(connector=DjangoConnector())

# Pour une tâche que quelqu'un attend : une base coupée un instant ne la fait pas perdre. 20, 40, 60… secondes.
ESSAIS = 10
REPRISES = RetryStrategy(max_attempts=ESSAIS, linear_wait=20)


def differer(tache: str, *, queue: str, **arguments: str | int) -> None:
    """Met en file la tâche de ce nom. Les arguments restent en clair dans la base : jamais de secret."""
    configure_task(name=tache, job_manager=FILE, queue=queue).defer(**arguments)
