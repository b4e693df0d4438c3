"""La page « Sécurité »."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from apart.comptes.actions import securite
from apart.comptes.models import Acces, CodeSecours, Session
from apart.courriels.models import Courriel
from apart.socle.models import EntreeJournal
from tests.comptes.fabriques import MOT_DE_PASSE, entrer, est_connecte, lu, personne

pytestmark = [pytest.mark.django_db, pytest.mark.jour]
NOUVEAU = "clairon brume ecureuil safran"
CHANGER = "/mon-espace/securite/mot-de-passe/"


def changer(client: Client, actuel: str = MOT_DE_PASSE, nouveau: str = NOUVEAU) -> str:
    return lu(client.post(CHANGER, {"actuel": actuel, "mot_de_passe": nouveau}))


def test_un_visiteur_est_renvoye_a_la_connexion_avec_la_suite(client: Client) -> None:
    assert client.get("/mon-espace/securite/").headers["Location"] == "/connexion/?next=/mon-espace/securite/"


def test_la_personne_relit_son_identifiant_qu_un_traducteur_ne_change_pas(client: Client) -> None:
    marie = personne()
    entrer(client, marie.identifiant)

    assert f'<strong translate="no">{marie.identifiant_lisible}</strong>' in lu(client.get("/mon-espace/securite/"))


def test_changer_de_mot_de_passe_garde_cette_session_et_ferme_les_autres(client: Client) -> None:
    marie = personne()
    autre = Client()
    entrer(client, marie.identifiant)
    entrer(autre, marie.identifiant)

    changer(client)

    assert est_connecte(client)
    assert not est_connecte(autre)
    marie.refresh_from_db()
    assert marie.check_password(NOUVEAU)
    assert "Votre mot de passe a été changé" in Courriel.objects.get().texte
    assert EntreeJournal.objects.filter(geste="changer_mot_de_passe", par=marie).exists()


def test_changer_de_mot_de_passe_demande_l_actuel(client: Client) -> None:
    marie = personne()
    entrer(client, marie.identifiant)

    assert "Ce n'est pas votre mot de passe actuel" in changer(client, actuel="un autre mot de passe")
    assert "Tapez votre mot de passe actuel." in changer(client, actuel="")
    marie.refresh_from_db()
    assert marie.check_password(MOT_DE_PASSE)


def test_un_nouveau_mot_de_passe_a_son_nom_est_refuse(client: Client) -> None:
    entrer(client, personne().identifiant)

    assert "Ce mot de passe reprend ce que l'on sait de vous" in changer(client, nouveau="Durand Marie 1984")


def test_la_page_montre_les_derniers_acces(client: Client) -> None:
    entrer(client, personne().identifiant)

    page = lu(client.get("/mon-espace/securite/"))

    assert "Mes derniers accès" in page
    assert "Mon code de secours" in page


def test_le_nombre_de_requetes_ne_suit_pas_le_nombre_de_sessions(
    client: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    marie = personne()
    entrer(client, marie.identifiant)
    session = Session.objects.exclude(utilisateur=None).get()
    for i in range(20):
        session.pk = f"{i:064x}"
        session.save(force_insert=True)
        Acces.objects.create(utilisateur=marie)

    with django_assert_max_num_queries(10):
        page = lu(client.get("/mon-espace/securite/"))

    assert page.count("Fermer cette session") == 20


@pytest.mark.menace("T28")
def test_t28_changer_de_mot_de_passe_change_la_cle_de_session(client: Client) -> None:
    entrer(client, personne().identifiant)
    avant = client.cookies["session"].value

    changer(client)

    assert client.cookies["session"].value != avant


def test_tirer_un_code_de_secours_le_montre_une_fois_et_previent(client: Client) -> None:
    marie = personne()
    entrer(client, marie.identifiant)

    page = lu(client.post("/mon-espace/securite/code-de-secours/"))

    assert "il ne sera plus jamais montré" in page
    assert CodeSecours.objects.get().utilisateur == marie
    assert "Un nouveau code de secours" in Courriel.objects.get().texte
    assert "Vous avez un code de secours" in lu(client.get("/mon-espace/securite/"))


def test_apres_quinze_minutes_le_code_de_secours_demande_de_se_confirmer(client: Client) -> None:
    with time_machine.travel(datetime(2026, 11, 23, 12, tzinfo=UTC), tick=False) as temps:
        entrer(client, personne().identifiant)
        temps.shift(timedelta(minutes=16))
        detour = client.post("/mon-espace/securite/code-de-secours/").headers["Location"]
        assert not CodeSecours.objects.exists()

        page = lu(client.post(detour, {"password": MOT_DE_PASSE}))

    assert "il ne sera plus jamais montré" in page
    assert CodeSecours.objects.exists()


@pytest.mark.parametrize("forgee", ["\x00", "z" * 5000, "💥"])
def test_fermer_une_session_qui_n_en_est_pas_une_ne_fait_rien(forgee: str) -> None:
    marie = personne()

    assert securite.fermer_session(marie, session=forgee, par=marie) == 0
