"""Revenir d'une version ne perd aucun message : les sorts qu'elle ne connaît pas reprennent leur nom d'avant."""

from __future__ import annotations

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from apart.courriels.models import Courriel, Sort
from tests.courriels.conftest import avis

AVANT = ("courriels", "0002_invariants")


@pytest.mark.jour
@pytest.mark.django_db
def test_le_retour_de_la_migration_garde_les_messages_incertains_et_renouveles() -> None:
    for sort in (Sort.INCERTAIN, Sort.RENOUVELE, Sort.DIFFERE):
        Courriel.objects.filter(pk=avis(f"{sort}@exemple.fr").pk).update(sort=sort)
    connection.check_constraints()  # une table ne change pas tant que ses lignes neuves attendent leur contrôle
    MigrationExecutor(connection).migrate([AVANT])
    modeles = MigrationExecutor(connection).loader.project_state([AVANT]).apps
    sorts = modeles.get_model("courriels", "Courriel").objects.order_by("pk").values_list("sort", flat=True)
    assert list(sorts) == ["refuse", "perime", "differe"]
