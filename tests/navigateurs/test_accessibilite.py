"""Chaque page, dans Chromium et dans Firefox, large et étroite : axe, arbre, clavier, titres, débordement."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from typing import Any

import pytest
from django.utils.html import strip_tags
from playwright.sync_api import Page

from apart.socle.acces import Public
from tests.monde import Monde, creer_monde
from tests.navigateurs import arbre, pilote
from tests.navigateurs.axe import preparer, violations
from tests.navigateurs.gestes import Ouvrir
from tests.navigateurs.mesures import COUPES, DEBORDEMENT, FOND, SOMBRE
from tests.navigateurs.visites import connecter, lieux, visites

# Firefox, à l'étroit seulement : ce qui déborde y dépend de lui, et le reste est le même qu'au large dans Chromium.
LARGEURS: dict[pilote.Nom, tuple[int, ...]] = {"chromium": (320, 1280), "firefox": (320,)}
ETROITE = 320
LOTS = 8  # les pages se partagent entre plusieurs tests, qui se passent en même temps
ARRETS_DES_DATES = 20
# Les réglages d'une personne qui lit mal : son texte deux fois plus grand, ou plus aéré (RGAA 10.4 et 10.12).
AGRANDI = "html { font-size: 200% !important; }"  # sur grand écran : le critère ne demande pas les deux à la fois
REGLAGES = {
    "agrandi": AGRANDI,
    "aéré": """* { line-height: 1.5 !important; letter-spacing: .12em !important; word-spacing: .16em !important; }
      p { margin-bottom: 2em !important; }""",
}
REGLER = """(regles) => {
  const feuille = new CSSStyleSheet();
  feuille.replaceSync(regles);
  document.adoptedStyleSheets = [feuille];
}"""
# Les arrêts du clavier, dans l'ordre du document. Un groupe de boutons radio n'en fait qu'un.
ARRETS = """() => {
  const vus = new Set(), commandes = "a[href], button, input, select, textarea, summary, [tabindex]";
  return [...document.querySelectorAll(commandes)].filter((e) => {
    if (e.disabled || e.tabIndex < 0 || e.type === "hidden" || !e.checkVisibility()) return false;
    if (e.type !== "radio") return true;
    const groupe = vus.has(e.name);
    vus.add(e.name);
    return !groupe;
  }).length;
}"""
# Note chaque arrêt du foyer, et s'il a un contour ou une ombre que l'œil voit.
SUIVRE = """() => document.addEventListener("focusin", () => {
  const e = document.activeElement;
  const vu = (s) => s.outlineStyle !== "none" && parseFloat(s.outlineWidth) > 0 || s.boxShadow !== "none";
  const etiquette = e.labels && e.labels[0];
  const visible = [getComputedStyle(e), getComputedStyle(e, "::before"), getComputedStyle(e, "::after"),
    ...(etiquette ? [getComputedStyle(etiquette), getComputedStyle(etiquette, "::before")] : [])].some(vu);
  e.dataset.arret ??= String(document.querySelectorAll("[data-arret]").length + 1);
  const nom = e.tagName.toLowerCase() + "#" + e.id + " " + (e.textContent || e.name || "").trim().slice(0, 30);
  (window.arretsDuFoyer ??= []).push({ nom, rang: Number(e.dataset.arret), visible });
})"""
PREMIER_ARRET = "() => document.querySelector('.fr-skiplinks a').focus()"
DANS_LE_CONTENU = """() => {
  const contenu = document.getElementById("contenu");
  return contenu.contains(document.activeElement) || !contenu.querySelector("a[href], button, input, select");
}"""


@pytest.fixture
def monde(serveur: str) -> Monde:
    return creer_monde()


@pytest.mark.parametrize("lot", range(LOTS))
def test_chaque_page_se_lit_et_se_parcourt(
    ouvrir: Ouvrir, nom_navigateur: pilote.Nom, serveur: str, monde: Monde, lot: int
) -> None:
    """Une page sur LOTS, sous le bon rôle et à chaque largeur ; toutes les fautes sont dites d'un coup."""
    page, fautes = ouvrir(), []
    preparer(page)
    siennes = list(visites(monde, lieux()[lot::LOTS]))
    for largeur in LARGEURS[nom_navigateur]:
        page.set_viewport_size({"width": largeur, "height": 800})
        for visite in siennes:
            connecter(page.context, monde.pour_public(visite.public), serveur)
            reponse = page.goto(visite.chemin)
            assert reponse is not None
            assert reponse.status == visite.statut, visite.nom
            fautes += [f"{visite.nom}, {largeur} px : {faute}" for faute in examiner(page)]
    assert not fautes, "\n".join(fautes)


