"""La page type dans de vrais navigateurs : à 320 px, au clavier, sans police réservée, saisie jamais perdue."""

from datetime import timedelta

import pytest
from django.utils.timezone import now
from playwright.sync_api import Page, Request, expect

from apart.accueil import page as page_accueil
from apart.accueil.actions import publier
from apart.accueil.models import Niveau
from tests.comptes.fabriques import nouvel_agent
from tests.etablissements.parcours import SIRET, fiche
from tests.navigateurs.gestes import Ouvrir

PAGES = (
    "/",
    "/contrat-de-prestation/",
    "/mentions-legales/",
    "/conditions-generales/",
    "/donnees-personnelles/",
    "/accessibilite/",
    "/support-technique/",
    "/page-qui-n-existe-pas/",
)


@pytest.fixture(autouse=True)
def _accueil_oublie() -> None:
    page_accueil.oublier()


def haut(page: Page, titre: str) -> float:
    cadre = page.get_by_role("heading", name=titre).bounding_box()
    assert cadre is not None
    return cadre["y"]


def test_sur_grand_ecran_les_deux_gestes_sont_cote_a_cote(page: Page) -> None:
    page.goto("/")
    assert haut(page, "MON ESPACE PERSONNEL") == pytest.approx(haut(page, "MA PREMIÈRE CONNEXION"), abs=2)


def test_au_telephone_la_connexion_vient_d_abord(telephone: Page) -> None:
    telephone.goto("/")
    assert haut(telephone, "MON ESPACE PERSONNEL") < haut(telephone, "MA PREMIÈRE CONNEXION")


def test_au_telephone_aucune_page_ne_deborde(telephone: Page) -> None:
    for chemin in PAGES:
        telephone.goto(chemin)
        assert telephone.evaluate("document.documentElement.scrollWidth") <= 320, chemin


def test_une_etoile_suit_toujours_le_dernier_mot_du_libelle(telephone: Page) -> None:
    """Même quand le libellé remplit sa ligne : ici, chaque mot a la sienne."""
    telephone.goto("/aide/assistance/")
    hauteurs = telephone.locator(".apart-etoile").evaluate_all(
        """(etoiles) => etoiles.map((etoile) => {
          etoile.parentElement.style.width = "min-content";
          const mot = document.createRange(), texte = etoile.previousSibling;
          mot.setStart(texte, texte.length - 1);
          mot.setEnd(texte, texte.length);
          return etoile.getBoundingClientRect().bottom - mot.getBoundingClientRect().bottom;
        })"""
    )
    assert hauteurs
    assert max(hauteurs) < 2


def test_une_alerte_se_voit_sans_defiler_au_telephone(telephone: Page) -> None:
    agente = nouvel_agent("a@asp.example")
    publier(
        titre="Le service est ralenti",
        texte="Revenez ce soir.",
        niveau=Niveau.ALERTE,
        du=now(),
        au=now() + timedelta(days=1),
        par=agente,
    )
    telephone.goto("/")
    assert haut(telephone, "Le service est ralenti") < 600


def test_l_aide_est_au_meme_endroit_sur_chaque_page(page: Page) -> None:
    places = set()
    for chemin in PAGES:
        page.goto(chemin)
        cadre = page.get_by_role("banner").get_by_role("link", name="BESOIN D'AIDE ?").bounding_box()
        assert cadre is not None
        places.add((round(cadre["x"] + cadre["width"]), round(cadre["y"])))
    assert len(places) == 1


def test_aucune_police_n_est_chargee_ni_reservee(page: Page) -> None:
    polices: list[Request] = []
    page.on("request", lambda requete: polices.append(requete) if requete.resource_type == "font" else None)
    page.goto("/")
    assert "Marianne" not in page.evaluate("getComputedStyle(document.body).fontFamily")
    assert polices == []


def test_au_clavier_le_premier_lien_mene_au_contenu(page: Page) -> None:
    page.goto("/contrat-de-prestation/")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Contenu")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("main")).to_be_focused()


def test_le_resume_des_manques_prend_le_focus_et_mene_aux_champs(page: Page) -> None:
    page.goto("/contrat-de-prestation/")
    page.get_by_role("button", name="Obtenir le contrat (PDF)").click()
    expect(page.get_by_role("alert")).to_be_focused()
    expect(page.get_by_role("alert")).to_contain_text("Il manque 7 réponses")
    page.get_by_role("alert").get_by_role("link", name="Signataire : prénom et nom").click()
    expect(page.get_by_label("Signataire : prénom et nom")).to_be_focused()


