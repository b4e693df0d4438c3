"""Une tâche que quelqu'un attend ne se perd ni avec son travailleur, ni avec la base un instant coupée."""

from __future__ import annotations

import inspect
import re

import pytest
from django.db import connection
from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateJob
from procrastinate.job_context import JobContext
from procrastinate.jobs import Job

from apart.comptes.jetons import Demande
from apart.comptes.models import Utilisateur
from apart.courriels.models import Courriel
from apart.socle.travaux import chacun, differer, une_seule_fois
from tests.boite import Boite
from tests.comptes.fabriques import personne
from tests.travail import lancer_travailleur

ATTENDUES = {
    "comptes.reinitialiser",
    "etablissements.rappeler_identifiant",
    "reprises.envoyer_lien",
    "etablissements.envoyer_lien_espace",
    "etablissements.envoyer_lien_rejoindre",
    "assistance.renvoyer_liens",
    "reprises.renvoyer_suivis",
}


def test_les_taches_que_quelqu_un_attend_se_reprennent() -> None:
    reprises = {nom for nom, tache in app.tasks.items() if tache.retry_strategy}

    assert reprises == ATTENDUES
    assert {nom for nom, tache in app.tasks.items() if une_seule_fois in tache.task_middleware} == ATTENDUES


@pytest.mark.django_db(transaction=True)
def test_la_tache_d_un_travailleur_tue_est_reprise(boite: Boite) -> None:
    marie = personne()
    demander_un_lien(marie)
    laisser_en_plan()

    reprendre(boite)

    assert Courriel.objects.get().destinataire == marie.courriel
    assert not ProcrastinateJob.objects.filter(task_name="comptes.reinitialiser").exists()


@pytest.mark.django_db(transaction=True)
def test_une_tache_validee_dont_le_travailleur_meurt_avant_de_le_dire_est_faite_et_non_refaite(boite: Boite) -> None:
    demander_un_lien(personne())
    tache = ProcrastinateJob.objects.get()
    en_cours = Job(id=tache.pk, queue="default", lock=None, queueing_lock=None, task_name=tache.task_name)
    contexte = JobContext(app=app, job=en_cours, start_timestamp=0, abort_reason=lambda: None)
    une_seule_fois(lambda: app.tasks[tache.task_name].func(**tache.args), contexte, None)
    laisser_en_plan()

    reprendre(boite)

    assert Courriel.objects.count() == 1
    assert not ProcrastinateJob.objects.filter(task_name="comptes.reinitialiser").exists()  # ni en échec, ni à refaire


@pytest.mark.django_db(transaction=True)
def test_une_tache_perdue_que_l_on_ne_peut_rendre_n_empeche_pas_de_rendre_les_autres(boite: Boite) -> None:
    differer("socle.purger", queue="default", timestamp=1)
    demander_un_lien(personne())
    laisser_en_plan()
    differer("socle.purger", queue="default", timestamp=2)
    with connection.cursor() as curseur:  # une tâche du même verrou attend déjà : la base refuse de rendre la première
        curseur.execute(
            "UPDATE procrastinate_jobs SET queueing_lock = 'un', scheduled_at = now() + interval '1 hour'"
            " WHERE task_name = 'socle.purger'"
        )
        # Récrite, une ligne passe à la fin de la table : celle-ci est lue après.
        curseur.execute("UPDATE procrastinate_jobs SET attempts = 1 WHERE task_name = 'comptes.reinitialiser'")

    reprendre(boite)

    assert Courriel.objects.count() == 1


def test_chaque_geste_d_un_menage_se_fait_meme_apres_un_echec() -> None:
    faits: list[str] = []

    def tomber() -> None:
        raise ValueError("le premier")

    with pytest.raises(ExceptionGroup, match="1 gestes sur 2") as leve:
        chacun(tomber, lambda: faits.append("second"))
    assert faits == ["second"]
    assert str(leve.value.exceptions[0]) == "le premier"
    chacun(lambda: faits.append("troisième"))


def test_aucune_tache_n_enchaine_deux_menages_dont_l_un_arreterait_l_autre(monkeypatch: pytest.MonkeyPatch) -> None:
    """Toute tâche de nuit qui fait plusieurs gestes les fait par chacun()."""
    for nom, tache in app.tasks.items():
        code = inspect.getsource(tache.func)
        appels = [ligne for ligne in code.splitlines() if re.match(r"    [\w.]+\(.*\)$", ligne)]
        assert len(appels) <= 1, nom


def demander_un_lien(marie: Utilisateur) -> None:
    demande = Demande.maintenant()
    differer("comptes.reinitialiser", queue="default", identifiant=marie.identifiant, **demande.ecrite())


def reprendre(boite: Boite) -> None:
    differer("socle.reprendre", queue="default", timestamp=0)
    lancer_travailleur(boite).wait(timeout=60)
    lancer_travailleur(boite).wait(timeout=60)


def laisser_en_plan() -> None:
    """Ce que laisse un travailleur tué : des tâches commencées que personne ne finit."""
    with connection.cursor() as curseur:
        curseur.execute("UPDATE procrastinate_jobs SET status = 'doing', worker_id = NULL WHERE status = 'todo'")
