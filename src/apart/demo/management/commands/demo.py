"""apart demo : tout démarrer sur cette machine, en une commande."""

from __future__ import annotations

import argparse
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from apart.demo.demonstration import Demonstration, DemonstrationRefusee
from apart.socle.saisies import entier


class Command(BaseCommand):
    help = "Démarre la base, le site, le travailleur et une boîte aux lettres ; Ctrl-C arrête tout."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--port", type=numero_de_port, default=8000, help="port du site (défaut : 8000)")

    def handle(self, *args: Any, port: int, **options: Any) -> None:
        try:
            Demonstration(port, self.dire).tenir()
        except DemonstrationRefusee as refus:
            raise CommandError(str(refus)) from None

    def dire(self, phrase: str) -> None:
        self.stdout.write(phrase)
        self.stdout.flush()


def numero_de_port(valeur: str) -> int:
    port = entier(valeur, 65535)
    if not port:
        raise argparse.ArgumentTypeError(f"« {valeur[:60]} » n'est pas un port : il faut un nombre de 1 à 65535.")
    return port
