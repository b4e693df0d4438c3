"""Chaque page, dans Chromium et dans Firefox, large et étroite : axe, clavier, titres, débordement."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Page

from apart.socle.acces import Public
from tests.monde import Monde, creer_monde
from tests.navigateurs.axe import violations
from tests.navigateurs.conftest import Ouvrir
from tests.navigateurs.visites import Visite, connecter, visites

LARGEURS = (320, 1280)
DEBORDEMENT = """() => {
  const limite = document.documentElement.clientWidth;
  if (document.documentElement.scrollWidth <= limite) return [];
  return [...document.querySelectorAll("body *")].filter((e) => e.getBoundingClientRect().right > limite + 1)
    .slice(0, 3).map((e) => e.tagName.toLowerCase() + "." + e.className);
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
# Le foyer a-t-il un contour ou une ombre que l'œil voit ?
FOYER = """() => {
  const e = document.activeElement;
  if (!e || e === document.body) return null;
  const vu = (s) => s.outlineStyle !== "none" && parseFloat(s.outlineWidth) > 0 || s.boxShadow !== "none";
  const etiquette = e.labels && e.labels[0];
  const visible = [getComputedStyle(e), getComputedStyle(e, "::before"), getComputedStyle(e, "::after"),
    ...(etiquette ? [getComputedStyle(etiquette), getComputedStyle(etiquette, "::before")] : [])].some(vu);
  e.dataset.arret ??= String(document.querySelectorAll("[data-arret]").length + 1);
  return { nom: e.tagName.toLowerCase() + "#" + e.id + " " + (e.textContent || e.name || "").trim().slice(0, 30),
           rang: Number(e.dataset.arret), visible };
}"""


@pytest.fixture
def monde(serveur: str) -> Monde:
    return creer_monde()


@pytest.fixture
def parcourir(ouvrir: Ouvrir, serveur: str, monde: Monde) -> Callable[[int], Iterator[tuple[str, Visite, Page]]]:
    """Affiche une à une toutes les pages, sous le bon rôle."""

    def tour(largeur: int) -> Iterator[tuple[str, Visite, Page]]:
        page = ouvrir(largeur=largeur)
        qui = None
        for visite in sorted(visites(monde), key=lambda v: v.qui.pk if v.qui else 0):
            if visite.qui != qui:
                qui = visite.qui
                connecter(page.context, qui, serveur)
            reponse = page.goto(visite.chemin)
            assert reponse is not None
            assert reponse.status == visite.statut, visite
            yield f"{visite.nom} à {largeur} px", visite, page

    return tour


Tour = Callable[[int], Iterator[tuple[str, Visite, Page]]]


@pytest.mark.parametrize("largeur", LARGEURS)
def test_axe_ne_trouve_rien_et_rien_ne_deborde(parcourir: Tour, largeur: int) -> None:
    fautes = []
    for ou, _, page in parcourir(largeur):
        fautes += [f"{ou} : {violation}" for violation in violations(page)]
        fautes += [f"{ou} : déborde par {element}" for element in page.evaluate(DEBORDEMENT)]
    assert not fautes, "\n".join(fautes)


def test_chaque_page_a_un_titre_a_elle_et_un_seul_h1(parcourir: Tour) -> None:
    titres: Counter[str] = Counter()
    fautes = []
    for ou, _, page in parcourir(1280):
        titres[page.title()] += 1
        if (nombre := page.get_by_role("heading", level=1).count()) != 1:
            fautes.append(f"{ou} : {nombre} h1")
        if page.locator("html").get_attribute("lang") != "fr":
            fautes.append(f"{ou} : langue")
    fautes += [f"titre porté par {n} pages : {titre}" for titre, n in titres.items() if n > 1]
    assert not fautes, "\n".join(fautes)


def test_le_clavier_atteint_chaque_commande_et_le_foyer_se_voit(parcourir: Tour) -> None:
    fautes = []
    for ou, _, page in parcourir(1280):
        attendus, atteints = page.evaluate(ARRETS), set()
        for _ in range(attendus):  # pas un de plus : le foyer sortirait de la page, et Firefox l'y laisserait
            page.keyboard.press("Tab")
            foyer = page.evaluate(FOYER)
            if foyer is None or foyer["rang"] in atteints:
                continue
            atteints.add(foyer["rang"])
            if not foyer["visible"]:
                fautes.append(f"{ou} : le foyer ne se voit pas sur {foyer['nom']}")
        if len(atteints) < attendus:
            fautes.append(f"{ou} : {len(atteints)} commandes atteintes au clavier sur {attendus}")
    assert not fautes, "\n".join(fautes)


def test_le_lien_d_evitement_mene_au_contenu(parcourir: Tour) -> None:
    for ou, _, page in parcourir(1280):
        page.keyboard.press("Tab")
        page.keyboard.press("Enter")
        page.keyboard.press("Tab")
        dans_le_contenu = page.evaluate(
            "() => { const m = document.getElementById('contenu'), e = document.activeElement;"
            " return m.contains(e) || !m.querySelector('a[href], button, input, select, textarea, summary'); }"
        )
        assert dans_le_contenu, ou


def test_les_publics_sont_tous_visites(monde: Monde) -> None:
    assert {v.qui for v in visites(monde)} >= {monde.pour_public(p) for p in (Public.TOUS, Public.AGENT)}
