"""Le thème sombre suit le réglage du lecteur, sans script ; chaque page y reste lisible, et le papier reste blanc."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page

from tests.monde import creer_monde
from tests.navigateurs import pilote
from tests.navigateurs.axe import preparer, violations
from tests.navigateurs.gestes import Ouvrir
from tests.navigateurs.visites import connecter, lieux, visites

LOTS = 4
FOND = "getComputedStyle(document.body).backgroundColor"
SOMBRE, BLANC = "rgb(22, 22, 22)", "rgb(255, 255, 255)"


@pytest.fixture
def nom_navigateur() -> pilote.Nom:
    """Chromium seul : Firefox n'obéit pas à Playwright pour ce réglage, et la feuille est la même."""
    return "chromium"


@pytest.mark.parametrize("lot", range(LOTS))
def test_chaque_page_sombre_se_lit(page: Page, serveur: str, lot: int) -> None:
    page.emulate_media(color_scheme="dark")
    preparer(page)
    monde, fautes = creer_monde(), []
    for visite in visites(monde, lieux()[lot::LOTS]):
        connecter(page.context, monde.pour_public(visite.public), serveur)
        page.goto(visite.chemin)
        if page.evaluate(FOND) != SOMBRE:
            fautes.append(f"{visite.nom} : le fond n'est pas sombre")
        fautes += [f"{visite.nom} : {faute}" for faute in violations(page, "color-contrast")]
    assert not fautes, "\n".join(fautes)


def test_sans_javascript_le_sombre_est_la_et_le_papier_reste_blanc(ouvrir: Ouvrir) -> None:
    page = ouvrir(javascript=False)
    page.goto("/")
    assert page.evaluate(FOND) == BLANC
    page.emulate_media(color_scheme="dark")
    assert page.evaluate(FOND) == SOMBRE
    page.emulate_media(color_scheme="dark", media="print")
    assert page.evaluate(FOND) == BLANC