@pytest.mark.parametrize("javascript", [True, False])
def test_un_formulaire_perime_se_renvoie_sans_rien_retaper(ouvrir: Ouvrir, javascript: bool) -> None:
    page = ouvrir(javascript=javascript)
    page.goto("/contrat-de-prestation/")
    page.get_by_label("Signataire : prénom et nom").fill("Léa Müller")
    page.context.clear_cookies()
    page.get_by_role("button", name="Obtenir le contrat (PDF)").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Ce formulaire n'est plus valable")
    page.get_by_role("button", name="Renvoyer ce que j'avais saisi").click()
    expect(page.get_by_label("Signataire : prénom et nom")).to_have_value("Léa Müller")


@pytest.mark.parametrize("javascript", [True, False])
def test_une_adresse_mal_tapee_se_corrige_d_un_clic(ouvrir: Ouvrir, javascript: bool) -> None:
    page = ouvrir(javascript=javascript)
    page.goto("/aide/assistance/")
    page.get_by_label("Adresse électronique").fill("marie@gmial.com")
    page.wait_for_timeout(1_100)  # plus vite, le contrôle de sécurité croirait à un robot
    page.get_by_role("button", name="ENVOYER").click()
    page.get_by_role("button", name="Employer marie@gmail.com").click()
    expect(page.get_by_label("Adresse électronique")).to_have_value("marie@gmail.com")


def test_un_mot_de_passe_se_montre_a_la_demande(page: Page) -> None:
    page.goto("/")
    champ = page.get_by_label("Mot de passe", exact=True)
    champ.fill("une phrase de passe")
    page.get_by_text("Afficher").click()
    expect(champ).to_have_attribute("type", "text")


def test_un_siret_refuse_ne_porte_qu_une_phrase(page: Page) -> None:
    page.goto("/espace/creer/")
    page.get_by_label("N° de Siret").fill("73282932000075")
    expect(page.locator("[data-siret-reconnu]")).to_contain_text("sa clé de contrôle ne correspond pas")
    page.locator("label").filter(has_text="J'accepte les").click()
    page.get_by_role("button", name="VALIDER", exact=True).click()
    expect(page.locator("#id_siret_error")).to_contain_text("sa clé de contrôle ne correspond pas")
    page.wait_for_load_state("networkidle")
    expect(page.locator("[data-siret-reconnu]")).to_have_text(
        "Le nom et la commune de l'établissement s'afficheront ici."
    )


def test_un_siret_colle_d_un_courriel_se_reconnait_sous_ses_signes_invisibles(page: Page) -> None:
    """Marques de sens, tirets insécables, chiffres pleine largeur : l'envoi les prend, l'aperçu aussi."""
    fiche()
    page.goto("/espace/creer/")
    pleins = "".join(chr(ord(chiffre) + 0xFEE0) for chiffre in SIRET[:3])
    page.get_by_label("N° de Siret").fill(f"\u2066{pleins}\u2011{SIRET[3:9]}\u00a0{SIRET[9:]}\u2069\u200b")
    expect(page.locator("[data-siret-reconnu]")).to_contain_text("BOULANGERIE DURAND")


def test_valider_et_entree_disent_ce_qui_manque(page: Page) -> None:
    """Jamais grisé : le bouton répond, et Entrée aussi."""
    fiche()
    page.goto("/espace/creer/")
    page.get_by_label("N° de Siret").fill(SIRET)
    reconnu = page.get_by_role("status").filter(has_text="BOULANGERIE DURAND")
    expect(reconnu.locator(".fr-alert--success")).to_contain_text("PARIS")
    page.get_by_label("N° de Siret").press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("Cochez cette case pour continuer.")
    expect(reconnu).to_be_visible()
    page.get_by_label("N° de Siret").fill("")
    page.get_by_role("button", name="VALIDER").click()
    expect(page.get_by_role("alert")).to_contain_text("Il manque 2 réponses")


def test_ce_qui_s_ecrit_seul_ne_deplace_pas_ce_que_l_on_allait_cocher(ouvrir: Ouvrir) -> None:
    """La réponse du répertoire et la fin du contrôle arrivent pendant que le doigt descend vers la case."""
    for largeur in (320, 1280):
        page = ouvrir(largeur=largeur)
        page.goto("/espace/creer/")
        case = page.locator("label").filter(has_text="J'accepte les")
        avant = case.bounding_box()
        page.get_by_label("N° de Siret").fill("73282932000075")
        expect(page.locator("[data-siret-reconnu]")).to_contain_text("faute de frappe")
        expect(page.get_by_text("Contrôle terminé.")).to_be_visible()
        assert case.bounding_box() == avant, largeur
