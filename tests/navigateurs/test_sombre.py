"""Les réglages du lecteur, sans script : sombre, chaque page se lit et le papier reste blanc ; ses couleurs imposées,
ce qui se clique, se remplit ou avertit garde un bord.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, Playwright

from tests.monde import creer_monde
from tests.navigateurs import pilote
from tests.navigateurs.axe import preparer, violations
from tests.navigateurs.gestes import Ouvrir
from tests.navigateurs.mesures import FOND, SOMBRE
from tests.navigateurs.tour import PREFERENCE, VALEURS
from tests.navigateurs.visites import connecter, lieux, visites

UNE_SUR = 6
BLANC = "rgb(255, 255, 255)"


# Ce qui doit garder un bord, ou un contour, une fois les fonds et les ombres ôtés par le système.
BORDS = """() => {
  const trait = (s, cote) => s[cote + "Style"] !== "none" && parseFloat(s[cote + "Width"]) > 0;
  const cotes = ["borderTop", "borderRight", "borderBottom", "borderLeft", "outline"];
  const borde = (e) => [null, "::before", "::after"].some((quoi) => {
    const s = getComputedStyle(e, quoi);
    return (!quoi || s.content !== "none") && cotes.some((cote) => trait(s, cote));
  });
  const vus = [...document.querySelectorAll("main :is(.fr-btn, .fr-input, .fr-select, .fr-alert)")];
  return vus.filter((e) => e.checkVisibility() && !borde(e)).map((e) => `${e.className} « ${e.textContent.trim()} »`);
}"""
FOYER = """() => {
  const s = getComputedStyle(document.activeElement);
  return s.outlineStyle !== "none" && parseFloat(s.outlineWidth) >= 2;
}"""


@pytest.fixture
def sombre(playwright: Playwright, serveur: str) -> Iterator[Page]:
    """Une page sombre. Firefox n'obéit pas à Playwright pour ce réglage : il le tient de ses préférences."""
    with pilote.lancer(playwright, "firefox", **{PREFERENCE: VALEURS["sombre"]}) as navigateur:
        profil = pilote.contexte(navigateur, url=serveur, largeur=1280, hauteur=800, javascript=True)
        profil.set_default_timeout(10_000)
        yield profil.new_page()


def test_dans_firefox_aussi_une_page_sombre_se_lit(sombre: Page, serveur: str) -> None:
    """Une page sur six : le contraste est celui des couleurs, que test_accessibilite.py lit partout dans Chromium."""
    page = sombre
    preparer(page)
    monde, fautes = creer_monde(), []
    for visite in visites(monde, lieux()[::UNE_SUR]):
        connecter(page.context, monde.pour_public(visite.public), serveur)
        page.goto(visite.chemin)
        if page.evaluate(FOND) != SOMBRE:
            fautes.append(f"{visite.nom} : le fond n'est pas sombre")
        fautes += [f"{visite.nom} : {faute}" for faute in violations(page, "color-contrast")]
    assert not fautes, "\n".join(fautes)


@pytest.mark.parametrize("nom_navigateur", ["chromium"])  # seul à changer de réglage en cours de route
def test_sans_javascript_le_sombre_est_la_et_le_papier_reste_blanc(ouvrir: Ouvrir) -> None:
    page = ouvrir(javascript=False)
    page.goto("/")
    assert page.evaluate(FOND) == BLANC
    page.emulate_media(color_scheme="dark")
    assert page.evaluate(FOND) == SOMBRE
    page.emulate_media(color_scheme="dark", media="print")
    assert page.evaluate(FOND) == BLANC


@pytest.mark.parametrize("nom_navigateur", ["chromium"])  # seul à les imposer à la demande
def test_sous_des_couleurs_imposees_ce_qui_se_clique_se_remplit_ou_avertit_garde_un_bord(page: Page) -> None:
    page.emulate_media(forced_colors="active")
    for chemin in ("/connexion/", "/espace/creer/", "/aide/assistance/"):
        page.goto(chemin)
        assert page.evaluate(BORDS) == [], chemin
        champ = page.locator("main input:visible").first
        champ.focus()
        assert page.evaluate(FOYER), chemin
        page.locator("main button[type=submit]").first.focus()
        assert page.evaluate(FOYER), chemin
    page.locator("main button[type=submit]").first.click()
    page.locator(".fr-alert").first.wait_for()
    assert page.evaluate(BORDS) == [], "les fautes du formulaire"
