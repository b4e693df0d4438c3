"""Entrer et sortir."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.contrib.auth.hashers import check_password, make_password
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from pytest_django import DjangoAssertNumQueries

from apart.comptes.hachage import Argon2
from apart.comptes.models import Acces, EchecConnexion, Session
from apart.socle.disque import SANS_ATTENDRE
from apart.socle.limites import Limite, compter
from tests.comptes.fabriques import MOT_DE_PASSE, activer_application, code_totp, entrer, est_connecte, personne
from tests.envoi import jeton_de_page

pytestmark = [pytest.mark.django_db, pytest.mark.jour]


def test_on_entre_avec_son_identifiant_et_son_mot_de_passe(client: Client) -> None:
    marie = personne()

    reponse = entrer(client, marie.identifiant)

    assert reponse.headers["Location"] == "/mon-espace/"
    assert est_connecte(client)
    assert Acces.objects.get().utilisateur == marie


def test_une_empreinte_recalculee_ne_remet_pas_un_mot_de_passe_change_au_meme_instant(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    marie = personne()
    monkeypatch.setattr(Argon2, "time_cost", 2)  # l'empreinte de Marie est à refaire
    neuve = make_password("clairon brume ecureuil safran")

    def changer(execute: Callable[..., Any], sql: str, *reste: Any) -> Any:
        """Dès que la connexion a lu Marie, elle change de mot de passe ailleurs."""
        lu = execute(sql, *reste)
        if sql.startswith("SELECT") and 'FROM "comptes_utilisateur"' in sql and marie.password != neuve:
            marie.password = neuve
            marie.save(update_fields=["password"])
        return lu

    with connection.execute_wrapper(changer):
        entrer(client, marie.identifiant)

    marie.refresh_from_db()
    assert marie.password == neuve


def test_se_connecter_ne_demande_a_la_base_que_treize_ordres(
    client: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    """À côté d'Argon2, ce sont eux qui coûtent (banc/notes.md)."""
    saisie = {"identifiant": personne().identifiant, "mot_de_passe": MOT_DE_PASSE}
    envoi = saisie | {"csrfmiddlewaretoken": jeton_de_page(client)}

    with django_assert_num_queries(13):
        client.post("/connexion/", envoi)

    assert est_connecte(client)


@pytest.mark.django_db(transaction=True)
def test_se_connecter_n_attend_le_disque_qu_une_fois_et_en_dernier(client: Client) -> None:
    """Chaque attente coûte une à trois millisecondes ; la dernière met sur le disque ce qui fut validé avant."""
    saisie = {"identifiant": personne().identifiant, "mot_de_passe": MOT_DE_PASSE}
    envoi = saisie | {"csrfmiddlewaretoken": jeton_de_page(client)}

    with CaptureQueriesContext(connection) as ordres:
        client.post("/connexion/", envoi)

    ecritures = [ordre["sql"] for ordre in ordres if re.search(r"INSERT INTO|DELETE FROM|UPDATE ", ordre["sql"])]
    attendues = [ordre for ordre in ecritures if SANS_ATTENDRE not in ordre]
    assert (len(ecritures), attendues) == (5, [ecritures[-1]])
    assert "INSERT INTO socle_envoi" in ecritures[-1]
    assert validation() == "on"


@pytest.mark.django_db(transaction=True)
def test_une_limite_comptee_dans_un_geste_lui_laisse_attendre_le_disque() -> None:
    limite = Limite("essai-disque", 3, timedelta(minutes=1))
    compter(limite, "seule")
    assert validation() == "on"
    with transaction.atomic():
        assert compter(limite, "dans un geste") == 1
        assert validation() == "on"


def validation() -> str:
    with connection.cursor() as curseur:
        curseur.execute("SHOW synchronous_commit")
        return str(curseur.fetchone()[0])


