"""Une base d'essai, créée puis effacée : le banc ne touche à aucune donnée."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings
from django.db import connection


@contextmanager
def base_d_essai() -> Iterator[None]:
    nom = settings.DATABASES["default"]["NAME"]
    connection.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
    try:
        yield
    finally:
        connection.creation.destroy_test_db(nom, verbosity=0)
