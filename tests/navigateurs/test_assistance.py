"""Demander de l'aide dans un vrai navigateur : la demande arrive au bureau, la réponse revient au demandeur."""

from __future__ import annotations

import re

import pytest
from django.conf import settings
from django.test import Client
from playwright.sync_api import Page, expect

from apart.assistance.models import DemandeAssistance
from tests.assistance.fabriques import depot
from tests.boite import Boite
from tests.comptes.fabriques import agent
from tests.monde import annonce, creer_monde
from tests.navigateurs.gestes import Ouvrir
from tests.navigateurs.visites import connecter

MESSAGE = "La responsable paie est partie en mars et sa messagerie est fermée."


def connecter_un_agent(page: Page, serveur: str) -> None:
    client = Client()
    client.force_login(agent())
    nom = settings.SESSION_COOKIE_NAME
    page.context.add_cookies([{"name": nom, "value": client.cookies[nom].value, "url": serveur}])


def demander_de_l_aide(page: Page) -> None:
    """Le chemin de la note, cas 2.1 : « BESOIN D'AIDE ? », puis le motif « Habilitation à l'extranet »."""
    page.goto("/")
    page.get_by_role("link", name="BESOIN D'AIDE ?").first.click()
    page.get_by_text("Envoyer une demande d'assistance").click()
    page.get_by_role("button", name="Continuer").click()
    page.get_by_label("N° de Siret *").fill("732 829 320 00074")
    page.get_by_label("Dénomination établissement *").fill("Boulangerie du Lac")
    page.get_by_label("Nom et prénom *").fill("Durand Marie")
    page.get_by_label("N° de téléphone *").fill("01 02 03 04 05")
    page.get_by_label("Adresse électronique *").fill("marie.durand@boulangerie.fr")
    page.get_by_label("Motif de la demande *").select_option(label="Habilitation à l'extranet")
    page.get_by_label("Description de la demande").fill(MESSAGE)
    page.wait_for_timeout(1_100)  # plus vite, on passerait pour un robot
    page.get_by_role("button", name="ENVOYER").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(re.compile(r"Demande d'assistance AP-\d{4}-\d{6}"))


def repondre_au_bureau(page: Page, reponse: str) -> None:
    page.goto("/agents/assistance/")
    page.get_by_role("link", name=re.compile("AP-")).click()
    expect(page.get_by_text(MESSAGE)).to_be_visible()
    page.get_by_label("Votre réponse *").fill(reponse)
    page.get_by_role("button", name="Répondre").click()
    expect(page.get_by_text("Votre réponse est partie")).to_be_visible()


@pytest.mark.parametrize("javascript", [True, False], ids=["avec JavaScript", "sans JavaScript"])
def test_cas_2_1_de_la_demande_a_la_reponse(ouvrir: Ouvrir, serveur: str, boite: Boite, javascript: bool) -> None:
    demandeur, bureau = ouvrir(javascript=javascript), ouvrir(javascript=javascript)
    demander_de_l_aide(demandeur)
    connecter_un_agent(bureau, serveur)

    repondre_au_bureau(bureau, "Connaissez-vous son nom ?")

    demandeur.goto(boite.recevoir()[-1].chemin)
    expect(demandeur.get_by_text("Connaissez-vous son nom ?")).to_be_visible()
    demandeur.get_by_label("Votre message *").fill("Oui, Jeanne Petit.")
    demandeur.get_by_role("button", name="Envoyer", exact=True).click()
    expect(demandeur.get_by_text("Oui, Jeanne Petit.")).to_be_visible()


def test_prendre_une_demande_ou_la_clore_ne_perd_pas_la_reponse_commencee(page: Page, serveur: str) -> None:
    depot()
    connecter_un_agent(page, serveur)
    page.goto("/agents/assistance/")
    page.get_by_role("link", name=re.compile("AP-")).click()
    page.get_by_label("Votre réponse *").fill("Bonjour, connaissez-vous")
    page.get_by_label("Note interne *").fill("Déjà appelée lundi.")
    page.get_by_role("button", name="Prendre la demande").click()
    expect(page.get_by_role("button", name="Prendre la demande")).not_to_be_visible()
    expect(page.get_by_label("Votre réponse *")).to_have_value("Bonjour, connaissez-vous")

    page.once("dialog", lambda question: question.dismiss())
    page.get_by_role("button", name="Clore").click()
    expect(page.get_by_label("Votre réponse *")).to_have_value("Bonjour, connaissez-vous")

    page.get_by_role("button", name="Répondre").click()
    expect(page.get_by_text("Votre réponse est partie")).to_be_visible()
    expect(page.get_by_label("Votre réponse *")).to_have_value("")
    expect(page.get_by_label("Note interne *")).to_have_value("Déjà appelée lundi.")


