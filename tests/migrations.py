"""Aller d'une migration à une autre dans un test.

Tout se passe, si possible, dans la transaction du test : l'annuler remet le schéma d'aujourd'hui. Y remonter
migration après migration prend des secondes.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection
from django.db.migrations.executor import MigrationExecutor


def migrer(*cibles: tuple[str, str]) -> Any:
    """Le schéma à ces migrations, et ses modèles d'alors."""
    connection.check_constraints()  # une table ne change pas tant que ses lignes neuves attendent leur contrôle
    MigrationExecutor(connection).migrate(list(cibles))
    return MigrationExecutor(connection).loader.project_state(list(cibles)).apps


def revenir() -> None:
    """Le schéma d'aujourd'hui, que veut le code d'aujourd'hui."""
    connection.check_constraints()
    executeur = MigrationExecutor(connection)
    executeur.migrate(executeur.loader.graph.leaf_nodes())


@contextmanager
def schema_remis() -> Iterator[None]:
    """Pour un test à transactions : une migration qui récrit les lignes écrites avant elle les veut déjà gardées."""
    try:
        yield
    finally:
        revenir()
