"""Revenir d'une version ne perd aucun message : les sorts qu'elle ne connaît pas reprennent leur nom d'avant."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from apart.courriels.models import Courriel, CourrielRetenu, ObjetDemande, Sort
from tests.courriels.conftest import avis
from tests.migrations import migrer

AVANT = ("courriels", "0002_invariants")


@pytest.mark.jour
@pytest.mark.django_db
def test_le_retour_de_la_migration_garde_les_messages_incertains_et_renouveles() -> None:
    for sort in (Sort.INCERTAIN, Sort.RENOUVELE, Sort.DIFFERE):
        Courriel.objects.filter(pk=avis(f"{sort}@exemple.fr").pk).update(sort=sort)
    modeles = migrer(AVANT)
    sorts = modeles.get_model("courriels", "Courriel").objects.order_by("pk").values_list("sort", flat=True)
    assert list(sorts) == ["refuse", "perime", "differe"]


@pytest.mark.jour
@pytest.mark.django_db
def test_le_retour_de_la_migration_rend_nos_renouvellements_retenus_a_qui_tient_un_lien() -> None:
    raison = {"objet": ObjetDemande.ESPACE, "places": 10, "periode": timedelta(days=1), "rouvre_le": timezone.now()}
    for adresse, demandeur, nombre in (("a@b.fr", "lien", 2), ("a@b.fr", "service", 3), ("c@d.fr", "service", 1)):
        CourrielRetenu.objects.create(destinataire=adresse, demandeur=demandeur, nombre=nombre, **raison)
    modeles = migrer(("courriels", "0004_courriels_retenus"))
    rendus = modeles.get_model("courriels", "CourrielRetenu").objects.order_by("destinataire")
    assert list(rendus.values_list("destinataire", "demandeur", "nombre")) == [
        ("a@b.fr", "lien", 5),
        ("c@d.fr", "lien", 1),
    ]