def test_le_compteur_suit_la_frappe(page: Page) -> None:
    page.goto("/aide/assistance/")
    zone = page.get_by_label("Description de la demande")
    zone.fill("é" * 998 + "\n")
    expect(page.get_by_text("2 caractères restants")).to_be_visible()
    zone.fill("é" * 1003)
    expect(page.get_by_text("3 caractères de trop")).to_be_visible()


def test_choisir_un_motif_montre_ses_fiches(page: Page) -> None:
    page.goto("/aide/assistance/")
    page.get_by_label("Motif de la demande *").select_option(label="Certificat de signature")
    expect(page.get_by_role("link", name="Faut-il un certificat de signature ?")).to_be_visible()
    expect(page.get_by_role("link", name="J'ai oublié mon identifiant")).to_be_hidden()


def test_sans_javascript_les_fiches_de_chaque_motif_se_deplient(page_sans_js: Page) -> None:
    page_sans_js.goto("/aide/assistance/")
    lien = page_sans_js.get_by_role("link", name="Faut-il un certificat de signature ?")
    expect(lien).to_be_hidden()
    page_sans_js.locator("summary").filter(has_text="Certificat de signature").click()
    expect(lien).to_be_visible()


@pytest.mark.parametrize("largeur", [320, 1280])
def test_les_reponses_probables_viennent_avant_d_envoyer(ouvrir: Ouvrir, largeur: int) -> None:
    """Sous le motif sur un téléphone, à côté sur grand écran, et le formulaire reste d'une pièce."""
    page = ouvrir(largeur=largeur)
    page.goto("/aide/assistance/")
    page.get_by_label("Motif de la demande *").select_option(label="Certificat de signature")
    motif, reponses, texte = (
        element.bounding_box()
        for element in (
            page.get_by_label("Motif de la demande *"),
            page.get_by_role("complementary", name="La réponse est peut-être déjà là"),
            page.get_by_label("Description de la demande"),
        )
    )
    assert motif
    assert reponses
    assert texte
    if largeur == 320:
        assert motif["y"] < reponses["y"] < reponses["y"] + reponses["height"] < texte["y"]
    else:
        assert reponses["x"] > motif["x"] + motif["width"]
        assert reponses["y"] < motif["y"] < texte["y"] < motif["y"] + 250


def test_le_suivi_s_imprime_sans_le_champ_vide(ouvrir: Ouvrir, serveur: str) -> None:
    page = ouvrir("chromium")  # Firefox ne montre pas à Playwright la page comme elle s'imprime
    page.goto(f"/aide/suivi/{depot().secret}/")
    champ = page.get_by_label("Votre message")
    expect(champ).to_be_visible()
    page.emulate_media(media="print")
    expect(champ).to_be_hidden()
    expect(page.get_by_role("heading", name="Conversation")).to_be_visible()


def test_la_file_se_parcourt_au_clavier(page: Page, serveur: str) -> None:
    for nom in ("Première", "Deuxième"):
        depot(denomination=nom)
    connecter_un_agent(page, serveur)
    page.goto("/agents/assistance/?motif=habilitation")
    liens = page.get_by_role("rowheader").get_by_role("link")
    liens.first.focus()
    page.keyboard.press("ArrowDown")
    expect(liens.nth(1)).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text(DemandeAssistance.objects.order_by("pk")[1].numero)
    page.get_by_role("link", name="Retour à la file").click()
    expect(page).to_have_url(re.compile(r"\?motif=habilitation$"))


@pytest.mark.parametrize(
    ("chemin", "decisif"),
    [("/agents/assistance/", "reste [0-9]+ "), ("/agents/equipe/", "superviseur"), ("/agents/annonces/", "Retirer")],
)
def test_un_tableau_d_agent_tient_a_l_ecran(page: Page, serveur: str, chemin: str, decisif: str) -> None:
    """Le délai de chaque demande, l'accès et les gestes de chacun : rien n'y défile de côté."""
    monde = creer_monde()
    annonce(monde.agent)
    connecter(page.context, monde.superviseur, serveur)
    page.goto(chemin)
    for largeur in (320, 576, 768, 991, 992, 1280):
        page.set_viewport_size({"width": largeur, "height": 800})
        cadre = page.get_by_role("main").get_by_text(re.compile(rf"^{decisif}")).first.bounding_box()
        assert cadre, largeur
        assert 0 <= cadre["x"] < cadre["x"] + cadre["width"] <= largeur
        tableau = page.locator(".fr-table__content").first
        assert tableau.evaluate("(e) => e.scrollWidth - e.clientWidth") <= 1, largeur


def test_rien_ne_deborde_sur_un_telephone(telephone: Page) -> None:
    for chemin in ("/aide/", "/aide/fiches/", "/aide/fiches/rien-recu/", "/aide/assistance/", "/aide/suivi/"):
        telephone.goto(chemin)
        assert telephone.evaluate("document.documentElement.scrollWidth <= innerWidth"), chemin
