"""Double clic, F5, « précédent » : les gestes réels d'une personne, dans de vrais navigateurs."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from apart.comptes.models import CodeSecours, Usage, Utilisateur
from apart.socle.chiffrement import empreinte
from tests.comptes.fabriques import MOT_DE_PASSE
from tests.navigateurs.conftest import Ouvrir
from tests.navigateurs.gestes import choisir_mot_de_passe, lire_signes, remplir, se_connecter, titre
from tests.scene import Scene

ADRESSE = {
    "Libellé de la voie": "des Lilas",
    "Code postal": "75011",
    "Ville": "Paris",
    "Téléphone fixe": "01 02 03 04 05",
    "Téléphone": "06 02 03 04 05",
}


@pytest.fixture(params=[True, False], ids=["avec-js", "sans-js"])
def visiteur(request: pytest.FixtureRequest, ouvrir: Ouvrir) -> Page:
    return ouvrir(javascript=request.param)


def code_valable(page: Page) -> bool:
    """Le code que la page montre est celui qui vaut."""
    code = lire_signes(page, "Code de secours").replace("-", "")
    return CodeSecours.objects.get().empreinte == empreinte(code)


def test_double_clic_f5_et_precedent_sur_ouvrir_mon_espace(visiteur: Page) -> None:
    page, lien = visiteur, Scene().lien(Usage.CREATION, "lea")
    page.goto(f"/espace/ouvrir/lien/{lien}/")
    page.get_by_role("button", name="Continuer").dblclick()
    titre(page, "Vérifier vos informations")
    page.reload()
    titre(page, "Vérifier vos informations")
    remplir(page, ADRESSE)
    page.get_by_role("button", name="Ces informations sont justes").dblclick()
    titre(page, "Choisir votre mot de passe")

    choisir_mot_de_passe(page, MOT_DE_PASSE)
    page.get_by_role("button", name="Ouvrir mon espace").dblclick()
    titre(page, "Votre espace est ouvert")
    assert code_valable(page)
    assert lien not in page.url

    page.reload()
    titre(page, "Votre espace est ouvert")
    assert code_valable(page)

    page.go_back()
    titre(page, "Choisir votre mot de passe")
    choisir_mot_de_passe(page, MOT_DE_PASSE)
    page.get_by_role("button", name="Ouvrir mon espace").click()
    titre(page, "Votre espace est ouvert")
    assert code_valable(page)


def test_f5_sur_un_nouveau_code_de_secours_laisse_valoir_celui_qui_est_imprime(page: Page) -> None:
    scene = Scene()
    se_connecter(page, scene.qui("membre").identifiant, MOT_DE_PASSE)
    expect(page.get_by_role("button", name="Se déconnecter")).to_be_visible()
    page.goto("/mon-espace/securite/")
    page.get_by_role("button", name=re.compile("code de secours")).dblclick()
    titre(page, "Votre nouveau code de secours")
    imprime = lire_signes(page, "Code de secours")

    page.reload()
    titre(page, "Votre nouveau code de secours")

    assert lire_signes(page, "Code de secours") == imprime
    assert code_valable(page)


def test_une_page_que_precedent_rend_telle_quelle_fait_un_autre_envoi(page: Page) -> None:
    """Là où le navigateur garde la page entière, sa clé a déjà servi : y renvoyer est voulu."""
    page.goto("/connexion/")
    page.evaluate("dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true }))")

    expect(page.locator("form[method=post] input[name=page_retrouvee]")).to_have_count(1)


def test_un_double_clic_sur_connexion_ouvre_une_session(page: Page) -> None:
    scene = Scene()
    page.goto("/connexion/")
    page.get_by_label("Identifiant").fill(scene.qui("membre").identifiant)
    page.get_by_label("Mot de passe", exact=True).fill(MOT_DE_PASSE)
    page.get_by_role("button", name="Connexion", exact=True).dblclick()

    expect(page.get_by_role("button", name="Se déconnecter")).to_be_visible()
    assert Utilisateur.objects.get(pk=scene.qui("membre").pk).acces.count() == 1
