"""La commande « apart » : celles d'Apart et celles de Django."""

import os
import sys

from django.core.management import execute_from_command_line


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "apart.config.settings")
    execute_from_command_line(sys.argv)
