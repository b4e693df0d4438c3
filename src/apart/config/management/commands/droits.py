"""apart droits : rend au rôle du site ses droits dans la base."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import connection, transaction

from apart.socle import droits


class Command(BaseCommand):
    help = "Donne au rôle du site ses droits, après une restauration ou quand DATABASE_URL_PROPRIETAIRE est nouvelle."

    def handle(self, *args: Any, **options: Any) -> None:
        site = settings.ROLE_DU_SITE
        if not site:
            raise CommandError(
                "DATABASE_URL et DATABASE_URL_PROPRIETAIRE emploient le même rôle, qui possède tout : il n'y a rien à "
                "donner. Pour en avoir deux, voyez « Deux rôles » dans docs/exploitation.md."
            )
        with transaction.atomic():
            droits.poser(connection, site)
        self.stdout.write(f"Le rôle {site} lit et écrit les tables, et ne peut qu'ajouter au journal.")
