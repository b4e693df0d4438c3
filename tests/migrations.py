"""Aller d'une migration à une autre dans un test, et remettre le schéma d'aujourd'hui après lui."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection
from django.db.migrations.executor import MigrationExecutor


def migrer(cible: tuple[str, str]) -> Any:
    """Le schéma à cette migration, et ses modèles d'alors."""
    MigrationExecutor(connection).migrate([cible])
    return MigrationExecutor(connection).loader.project_state([cible]).apps


@contextmanager
def schema_remis() -> Iterator[None]:
    yield
    executeur = MigrationExecutor(connection)
    executeur.migrate(executeur.loader.graph.leaf_nodes())
