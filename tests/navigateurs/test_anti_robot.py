"""Le contrôle de sécurité dans de vrais navigateurs : rien à recopier, et personne enfermé dehors."""

import pytest
from django.conf import settings as reglages
from playwright.sync_api import Page, Request, expect
from pytest_django import Settings

from apart.socle import anti_robot
from apart.socle.models import PreuveEmployee

EFFORT = reglages.ANTI_ROBOT_EFFORT


@pytest.fixture(autouse=True)
def page_d_essai(serveur: str, settings: Settings) -> None:
    settings.ROOT_URLCONF = "tests.socle.page_essai"


def remplir(page: Page, ville: str = "Quimper") -> None:
    page.goto("/essai/")
    page.get_by_label("Ville").fill(ville)


def recu(page: Page) -> None:
    expect(page.get_by_role("heading", level=1)).to_have_text("Bien reçu")


def test_la_preuve_se_fait_seule_pendant_la_saisie(page: Page, settings: Settings) -> None:
    settings.ANTI_ROBOT_EFFORT = EFFORT
    remplir(page)
    expect(page.get_by_role("status").filter(has_text="Contrôle terminé")).to_be_visible()
    page.get_by_role("button", name="Envoyer").click()
    recu(page)
    assert PreuveEmployee.objects.count() == 1


def test_un_envoi_immediat_attend_la_preuve(page: Page, settings: Settings) -> None:
    settings.ANTI_ROBOT_EFFORT = 3_000
    page.goto("/essai/")
    page.get_by_label("Ville").fill("Quimper")
    page.get_by_label("Ville").press("Enter")
    expect(page.get_by_role("status").filter(has_text="l'envoi suit")).to_be_visible()
    recu(page)


def test_un_double_clic_n_envoie_qu_une_fois(page: Page) -> None:
    envois: list[Request] = []
    page.on("request", lambda requete: envois.append(requete) if requete.method == "POST" else None)
    remplir(page)
    page.get_by_role("button", name="Envoyer").dblclick()
    recu(page)
    assert len(envois) == 1


def test_un_safari_d_avant_15_envoie_au_premier_clic(page: Page) -> None:
    """Il ne connaît ni requestSubmit, ni le bouton qui envoie."""
    page.add_init_script("""
        delete HTMLFormElement.prototype.requestSubmit;
        Object.defineProperty(SubmitEvent.prototype, "submitter", { value: undefined });
    """)
    remplir(page)
    page.get_by_role("button", name="Envoyer").click()
    recu(page)


def test_une_faute_corrigee_repart_avec_une_preuve_neuve(page: Page) -> None:
    remplir(page, ville="")
    page.get_by_role("button", name="Envoyer").click()
    expect(page.get_by_role("main")).to_contain_text("Indiquez la ville.")
    page.get_by_label("Ville").fill("Brest")
    page.get_by_role("button", name="Envoyer").click()
    recu(page)


def test_la_page_retrouvee_par_precedent_repart(page: Page) -> None:
    remplir(page)
    page.get_by_role("button", name="Envoyer").click()
    recu(page)
    page.go_back()
    page.get_by_label("Ville").fill("Brest")
    page.get_by_role("button", name="Envoyer").click()
    recu(page)


def test_changer_de_reseau_avant_d_envoyer_ne_se_remarque_pas(page: Page, settings: Settings) -> None:
    """Le téléphone quitte le Wi-Fi : la preuve se refait, l'envoi suit, rien n'est à retaper."""
    settings.MANDATAIRES_DE_CONFIANCE = 1
    envois: list[Request] = []
    page.on("request", lambda requete: envois.append(requete) if requete.method == "POST" else None)
    page.set_extra_http_headers({"X-Forwarded-For": "192.0.2.7"})
    remplir(page)
    expect(page.get_by_role("status").filter(has_text="Contrôle terminé")).to_be_visible()

    page.set_extra_http_headers({"X-Forwarded-For": "198.51.100.4"})
    page.get_by_role("button", name="Envoyer").click()

    recu(page)
    assert len(envois) == 2


def test_sans_calcul_possible_la_page_se_declare_sans_javascript(page: Page) -> None:
    """En http ailleurs que sur la machine elle-même, crypto.subtle n'existe pas."""
    page.add_init_script("Object.defineProperty(window.crypto, 'subtle', { value: undefined })")
    remplir(page)
    page.get_by_role("button", name="Envoyer").click()
    recu(page)
    assert PreuveEmployee.objects.count() == 0


def test_sans_javascript_le_formulaire_passe(page_sans_js: Page) -> None:
    remplir(page_sans_js)
    expect(page_sans_js.get_by_label("N'écrivez rien ici")).not_to_be_focused()
    page_sans_js.wait_for_timeout(anti_robot.TEMPS_HUMAIN.total_seconds() * 1000)
    page_sans_js.get_by_role("button", name="Envoyer").click()
    recu(page_sans_js)


def test_le_champ_piege_ne_se_rencontre_pas_au_clavier(page: Page) -> None:
    remplir(page)
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="Envoyer")).to_be_focused()
