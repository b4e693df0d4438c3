"""Chaque nuit, ce qui n'a plus à être gardé disparaît."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from apart.comptes import taches
from apart.comptes.actions import jetons, menage
from apart.comptes.models import Acces, EchecConnexion, Jeton, Usage
from tests.comptes.fabriques import personne

pytestmark = [pytest.mark.django_db, pytest.mark.jour]


@pytest.mark.parametrize(("heures", "restent"), [(24, 1), (26, 0)])
def test_un_jeton_disparait_un_jour_apres_sa_fin(heures: int, restent: int) -> None:
    jetons.emettre(Usage.CREATION, courriel="marie@boulangerie.fr")

    with time_machine.travel(timezone.now() + timedelta(hours=heures)):
        taches.purger.func(timestamp=0)

    assert Jeton.objects.count() == restent


@pytest.mark.parametrize(("jours", "restent"), [(364, 1), (366, 0)])
def test_un_acces_se_garde_douze_mois(jours: int, restent: int) -> None:
    Acces.objects.create(utilisateur=personne())

    with time_machine.travel(timezone.now() + timedelta(days=jours)):
        taches.purger.func(timestamp=0)

    assert Acces.objects.count() == restent


def test_le_menage_dit_combien_il_efface() -> None:
    jetons.emettre(Usage.CREATION, courriel="marie@boulangerie.fr")
    Acces.objects.create(utilisateur=personne())
    EchecConnexion.objects.create(compte="x", adresse="192.0.2.1")
    purges = (menage.purger_jetons, menage.purger_acces, menage.purger_echecs)
    assert [purger() for purger in purges] == [0, 0, 0]

    with time_machine.travel(timezone.now() + timedelta(days=366)):
        assert [purger() for purger in purges] == [1, 1, 1]
