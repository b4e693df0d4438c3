"""Une tâche que quelqu'un attend ne se perd ni avec son travailleur, ni avec la base un instant coupée."""

from __future__ import annotations

import pytest
from django.db import connection
from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateJob

from apart.comptes.jetons import Demande
from apart.courriels.models import Courriel
from apart.socle.travaux import differer
from tests.boite import Boite
from tests.comptes.fabriques import personne
from tests.travail import lancer_travailleur

ATTENDUES = {
    "comptes.reinitialiser",
    "etablissements.rappeler_identifiant",
    "etablissements.envoyer_lien_espace",
    "etablissements.envoyer_lien_rejoindre",
    "assistance.renvoyer_liens",
}


def test_les_taches_que_quelqu_un_attend_se_reprennent() -> None:
    reprises = {nom for nom, tache in app.tasks.items() if tache.retry_strategy}

    assert reprises == ATTENDUES


@pytest.mark.django_db(transaction=True)
def test_la_tache_d_un_travailleur_tue_est_reprise(boite: Boite) -> None:
    marie, demande = personne(), Demande.maintenant()
    differer(
        "comptes.reinitialiser",
        queue="default",
        identifiant=marie.identifiant,
        reference=str(demande.reference),
        deposee_le=demande.deposee_le.isoformat(),
    )
    laisser_en_plan()
    differer("socle.reprendre", queue="default", timestamp=0)

    lancer_travailleur(boite).wait(timeout=60)
    lancer_travailleur(boite).wait(timeout=60)

    assert Courriel.objects.get().destinataire == marie.courriel
    assert not ProcrastinateJob.objects.filter(task_name="comptes.reinitialiser").exists()


def laisser_en_plan() -> None:
    """Ce que laisse un travailleur tué : des tâches commencées que personne ne finit."""
    with connection.cursor() as curseur:
        curseur.execute("UPDATE procrastinate_jobs SET status = 'doing', worker_id = NULL WHERE status = 'todo'")
