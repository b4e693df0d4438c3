"""Deux superviseurs ôtés au même instant, par deux autres : il en reste un, chacun à son tour (décision 0018)."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Event

import pytest
from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.utils.timezone import localdate

from apart.administrations.actions import agents
from apart.administrations.models import Affectation, RoleAgent
from apart.comptes.models import Utilisateur
from tests.administrations.fabriques import affecter
from tests.comptes.test_jetons_ensemble import attendre_retenus
from tests.monde import personne

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.jour, pytest.mark.usefixtures("_hachage_rapide")]


def superviseur(prenom: str, *, reste: bool) -> Utilisateur:
    """De tout le territoire ; qui ne reste pas a une date de fin."""
    qui = personne("Leroy", prenom, f"{prenom.lower()}@asp.fr")
    return affecter(qui, RoleAgent.SUPERVISEUR, au=None if reste else localdate() + timedelta(days=30))


def test_deux_superviseurs_suspendus_ensemble_ne_laissent_pas_le_pays_sans_personne() -> None:
    sophie, anne = superviseur("Sophie", reste=True), superviseur("Anne", reste=True)
    paul, luc = superviseur("Paul", reste=False), superviseur("Luc", reste=False)
    suspendue = Event()

    def premier() -> None:
        with transaction.atomic():
            agents.suspendre(sophie, par=paul)
            suspendue.set()
            attendre_retenus(1)  # l'autre est arrivé, avant que ceci soit écrit
        connection.close()

    def second() -> None:
        suspendue.wait()
        try:
            agents.suspendre(anne, par=luc)
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as fils:
        faits = [fils.submit(geste) for geste in (premier, second)]
    assert faits[0].exception() is None
    assert isinstance(faits[1].exception(), ValidationError)
    assert Affectation.objects.superviseurs_durables(localdate()).get().agent == anne