def examiner(page: Page) -> Iterator[str]:
    yield from structure(page)
    yield from clavier(page)
    yield from evitement(page)
    yield from page.evaluate(DEBORDEMENT)
    yield from (f"axe, {violation}" for violation in violations(page))
    yield from (f"arbre, {faute}" for faute in arbre.fautes(page))
    yield from sombre(page)
    yield from reglages(page)


def sombre(page: Page) -> Iterator[str]:
    """Sous le réglage sombre du lecteur, que Chromium seul change en cours de route (test_sombre.py pour Firefox)."""
    if not arbre.est_lisible(page):
        return
    page.emulate_media(color_scheme="dark")
    if page.evaluate(FOND) != SOMBRE:
        yield "le fond n'est pas sombre"
    yield from (f"sombre, {violation}" for violation in violations(page, "color-contrast"))
    page.emulate_media(color_scheme="light")


def reglages(page: Page) -> Iterator[str]:
    large = page.evaluate("innerWidth") > ETROITE
    for nom, regles in REGLAGES.items():
        if regles is AGRANDI and not large:
            continue
        page.evaluate(REGLER, regles)
        yield from (f"texte {nom}, {faute}" for faute in [*page.evaluate(DEBORDEMENT), *page.evaluate(COUPES)])


def structure(page: Page) -> Iterator[str]:
    if (nombre := page.get_by_role("heading", level=1).count()) != 1:
        yield f"{nombre} h1"
    if page.locator("html").get_attribute("lang") != "fr":
        yield "la langue n'est pas dite"


def clavier(page: Page) -> Iterator[str]:
    """Tab atteint chaque commande, une fois, et le foyer se voit toujours."""
    attendus = page.evaluate(ARRETS)
    page.evaluate(SUIVRE)
    page.evaluate(PREMIER_ARRET)
    # Un champ de date prend plusieurs Tab. Pas un de trop : le foyer sortirait de la page, et Firefox l'y laisserait.
    tabulations = [attendus - 1] + [1] * ARRETS_DES_DATES
    atteints: dict[int, dict[str, Any]] = {}
    while len(atteints) < attendus and tabulations:
        for _ in range(tabulations.pop(0)):  # la touche reste enfoncée : deux fois moins d'allers et retours
            page.keyboard.down("Tab")
        page.keyboard.up("Tab")
        atteints = {foyer["rang"]: foyer for foyer in page.evaluate("window.arretsDuFoyer")}
    yield from (f"le foyer ne se voit pas sur {foyer['nom']}" for foyer in atteints.values() if not foyer["visible"])
    if len(atteints) < attendus:
        yield f"{len(atteints)} commandes atteintes au clavier sur {attendus}"


def evitement(page: Page) -> Iterator[str]:
    page.evaluate(PREMIER_ARRET)
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    if not page.evaluate(DANS_LE_CONTENU):
        yield "le lien d'évitement ne mène pas au contenu"


def test_chaque_public_a_ses_pages_et_deux_pages_n_ont_pas_le_meme_titre(monde: Monde) -> None:
    """Une même page à deux adresses, si."""
    titres: dict[str, set[str]] = defaultdict(set)
    pages = list(visites(monde, lieux()))
    assert {page.public for page in pages} == set(Public)
    for page in pages:
        titres[extraire("title", page.page)].add(extraire("main", page.page))
    assert {titre: len(textes) for titre, textes in titres.items() if len(textes) > 1} == {}


def extraire(element: str, page: str) -> str:
    trouve = re.search(rf"<{element}[ >].*?</{element}>", page, re.DOTALL)
    assert trouve, element
    return strip_tags(trouve.group())
