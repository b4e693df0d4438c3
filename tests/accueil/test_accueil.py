"""L'accueil : entrer, ou ouvrir un espace ; rien qui ne mène nulle part."""

import re

import pytest
from django.http import HttpResponse
from django.test import Client
from pytest_django import DjangoAssertNumQueries, Settings

from tests.comptes.fabriques import agent, personne

pytestmark = [pytest.mark.django_db, pytest.mark.jour]


def texte(reponse: object) -> str:
    assert isinstance(reponse, HttpResponse)
    return reponse.content.decode()


def test_connecte_l_accueil_mene_d_abord_a_son_espace(client: Client) -> None:
    """Qui est entré n'a plus à se connecter, ni à lire comment créer un espace."""
    client.force_login(personne("lea@cabinet.fr"))
    html = texte(client.get("/"))
    contenu = html[html.index("<main") :]
    assert re.findall(r'href="([^"]+)"', contenu)[:2] == ["/mon-espace/", "/espace/creer/"]
    assert "MA PREMIÈRE CONNEXION" not in contenu
    assert 'name="mot_de_passe"' not in contenu


def test_un_agent_connecte_est_mene_a_son_bureau(client: Client) -> None:
    client.force_login(agent())
    html = texte(client.get("/"))
    assert re.findall(r'href="([^"]+)"', html[html.index("<main") :])[0] == "/agents/assistance/"


def test_un_visiteur_coute_au_plus_une_requete_puis_aucune(
    client: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_num_queries(1):
        client.get("/")
    with django_assert_num_queries(0):
        Client().get("/")


def test_chaque_visiteur_recoit_son_propre_jeton_csrf_et_peut_s_en_servir() -> None:
    def jeton(client: Client) -> str:
        return texte(client.get("/")).split('name="csrfmiddlewaretoken" value="')[1].split('"')[0]

    premier, second = Client(enforce_csrf_checks=True), Client(enforce_csrf_checks=True)
    assert jeton(premier) != jeton(second)
    envoi = {"identifiant": "K7MP2QXV", "mot_de_passe": "x", "csrfmiddlewaretoken": jeton(second)}
    assert second.post("/connexion/", envoi).status_code != 403
    assert premier.post("/connexion/", envoi).status_code == 403


def test_aucun_lien_de_l_accueil_ne_mene_nulle_part(client: Client) -> None:
    liens = {lien for lien in re.findall(r'href="([^"#]*)"', texte(client.get("/"))) if lien != ""}
    assert liens
    for lien in liens:
        reponse = client.get(lien)
        reponse.close()
        assert reponse.status_code == 200, lien


@pytest.mark.parametrize(
    ("chemin", "titre"),
    [
        ("/mentions-legales/", "Mentions légales"),
        ("/conditions-generales/", "Conditions générales d'utilisation"),
        ("/donnees-personnelles/", "Données personnelles"),
        ("/accessibilite/", "Déclaration d'accessibilité"),
        ("/support-technique/", "Contacter le support technique"),
        ("/contrat-de-prestation/", "Contrat de prestation"),
    ],
)
def test_chaque_page_publique_a_son_titre_et_un_seul_h1(client: Client, chemin: str, titre: str) -> None:
    html = texte(client.get(chemin))
    assert f"<h1>{titre}</h1>" in html
    assert html.count("<h1") == 1
    assert re.search(r"<title>[^<]+ – Activité partielle</title>", html)


def test_les_conditions_couvrent_ce_que_demande_le_code_du_travail(client: Client) -> None:
    html = texte(client.get("/conditions-generales/"))
    for garantie in (
        "Identification de l'auteur",
        "Intégrité",
        "Lisibilité",
        "Fiabilité",
        "Date et heure",
        "Accusé de réception",
        "Conservation",
    ):
        assert f"<dt>{garantie}</dt>" in html


def test_le_support_sans_telephone_le_dit_et_mene_ailleurs(client: Client) -> None:
    assert "n'a pas de support téléphonique" in texte(client.get("/support-technique/"))


def test_le_support_configure_montre_telephone_et_horaires(client: Client, settings: Settings) -> None:
    settings.SUPPORT_TELEPHONE = "0 800 705 800"
    settings.SUPPORT_HORAIRES = "de 8 h à 20 h"
    html = texte(client.get("/support-technique/"))
    assert "0 800 705 800" in html
    assert "de 8 h à 20 h" in html


def test_l_exploitant_configure_figure_dans_les_mentions(client: Client, settings: Settings) -> None:
    settings.EXPLOITANT = {"nom": "Agence <d'essai>", "adresse": "1 rue X"}
    assert "Agence &lt;d&#x27;essai&gt;" in texte(client.get("/mentions-legales/"))


def test_le_theme_neutre_ne_porte_pas_la_marque_de_l_etat(client: Client) -> None:
    html = texte(client.get("/"))
    assert "fr-logo" not in html
    assert "République" not in html


def test_un_operateur_de_l_etat_porte_la_marque(client: Client, settings: Settings) -> None:
    settings.SERVICE_ETAT = True
    assert "République<br>Française" in texte(client.get("/"))
