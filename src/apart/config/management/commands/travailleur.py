"""apart travailleur : envoie les courriels et fait les tâches de fond."""

from __future__ import annotations

import asyncio
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from apart.config.travailleur import TravailleurInstable, travailler
from apart.socle.processus import lier_au_parent


class Command(BaseCommand):
    help = "Envoie les courriels et fait les tâches de fond ; on peut en lancer plusieurs."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--simultanes", type=int, default=4, help="tâches menées de front (défaut : 4)")
        parser.add_argument("--une-fois", action="store_true", help="vide la file puis s'arrête")

    def handle(self, *args: Any, simultanes: int, une_fois: bool, **options: Any) -> None:
        if simultanes < 1:
            raise CommandError("--simultanes doit valoir au moins 1.")
        lier_au_parent()
        try:
            asyncio.run(travailler(simultanes, attendre=not une_fois))
        except TravailleurInstable as refus:
            raise CommandError(
                f"Le travailleur s'interrompt alors que la base répond. {refus}\nLisez aussi les lignes ci-dessus : "
                "« apart migrate » oublié, « apart droits », ou un répartiteur de connexions en mode transaction."
            ) from refus
