"""Entrer et sortir."""

from __future__ import annotations

import re

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from apart.comptes.models import Acces, Session
from tests.comptes.fabriques import MOT_DE_PASSE, personne

pytestmark = pytest.mark.django_db


def entrer(client: Client, identifiant: str, mot_de_passe: str = MOT_DE_PASSE, **reste: str) -> object:
    return client.post("/connexion/", {"identifiant": identifiant, "mot_de_passe": mot_de_passe, **reste})


def est_connecte(client: Client) -> bool:
    return client.get("/connexion/").status_code == 302


def test_on_entre_avec_son_identifiant_et_son_mot_de_passe(client: Client) -> None:
    marie = personne()

    entrer(client, marie.identifiant)

    assert est_connecte(client)
    assert Acces.objects.get().utilisateur == marie


def test_l_identifiant_se_tape_avec_ou_sans_tiret_en_minuscules_et_avec_des_lettres_confondues(client: Client) -> None:
    marie = personne()
    type(marie).objects.filter(pk=marie.pk).update(identifiant="K0MP1QXV")

    entrer(client, " komp-lqxv ")

    assert est_connecte(client)


def test_taper_son_adresse_electronique_dit_quoi_faire_sans_chercher_de_compte(
    client: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    marie = personne()

    with django_assert_num_queries(0):
        page = client.post("/connexion/", {"identifiant": marie.courriel, "mot_de_passe": MOT_DE_PASSE})

    assert "Ne pas saisir l'adresse de messagerie" in page.content.decode()
    assert "Recevoir mon identifiant par courriel" in page.content.decode()
    assert not est_connecte(client)


def test_l_identifiant_tape_reste_apres_un_refus_mais_pas_le_mot_de_passe(client: Client) -> None:
    page = client.post("/connexion/", {"identifiant": "k7mp-2qxv", "mot_de_passe": "presque le bon mot"})

    assert 'value="k7mp-2qxv"' in page.content.decode()
    assert "presque le bon mot" not in page.content.decode()


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
    marie = personne()

    reponse = client.post(
        "/connexion/", {"identifiant": marie.identifiant, "mot_de_passe": MOT_DE_PASSE, "next": "/deconnexion/"}
    )

    assert reponse.headers["Location"] == "/deconnexion/"


@pytest.mark.menace("T34")
@pytest.mark.parametrize(
    "suite",
    ["//evil.tld", "/\\evil.tld", "https:evil.tld", "https://evil.tld/", "\t//evil.tld", "/%09//evil", "javascript:1"],
)
def test_t34_on_n_est_jamais_renvoye_vers_un_autre_site(client: Client, suite: str) -> None:
    marie = personne()

    reponse = client.post(
        "/connexion/", {"identifiant": marie.identifiant, "mot_de_passe": MOT_DE_PASSE, "next": suite}
    )

    assert re.fullmatch(r"/[a-z%][^\\]*", reponse.headers["Location"])
    assert est_connecte(client)