@pytest.mark.django_db(transaction=True)
def test_une_session_ne_s_ouvre_pas_sans_l_acces_montre_a_la_personne(client: Client) -> None:
    marie = personne()
    entrer(client, marie.identifiant)
    acces, session = Acces.objects.get(), Session.objects.exclude(utilisateur=None).get()
    assert (acces.utilisateur, acces.le, acces.adresse) == (marie, session.vue_le, "192.0.2.1")
    assert (session.adresse, session.navigateur) == (acces.adresse, acces.navigateur)
    assert session.ouverte_le < session.vue_le < session.expire_date
    Session.objects.all().delete()

    with aucun_acces_ne_s_ecrit():
        autre = Client(raise_request_exception=False)
        assert entrer(autre, marie.identifiant).status_code == 500

    assert not Session.objects.exists()


@contextmanager
def aucun_acces_ne_s_ecrit() -> Iterator[None]:
    with connection.cursor() as curseur:
        curseur.execute("ALTER TABLE comptes_acces ADD CONSTRAINT aucun CHECK (false) NOT VALID")
        try:
            yield
        finally:
            curseur.execute("ALTER TABLE comptes_acces DROP CONSTRAINT aucun")


def test_l_identifiant_se_tape_avec_ou_sans_tiret_en_minuscules_et_avec_des_lettres_confondues(client: Client) -> None:
    marie = personne()
    type(marie).objects.filter(pk=marie.pk).update(identifiant="K0MP1QXV")

    entrer(client, " komp-lqxv ")

    assert est_connecte(client)


def test_les_espaces_d_un_mot_de_passe_comptent(client: Client) -> None:
    marie = personne(mot_de_passe=f" {MOT_DE_PASSE} ")

    entrer(client, marie.identifiant, MOT_DE_PASSE)
    assert not est_connecte(client)

    entrer(client, marie.identifiant, f" {MOT_DE_PASSE} ")
    assert est_connecte(client)


