"""Le journal des gestes ne se réécrit pas, même par erreur."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
import time_machine
from django.db import IntegrityError, transaction
from django.utils import timezone

from apart.socle import limites, taches
from apart.socle.limites import Limite
from apart.socle.models import Compteur, EntreeJournal, PreuveEmployee, journaliser

pytestmark = [pytest.mark.django_db, pytest.mark.jour]


@pytest.mark.parametrize("geste", ["changer", "effacer"])
def test_une_ligne_ecrite_ne_change_plus(geste: str) -> None:
    ligne = journaliser("ouvrir_espace", sujet="etablissement:73282932000074")

    gestes: dict[str, Callable[[], object]] = {
        "changer": lambda: EntreeJournal.objects.filter(pk=ligne.pk).update(geste="autre"),
        "effacer": ligne.delete,
    }

    with pytest.raises(IntegrityError, match="Le journal ne se réécrit pas"), transaction.atomic():
        gestes[geste]()

    assert EntreeJournal.objects.du_sujet("etablissement:73282932000074").get().geste == "ouvrir_espace"


def test_la_nuit_efface_les_compteurs_et_les_preuves_qui_ne_servent_plus() -> None:
    limites.compter(Limite("essai", 3, timedelta(hours=1)), "198.51.100.7")
    PreuveEmployee.objects.create(empreinte="a" * 64, expire_le=timezone.now() + timedelta(minutes=20))
    taches.purger.func(timestamp=0)
    pendant = (Compteur.objects.count(), PreuveEmployee.objects.count())

    with time_machine.travel(timezone.now() + timedelta(days=1)):
        taches.purger.func(timestamp=0)

    assert pendant == (1, 1)
    assert (Compteur.objects.count(), PreuveEmployee.objects.count()) == (0, 0)
