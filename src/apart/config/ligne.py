"""La ligne de commande refusée en français, avant que la base ne démarre : une phrase, et le code 2.

argparse passe chaque phrase par gettext, mais n'en livre aucune traduction. La voie de son manuel, un catalogue
compilé, demanderait un fichier binaire et LANGUAGE=fr dans l'environnement, que liraient aussi PostgreSQL et tout ce
qu'Apart lance. Les deux fonctions de gettext qu'il importe sont donc remplacées par une table ; si une version de
Python dit autre chose, la phrase redevient anglaise, et tests/installation/test_commande.py le voit.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from typing import Any, NoReturn

import django
from django.core.management import ManagementUtility, base, get_commands
from django.core.management.base import BaseCommand, CommandParser

from apart.config.environnement import proche

PHRASES = {
    "usage: ": "emploi : ",
    "positional arguments": "arguments",
    "options": "options",
    "show this help message and exit": "montre cette aide",
    "argument %(argument_name)s: %(message)s": "%(argument_name)s : %(message)s",
    "the following arguments are required: %s": "il manque %s",
    "one of the arguments %s is required": "il manque l'une de ces options : %s",
    "expected one argument": "il faut une valeur",
    "expected at most one argument": "il faut une valeur au plus",
    "expected at least one argument": "il faut au moins une valeur",
    "expected %s argument": "il faut %s valeur",
    "expected %s arguments": "il faut %s valeurs",
    "invalid choice: %(value)r (choose from %(choices)s)": "« %(value)s » n'est pas l'un de ces choix : %(choices)s",
    "invalid %(type)s value: %(value)r": "« %(value)s » ne se lit pas",
    "ambiguous option: %(option)s could match %(matches)s": "« %(option)s » peut être %(matches)s",
    "ignored explicit argument %r": "cette option ne prend pas de valeur, et %r lui en donne une",
    "not allowed with argument %s": "ne se donne pas avec %s",
    "can't open '%(filename)s': %(error)s": "« %(filename)s » ne s'ouvre pas : %(error)s",
}
SANS_LIGNE = {"", "help", "version"}  # Django les lit lui-même, comme ce qui commence par un tiret


class Analyseur(CommandParser):
    """Celui de chaque commande, et de ses verbes : ce qu'il ne connaît pas, il en dit le voisin."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**{**options, "missing_args_message": None})  # celui de Django est en anglais

    def parse_known_args(self, args: Any = None, namespace: Any = None) -> tuple[Any, list[str]]:
        lus, en_trop = super().parse_known_args(args, namespace)
        if en_trop and self.called_from_command_line:
            self.error(self._dire_en_trop(en_trop))
        return lus, en_trop

    def _dire_en_trop(self, mots: Sequence[str]) -> str:
        options = [mot.partition("=")[0] for mot in mots if mot.startswith("-")]
        if not options:
            return f"« {' '.join(mots)} » est de trop"
        return f"l'option « {options[0]} » n'existe pas.{proche(options[0], self._option_string_actions)}"

    def error(self, message: str) -> NoReturn:
        if not self.called_from_command_line:
            super().error(message)
        fin = "" if message.endswith(("?", ".")) else "."
        self.exit(2, f"{self.prog} : {message}{fin} « {self.prog} --help » dit ce qu'il faut.\n")


class Commandes(ManagementUtility):
    def fetch_command(self, subcommand: str) -> BaseCommand:
        if subcommand in (connues := get_commands()):
            return super().fetch_command(subcommand)
        voisine = proche(subcommand, connues)
        sys.stderr.write(f"apart : la commande « {subcommand} » n'existe pas.{voisine} « apart help » les nomme.\n")
        sys.exit(2)


def parler_francais() -> None:
    argparse._ = lambda phrase: PHRASES.get(phrase, phrase)  # type: ignore[attr-defined]  # ce qu'il importe de gettext
    argparse.ngettext = lambda une, des, nombre: PHRASES.get(une if nombre == 1 else des, des)  # type: ignore[attr-defined]
    base.CommandParser = Analyseur  # type: ignore[misc]  # le nom que BaseCommand.create_parser emploie


def verifier(arguments: list[str]) -> None:
    """Lit la ligne une première fois : une faute de frappe ne démarre pas la base embarquée. Lève SystemExit (2)."""
    nom = arguments[1] if len(arguments) > 1 else ""
    if nom in SANS_LIGNE or nom.startswith("-"):
        return
    django.setup()
    commande = Commandes(arguments).fetch_command(nom)
    commande._called_from_command_line = True  # type: ignore[attr-defined]  # posé de même par run_from_argv
    commande.create_parser(arguments[0], nom).parse_args(arguments[2:])
