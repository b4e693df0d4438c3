"""Faire tout de suite, dans le test, ce que le travailleur ferait : sans attendre ni second processus."""

from __future__ import annotations

from django.db import connection
from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateJob


def travailler() -> list[str]:
    """Exécute les tâches en attente et rend leurs noms. Celles des courriels restent à boite.recevoir()."""
    faites = []
    for tache in list(ProcrastinateJob.objects.filter(status="todo").exclude(task_name__startswith="courriels.")):
        app.tasks[tache.task_name].func(**tache.args)
        with connection.cursor() as curseur:
            curseur.execute("DELETE FROM procrastinate_jobs WHERE id = %s", [tache.pk])
        faites.append(tache.task_name)
    return faites
