"""Faire, dans le test, ce que le travailleur ferait : tout de suite et sur place, ou dans un vrai processus."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from urllib.parse import quote

from django.db import connection
from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateJob

from tests.boite import Boite
from tests.processus import environnement


def travailler() -> list[str]:
    """Exécute les tâches en attente et rend leurs noms. Celles des courriels restent à boite.recevoir()."""
    faites = []
    for tache in list(ProcrastinateJob.objects.filter(status="todo").exclude(task_name__startswith="courriels.")):
        app.tasks[tache.task_name].func(**tache.args)
        with connection.cursor() as curseur:
            curseur.execute("DELETE FROM procrastinate_jobs WHERE id = %s", [tache.pk])
        faites.append(tache.task_name)
    return faites


def lancer_travailleur(boite: Boite, *options: str) -> subprocess.Popen[bytes]:
    """Un vrai travailleur, dans son processus, sur la base du test ; options : celles d'« apart travailleur »."""
    reglages = connection.settings_dict
    hote = quote(str(reglages["HOST"]), safe="") + (f":{reglages['PORT']}" if reglages["PORT"] else "")
    adresse = f"postgresql://{reglages['USER']}@{hote}/{reglages['NAME']}"
    return subprocess.Popen(
        [Path(sys.executable).parent / "apart", "travailleur", "--une-fois", *options],
        env=environnement(DATABASE_URL=adresse, EMAIL_URL=f"smtp://127.0.0.1:{boite.port}"),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
