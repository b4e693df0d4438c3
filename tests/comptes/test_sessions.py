"""Les sessions : leur clé, leur fin, leur liste."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.conf import settings
from django.test import Client

from apart.comptes import sessions
from apart.comptes.actions.menage import purger_sessions
from apart.comptes.actions.sessions import fermer_toutes
from apart.comptes.models import Session, Utilisateur
from apart.socle.chiffrement import empreinte
from tests.comptes.fabriques import MOT_DE_PASSE, activer_application, entrer, est_connecte, nouvel_agent, personne

pytestmark = [pytest.mark.django_db, pytest.mark.jour]
MATIN = datetime(2026, 11, 23, 8, tzinfo=UTC)
FIREFOX = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0"


def test_la_fin_d_une_session_est_la_premiere_des_deux_limites() -> None:
    fin = sessions.fin(ouverte_le=MATIN, vue_le=MATIN + timedelta(hours=11, minutes=50), agent=False)

    assert fin == MATIN + timedelta(hours=12)


@pytest.mark.menace("T28")
def test_t28_une_cle_de_session_posee_avant_la_connexion_ne_vaut_rien_apres(client: Client) -> None:
    visiteur = sessions.SessionStore()
    visiteur["piege"] = "posé par un autre"
    visiteur.save()
    ancienne = str(visiteur.session_key)
    client.cookies[settings.SESSION_COOKIE_NAME] = ancienne

    entrer(client, personne().identifiant)

    assert client.cookies[settings.SESSION_COOKIE_NAME].value != ancienne
    assert not sessions.SessionStore().exists(ancienne)


@pytest.mark.menace("T28")
def test_t28_se_confirmer_change_aussi_la_cle(client: Client) -> None:
    entrer(client, personne().identifiant)
    avant = client.cookies[settings.SESSION_COOKIE_NAME].value

    client.post("/mon-espace/securite/confirmer/", {"password": MOT_DE_PASSE, "next": "/mon-espace/securite/"})

    assert client.cookies[settings.SESSION_COOKIE_NAME].value != avant
    assert not sessions.SessionStore().exists(avant)
    assert est_connecte(client)


@pytest.mark.menace("T42")
def test_t42_la_cle_gardee_en_base_ne_permet_pas_de_reprendre_la_session(client: Client) -> None:
    entrer(client, personne().identifiant)
    gardee = Session.objects.exclude(utilisateur=None).get().session_key

    voleur = Client()
    voleur.cookies[settings.SESSION_COOKIE_NAME] = gardee

    assert not est_connecte(voleur)


def test_trente_minutes_sans_activite_ferment_la_session(client: Client) -> None:
    with time_machine.travel(MATIN, tick=False) as temps:
        entrer(client, personne().identifiant)
        temps.shift(timedelta(minutes=29))
        assert est_connecte(client)
        temps.shift(timedelta(minutes=29))
        assert est_connecte(client)
        temps.shift(timedelta(minutes=31))
        assert not est_connecte(client)


def test_douze_heures_ferment_la_session_meme_active(client: Client) -> None:
    with time_machine.travel(MATIN, tick=False) as temps:
        entrer(client, personne().identifiant)
        for _ in range(35):
            temps.shift(timedelta(minutes=20))
            assert est_connecte(client)
        temps.shift(timedelta(minutes=21))
        assert not est_connecte(client)


def test_un_agent_est_deconnecte_apres_quinze_minutes_sans_activite(client: Client) -> None:
    with time_machine.travel(MATIN, tick=False) as temps:
        entrer(client, nouvel_agent().identifiant)
        temps.shift(timedelta(minutes=14))
        assert est_connecte(client)
        temps.shift(timedelta(minutes=16))
        assert not est_connecte(client)


def test_une_page_vue_n_ecrit_qu_une_fois_par_minute(client: Client) -> None:
    with time_machine.travel(MATIN, tick=False) as temps:
        entrer(client, personne().identifiant)
        temps.shift(timedelta(seconds=30))
        est_connecte(client)
        assert Session.objects.exclude(utilisateur=None).get().vue_le == MATIN
        temps.shift(timedelta(seconds=31))
        est_connecte(client)
        assert Session.objects.exclude(utilisateur=None).get().vue_le == MATIN + timedelta(seconds=61)


def test_chaque_page_dit_quand_la_session_se_ferme(client: Client) -> None:
    with time_machine.travel(MATIN, tick=False):
        entrer(client, personne().identifiant)
        page = client.get("/mon-espace/securite/").content.decode()

    assert "votre session se ferme à" in page
    assert "9\u00a0h\u00a030, heure de Paris" in page


def test_prolonger_sa_session_compte_comme_une_activite(client: Client) -> None:
    with time_machine.travel(MATIN, tick=False) as temps:
        entrer(client, personne().identifiant)
        temps.shift(timedelta(minutes=27))

        reponse = client.post("/session/prolonger/", headers={"Accept": "application/json"})

    assert reponse.json() == {"reste": 30 * 60}


def test_sans_javascript_prolonger_ramene_a_la_page(client: Client) -> None:
    entrer(client, personne().identifiant)

    reponse = client.post("/session/prolonger/", {"next": "/mon-espace/securite/"})

    assert reponse.headers["Location"] == "/mon-espace/securite/"


def test_la_liste_dit_l_appareil_le_reseau_et_l_heure(client: Client) -> None:
    marie = personne()
    Client(headers={"User-Agent": FIREFOX}).post(
        "/connexion/",
        {"identifiant": marie.identifiant, "mot_de_passe": MOT_DE_PASSE},
        REMOTE_ADDR="203.0.113.77",
    )
    entrer(client, marie.identifiant)

    page = client.get("/mon-espace/securite/").content.decode()

    assert "Firefox sur Windows" in page
    assert "203.0.113.x" in page
    assert "203.0.113.77" not in page
    assert "Cet appareil" in page


def test_on_ferme_une_session_choisie_et_pas_les_autres(client: Client) -> None:
    marie = personne()
    autre, encore = Client(), Client()
    for navigateur in (client, autre, encore):
        entrer(navigateur, marie.identifiant)
    cle = empreinte(autre.cookies[settings.SESSION_COOKIE_NAME].value)

    client.post("/mon-espace/securite/sessions/fermer/", {"session": cle})

    assert [est_connecte(navigateur) for navigateur in (client, autre, encore)] == [True, False, True]


def test_on_ferme_toutes_les_autres_sessions(client: Client) -> None:
    marie = personne()
    autre = Client()
    entrer(client, marie.identifiant)
    entrer(autre, marie.identifiant)

    client.post("/mon-espace/securite/sessions/fermer/")

    assert est_connecte(client)
    assert not est_connecte(autre)


def test_personne_ne_ferme_la_session_d_autrui(client: Client) -> None:
    jean = Client()
    entrer(jean, personne("jean@garage.fr").identifiant)
    entrer(client, personne().identifiant)
    cle = empreinte(jean.cookies[settings.SESSION_COOKIE_NAME].value)

    client.post("/mon-espace/securite/sessions/fermer/", {"session": cle})

    assert est_connecte(jean)


@pytest.mark.menace("T29")
def test_t29_fermer_toutes_les_sessions_renvoie_chaque_navigateur_a_la_connexion(client: Client) -> None:
    marie = personne()
    autre = Client()
    entrer(client, marie.identifiant)
    entrer(autre, marie.identifiant)

    assert fermer_toutes(marie) == 2

    assert not est_connecte(client)
    assert not est_connecte(autre)


@pytest.mark.menace("T29")
def test_t29_un_nouveau_mot_de_passe_ferme_les_sessions_et_garde_le_second_facteur(client: Client) -> None:
    marie = personne()
    entrer(client, marie.identifiant)
    activer_application(client)

    marie.refresh_from_db()
    marie.set_password("clairon brume ecureuil safran")
    marie.save()

    assert not est_connecte(client)
    reponse = entrer(client, marie.identifiant, "clairon brume ecureuil safran")
    assert reponse.headers["Location"] == "/connexion/code/"
    assert not est_connecte(client)


def test_desactiver_un_compte_ferme_ses_sessions(client: Client) -> None:
    marie = personne()
    entrer(client, marie.identifiant)

    Utilisateur.objects.filter(pk=marie.pk).update(is_active=False)

    assert not est_connecte(client)


def test_la_purge_efface_les_sessions_finies(client: Client) -> None:
    with time_machine.travel(MATIN, tick=False) as temps:
        entrer(client, personne().identifiant)
        temps.shift(timedelta(hours=1))

        assert purger_sessions() >= 1
        assert not Session.objects.exists()


def test_une_session_ouverte_par_django_est_bornee_elle_aussi(client: Client) -> None:
    with time_machine.travel(MATIN, tick=False):
        client.force_login(personne())
        session = Session.objects.exclude(utilisateur=None).get()

    assert session.expire_date == MATIN + timedelta(minutes=30)
