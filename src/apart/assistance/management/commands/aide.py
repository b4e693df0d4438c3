"""apart aide charger : met à jour l'index de recherche de la base documentaire."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from apart.assistance.actions.fiches import charger


class Command(BaseCommand):
    help = "Base documentaire : « charger » met à jour l'index de recherche d'après les fiches du paquet."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("geste", choices=["charger"], metavar="charger")

    def handle(self, *args: Any, **options: Any) -> None:
        nombre = charger()
        if options["verbosity"]:
            self.stdout.write(f"{nombre} fiches dans l'index de recherche.")
