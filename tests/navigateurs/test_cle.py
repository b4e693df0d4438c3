"""Une clé d'accès, du navigateur au serveur : l'ajouter, s'en servir, et comprendre pourquoi elle est refusée."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, Page, Playwright, expect
from pytest_django import Settings

from apart.comptes.models import Session, Utilisateur
from apart.comptes.sessions import SessionStore
from tests.boite import port_libre
from tests.comptes.fabriques import MOT_DE_PASSE, personne
from tests.navigateurs import cle, pilote
from tests.navigateurs.gestes import se_connecter, titre
from tests.navigateurs.veille import Veille


@pytest.fixture
def localhost(serveur: str, settings: Settings) -> str:
    """Le même serveur par son nom : une clé d'accès ne se lie pas à un numéro d'adresse."""
    settings.URL_PUBLIQUE = serveur.replace("127.0.0.1", "localhost")
    return str(settings.URL_PUBLIQUE)


@pytest.fixture(scope="session")
def firefox_a_cle(playwright: Playwright) -> Iterator[tuple[Browser, cle.Marionette]]:
    port = port_libre()
    firefox = pilote.lancer_firefox_a_cle(playwright, port)
    with cle.Marionette(port) as marionette:
        yield firefox, marionette
        firefox.close()


@pytest.fixture
def page_et_autre_cle(
    request: pytest.FixtureRequest,
    navigateurs: Callable[[pilote.Nom], Browser],
    nom_navigateur: pilote.Nom,
    localhost: str,
) -> Iterator[tuple[Page, Callable[[], None]]]:
    """Une page dont le navigateur a une clé d'accès, et qui confirme sans qu'on le touche ; de quoi changer de clé."""

    def page_de(navigateur: Browser) -> Page:
        profil = pilote.contexte(navigateur, url=localhost, largeur=1280, hauteur=800, javascript=True)
        profil.set_default_timeout(10_000)
        return profil.new_page()

    if nom_navigateur == "chromium":
        page = page_de(navigateurs("chromium"))
        yield page, cle.brancher_a_chromium(page)
        page.context.close()
        return
    firefox, marionette = request.getfixturevalue("firefox_a_cle")
    marionette.brancher()
    page = page_de(firefox)
    yield page, marionette.brancher
    page.context.close()
    marionette.debrancher()


@pytest.fixture
def page_a_cle(page_et_autre_cle: tuple[Page, Callable[[], None]]) -> Page:
    return page_et_autre_cle[0]


def ajouter_une_cle(page: Page) -> None:
    expect(page.get_by_role("button", name="Se déconnecter")).to_be_visible()  # la connexion est faite
    page.goto("/mon-espace/securite/")
    page.get_by_role("link", name="Ajouter un second facteur").click()
    page.get_by_role("link", name="Ajouter une clé d'accès").click()
    page.get_by_role("textbox", name="Nom de cette clé").fill("Mon ordinateur")
    page.get_by_role("button", name="Ajouter la clé").click()


def revenir_avec_sa_cle(page: Page, qui: Utilisateur) -> None:
    page.get_by_role("button", name="Se déconnecter").click()
    titre_d_accueil = page.get_by_role("heading", name="MA PREMIÈRE CONNEXION")
    expect(titre_d_accueil).to_be_visible()  # partir avant la réponse l'interromprait
    se_connecter(page, qui.identifiant, MOT_DE_PASSE)
    titre(page, "Second facteur")
    page.get_by_role("button", name="Employer ma clé d'accès").click()
    expect(page.get_by_role("button", name="Se déconnecter")).to_be_visible()


def test_une_cle_s_ajoute_puis_la_connexion_la_demande(page_a_cle: Page) -> None:
    page, marie, veille = page_a_cle, personne(), Veille(page_a_cle)
    se_connecter(page, marie.identifiant, MOT_DE_PASSE)
    ajouter_une_cle(page)
    titre(page, "Codes de rechange")
    expect(page.get_by_text("La clé d'accès est ajoutée.")).to_be_visible()

    revenir_avec_sa_cle(page, marie)
    assert not veille.constats


def test_une_seconde_cle_s_ajoute_et_reste_quand_la_premiere_est_retiree(
    page_et_autre_cle: tuple[Page, Callable[[], None]],
) -> None:
    (page, changer), marie = page_et_autre_cle, personne()
    veille = Veille(page)
    se_connecter(page, marie.identifiant, MOT_DE_PASSE)
    ajouter_une_cle(page)
    titre(page, "Codes de rechange")
    changer()
    page.goto("/mon-espace/securite/cles/ajouter/")
    page.get_by_role("textbox", name="Nom de cette clé").fill("Mon téléphone")
    page.get_by_role("button", name="Ajouter la clé").click()
    expect(page.get_by_text("La clé d'accès est ajoutée.")).to_be_visible()
    page.goto("/mon-espace/securite/")
    expect(page.get_by_role("link", name="Retirer « Mon téléphone »")).to_be_visible()
    # La clé simulée de Firefox ne répond qu'à qui n'en demande pas d'autre.
    page.get_by_role("link", name="Retirer « Mon ordinateur »").click()
    page.get_by_role("button", name="Retirer la clé").click()
    # La page de confirmation n'a pas ce lien non plus : c'est le message qui dit que la clé est retirée.
    expect(page.get_by_text("La clé d'accès est retirée.")).to_be_visible()
    expect(page.get_by_role("link", name="Retirer « Mon ordinateur »")).to_have_count(0)

    revenir_avec_sa_cle(page, marie)
    assert not veille.constats


@pytest.mark.parametrize(
    ("geste", "page_suivante"),
    [("Voir mes codes de rechange", "Codes de rechange"), ("Ajouter une clé d'accès", "Ajouter une clé d'accès")],
)
def test_apres_quinze_minutes_la_cle_confirme_un_geste_sensible(
    page_a_cle: Page, geste: str, page_suivante: str
) -> None:
    page, veille = page_a_cle, Veille(page_a_cle)
    se_connecter(page, personne().identifiant, MOT_DE_PASSE)
    ajouter_une_cle(page)
    titre(page, "Codes de rechange")
    vieillir_les_confirmations()

    page.goto("/mon-espace/securite/")
    page.get_by_role("link", name=geste).click()
    titre(page, "Confirmer que c'est vous")
    page.get_by_role("link", name="Employer ma clé d'accès").click()
    page.get_by_role("button", name="Employer ma clé d'accès").click()
    titre(page, page_suivante)
    assert not veille.constats


def vieillir_les_confirmations() -> None:
    """Chaque session ouverte a prouvé qui elle est il y a une heure."""
    for session in Session.objects.all():
        donnees = SessionStore().decode(session.session_data)
        for preuve in donnees.get("account_authentication_methods", []):
            preuve["at"] -= 3600
        session.session_data = SessionStore().encode(donnees)
        session.save(update_fields=["session_data"])


def test_une_cle_deja_enregistree_se_dit(page_a_cle: Page) -> None:
    se_connecter(page_a_cle, personne().identifiant, MOT_DE_PASSE)
    ajouter_une_cle(page_a_cle)
    titre(page_a_cle, "Codes de rechange")
    page_a_cle.goto("/mon-espace/securite/cles/ajouter/")
    page_a_cle.get_by_role("button", name="Ajouter la clé").click()
    expect(page_a_cle.get_by_text("Cette clé est déjà enregistrée pour votre compte.")).to_be_visible()


def test_par_un_numero_d_adresse_la_page_dit_ou_aller(page: Page, localhost: str) -> None:
    """La démonstration s'ouvre sur 127.0.0.1, où aucun navigateur n'accepte de clé."""
    se_connecter(page, personne().identifiant, MOT_DE_PASSE)
    ajouter_une_cle(page)
    expect(page.get_by_text(f"Connectez-vous à {localhost}/ puis recommencez.")).to_be_visible()
