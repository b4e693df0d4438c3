"""apart travailleur : envoie les courriels et fait les tâches de fond."""

from __future__ import annotations

import asyncio
from typing import Any, cast

from django.core.management.base import BaseCommand, CommandError, CommandParser
from procrastinate.contrib.django import app
from procrastinate.contrib.django.django_connector import DjangoConnector

from apart.socle.processus import lier_au_parent

DELAI_D_ARRET = 20  # secondes laissées aux tâches en cours quand on demande l'arrêt


class Command(BaseCommand):
    help = "Envoie les courriels et fait les tâches de fond ; on peut en lancer plusieurs."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--simultanes", type=int, default=4, help="tâches menées de front (défaut : 4)")
        parser.add_argument("--une-fois", action="store_true", help="vide la file puis s'arrête")

    def handle(self, *args: Any, simultanes: int, une_fois: bool, **options: Any) -> None:
        if simultanes < 1:
            raise CommandError("--simultanes doit valoir au moins 1.")
        lier_au_parent()
        asyncio.run(travailler(simultanes, attendre=not une_fois))


async def travailler(simultanes: int, *, attendre: bool) -> None:
    connecteur = cast("DjangoConnector", app.connector)
    with app.replace_connector(connecteur.get_worker_connector()) as application:
        async with application.open_async():
            await application.run_worker_async(
                concurrency=simultanes,
                wait=attendre,
                listen_notify=attendre,
                shutdown_graceful_timeout=DELAI_D_ARRET,
                delete_jobs="successful",  # un travail par courriel : la table ne garde que ce qui a échoué
            )