def test_taper_son_adresse_electronique_dit_quoi_faire_sans_chercher_de_compte(
    client: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    marie = personne()

    with django_assert_num_queries(0):
        page = entrer(client, marie.courriel)

    assert "Ne pas saisir l'adresse de messagerie" in page.content.decode()
    assert "Recevoir mon identifiant par courriel" in page.content.decode()
    assert not est_connecte(client)


def test_sans_identifiant_la_page_dit_ce_qui_manque_et_ne_compte_aucun_essai(client: Client) -> None:
    page = entrer(client, "", "").content.decode()

    assert "Indiquez votre identifiant et votre mot de passe." in page
    assert "ne correspond pas" not in page
    assert not EchecConnexion.objects.exists()


def test_l_identifiant_tape_reste_apres_un_refus_mais_pas_le_mot_de_passe(client: Client) -> None:
    page = entrer(client, "k7mp-2qxv", "presque le bon mot").content.decode()

    assert 'value="k7mp-2qxv"' in page
    assert "presque le bon mot" not in page


def test_la_page_de_connexion_porte_les_libelles_de_la_note(client: Client) -> None:
    page = client.get("/connexion/").content.decode()

    for libelle in (
        "Identifiant",
        "Ne pas saisir l'adresse de messagerie",
        "Mot de passe",
        "Annuler",
        "Connexion",
        "J'ai oublié mon identifiant",
        "J'ai oublié mon mot de passe",
    ):
        assert libelle in page
    assert 'autocomplete="username"' in page
    assert 'autocomplete="current-password"' in page


def test_voir_la_page_de_deconnexion_ne_deconnecte_pas(client: Client) -> None:
    entrer(client, personne().identifiant)

    page = client.get("/deconnexion/")

    assert "Me déconnecter" in page.content.decode()
    assert est_connecte(client)


def test_le_bouton_de_deconnexion_ferme_la_session(client: Client) -> None:
    entrer(client, personne().identifiant)

    client.post("/deconnexion/")

    assert not est_connecte(client)
    assert not Session.objects.exclude(utilisateur=None).exists()


def test_on_revient_ou_l_on_voulait_aller(client: Client) -> None:
    reponse = entrer(client, personne().identifiant, suite="/mon-espace/securite/")

    assert reponse.headers["Location"] == "/mon-espace/securite/"


@pytest.mark.menace("T34")
@pytest.mark.parametrize(
    "suite",
    [
        "//evil.tld",
        "/\\evil.tld",
        "https:evil.tld",
        "https://evil.tld/",
        "https://testserver/",
        "\t//evil.tld",
        "%09//evil.tld",
        "javascript:alert(1)",
    ],
)
def test_t34_on_n_est_jamais_renvoye_vers_un_autre_site(client: Client, suite: str) -> None:
    reponse = entrer(client, personne().identifiant, suite=suite)

    assert reponse.headers["Location"] == "/mon-espace/"


@pytest.mark.menace("T30")
def test_t30_un_autre_site_ne_peut_pas_nous_connecter_a_son_compte() -> None:
    navigateur = Client(enforce_csrf_checks=True)

    reponse = entrer(navigateur, personne().identifiant)

    assert reponse.status_code == 403
    assert not est_connecte(navigateur)


@pytest.mark.menace("T30")
def test_t30_les_cookies_suivent_un_lien_recu_par_courriel_et_restent_illisibles_au_javascript(client: Client) -> None:
    entrer(client, personne().identifiant)

    cookie = client.cookies["session"]

    assert cookie["samesite"] == "Lax"
    assert cookie["httponly"]


@pytest.mark.menace("T39")
@pytest.mark.parametrize("page", ["/connexion/", "/deconnexion/", "/mon-espace/securite/"])
def test_t39_les_pages_ne_se_gardent_pas_et_ne_s_encadrent_pas(client: Client, page: str) -> None:
    if page.startswith("/mon-espace"):
        entrer(client, personne().identifiant)

    en_tetes = client.get(page).headers

    assert "no-store" in en_tetes["Cache-Control"]
    assert "frame-ancestors 'none'" in en_tetes["Content-Security-Policy"]
    assert en_tetes["X-Frame-Options"] == "DENY"


@pytest.mark.menace("T39")
def test_t39_apres_la_deconnexion_le_bouton_precedent_ne_montre_plus_rien(client: Client) -> None:
    entrer(client, personne().identifiant)
    client.post("/deconnexion/")

    assert client.get("/mon-espace/securite/").status_code == 302


@pytest.mark.menace("T40")
def test_t40_un_mot_de_passe_d_un_mega_octet_est_refuse_sans_calcul(client: Client) -> None:
    assert entrer(client, "K7MP-2QXV", "a" * 1_000_000).status_code in {400, 413}


# --- Le même mot, de deux claviers ---

COMPOSE = "forêt brûlée près du café"
DECOMPOSE = unicodedata.normalize("NFD", COMPOSE)


@pytest.mark.parametrize(("choisi", "tape"), [(COMPOSE, DECOMPOSE), (DECOMPOSE, COMPOSE), (DECOMPOSE, DECOMPOSE)])
def test_un_mot_de_passe_ouvre_d_un_clavier_a_l_autre(client: Client, choisi: str, tape: str) -> None:
    marie = personne()
    marie.set_password(choisi)
    marie.save()

    entrer(client, marie.identifiant, tape)

    assert est_connecte(client)


def test_une_empreinte_d_avant_s_ouvre_encore_puis_prend_la_forme_commune(client: Client) -> None:
    marie = personne()
    marie.password = make_password(DECOMPOSE)
    marie.save()

    entrer(client, marie.identifiant, DECOMPOSE)

    assert est_connecte(client)
    marie.refresh_from_db()
    assert check_password(COMPOSE, marie.password)


@pytest.mark.parametrize("separe", ["{} {}", "{}\u00a0{}", "\u2066{}-{}\u2069"])
def test_un_code_copie_avec_ses_espaces_et_ses_marques_passe(client: Client, separe: str) -> None:
    marie = personne()
    with time_machine.travel(datetime(2026, 11, 23, 12, tzinfo=UTC), tick=False) as temps:
        entrer(client, marie.identifiant)
        secret = activer_application(client)
        temps.shift(timedelta(minutes=5))
        client.post("/deconnexion/")
        entrer(client, marie.identifiant)
        code = code_totp(secret)

        client.post("/connexion/code/", {"code": separe.format(code[:3], code[3:])})

        assert est_connecte(client)
