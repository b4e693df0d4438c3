"""Un lien de suivi est un jeton que rien n'emploie : il s'ouvre un an, quoi qu'il arrive au compte de la personne."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.core.management import call_command
from django.db import IntegrityError, connection
from django.test import Client
from django.utils import timezone

from apart.assistance.actions import demandes
from apart.comptes import taches
from apart.comptes.actions import jetons
from apart.comptes.actions.securite import changer_mot_de_passe
from apart.comptes.models import Jeton, Usage
from apart.courriels.models import Courriel
from apart.socle.chiffrement import empreinte
from apart.socle.models import EntreeJournal
from tests.assistance.fabriques import depot
from tests.comptes.fabriques import personne

pytestmark = [pytest.mark.django_db, pytest.mark.jour]


@pytest.mark.parametrize(("jours", "statut"), [(364, 200), (366, 404)])
def test_un_lien_de_suivi_s_ouvre_un_an(client: Client, jours: int, statut: int) -> None:
    depose = depot()

    with time_machine.travel(timezone.now() + timedelta(days=jours)):
        taches.purger.func(timestamp=0)
        vues = [client.get(f"/aide/suivi/{depose.secret}/").status_code for _ in range(2)]

    assert vues == [statut, statut]


def test_un_lien_de_suivi_expire_disparait_la_nuit() -> None:
    depot()

    with time_machine.travel(timezone.now() + timedelta(days=367)):
        taches.purger.func(timestamp=0)

    assert not Jeton.objects.exists()


def test_changer_de_mot_de_passe_ne_ferme_pas_le_suivi() -> None:
    depose = depot()
    marie = personne(depose.demande.courriel)

    changer_mot_de_passe(marie, mot_de_passe="clairon brume ecureuil safran", session=None, par=marie)

    assert demandes.demande_du_lien(depose.secret) == depose.demande


def test_un_lien_retenu_se_note_au_journal_un_lien_parti_non() -> None:
    depose = depot()

    for _ in range(10):
        demandes.renvoyer_liens(depose.demande.courriel)

    partis = Courriel.objects.filter(modele="assistance_lien").count()
    assert 0 < partis < 10
    assert EntreeJournal.objects.filter(geste="retenir_courriel").count() == 10 - partis


@pytest.mark.parametrize("champ", ["employe_le", "annule_le"])
def test_la_base_refuse_d_employer_ou_d_annuler_un_lien_de_suivi(champ: str) -> None:
    depot()

    with pytest.raises(IntegrityError, match="jeton_de_suivi_jamais_employe"):
        Jeton.objects.filter(usage=Usage.SUIVI).update(**{champ: timezone.now()})


def test_un_lien_de_suivi_n_a_pas_de_code() -> None:
    emis = jetons.emettre(Usage.SUIVI, courriel="marie@boulangerie.fr")

    assert emis.code == emis.jeton.empreinte_code == ""


def test_un_lien_envoye_avant_la_migration_s_ouvre_encore_et_survit_a_l_aller_retour(client: Client) -> None:
    depose, ancien = depot(), "Zx81_abcdefghijklmnopqrstuvwxyz-0123456789"
    with connection.cursor() as curseur:
        curseur.execute("SET CONSTRAINTS ALL IMMEDIATE")
    call_command("migrate", "assistance", "0002", verbosity=0)
    with connection.cursor() as curseur:
        curseur.execute(
            "INSERT INTO assistance_liensuivi (demande_id, empreinte, emis_le, expire_le) VALUES (%s, %s, %s, %s)",
            [depose.demande.pk, empreinte(ancien), timezone.now(), timezone.now() + timedelta(days=300)],
        )
        curseur.execute("SET CONSTRAINTS ALL IMMEDIATE")
    call_command("migrate", verbosity=0)

    assert [client.get(f"/aide/suivi/{secret}/").status_code for secret in (ancien, depose.secret)] == [200, 200]
