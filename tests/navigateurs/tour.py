"""Le tour du site : chaque page photographiée sous chaque réglage, et ses fautes mesurées. « make tour » le lance.

Les pages sont celles que l'on ouvre (visites.py), puis celles où mène chaque envoi (tests/envois.py) et que l'on n'a
pas encore vues. PAGES, NAVIGATEUR, LARGEUR et THEME n'en gardent qu'une part ; vides, tout.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

import pytest
from django.test import Client
from django.urls import reverse
from playwright.sync_api import BrowserContext, Page, Playwright
from pytest_django import Settings

from tests.branches import BRANCHES
from tests.envoi import ORIGINE, confirmer
from tests.envois import ENVOIS
from tests.monde import Monde, creer_monde, habiliter
from tests.navigateurs import pilote
from tests.navigateurs.axe import preparer, violations
from tests.navigateurs.mesures import CIBLES, COUPES, DEBORDEMENT
from tests.navigateurs.visites import clients, lieux, visites
from tests.scene import Scene
from tests.simulateur.envois import EMPLOYEUR, groupe

Theme = Literal["clair", "sombre"]
DOSSIER = Path(__file__).resolve().parents[2] / "var" / "tour"
HAUTEUR, HAUTEUR_MAXIMUM = 800, 4000  # en pixels ; plus bas, une page n'apprend plus rien de sa forme
SCHEMAS: dict[Theme, Literal["light", "dark"]] = {"clair": "light", "sombre": "dark"}
# Firefox n'obéit pas à Playwright pour le thème : il le tient de ses préférences.
PREFERENCE = "layout.css.prefers-color-scheme.content-override"
VALEURS: dict[Theme, int] = {"sombre": 0, "clair": 1}


def choix(reglage: str, *possibles: str) -> list[str]:
    return [un for un in possibles if os.environ.get(reglage, "") in ("", un)]


LARGEURS = [int(largeur) for largeur in choix("LARGEUR", "320", "768", "1280")]
MOTIF = re.compile(os.environ.get("PAGES", ""))


@dataclass(frozen=True)
class Vue:
    """Une page à photographier : son nom, où elle est, et les cookies de qui la voit."""

    nom: str
    chemin: str
    cookies: dict[str, str]


@pytest.mark.usefixtures("_hachage_rapide")
@pytest.mark.parametrize("theme", choix("THEME", *SCHEMAS))
@pytest.mark.parametrize("nom", choix("NAVIGATEUR", *pilote.NOMS))
def test_tour(playwright: Playwright, serveur: str, settings: Settings, nom: pilote.Nom, theme: Theme) -> None:
    settings.URL_PUBLIQUE = ORIGINE  # une clé d'accès est liée au nom public du service
    vues = [*a_l_ouverture(creer_monde()), *apres_un_envoi(), *apres_un_calcul()]
    navigateur = pilote.lancer(playwright, nom, **({PREFERENCE: VALEURS[theme]} if nom == "firefox" else {}))
    contexte = pilote.contexte(navigateur, url=serveur, largeur=LARGEURS[-1], hauteur=HAUTEUR, javascript=True)
    page = contexte.new_page()
    if nom == "chromium":
        page.emulate_media(color_scheme=SCHEMAS[theme])
    preparer(page)
    fautes, titres = [], set[str]()
    for vue in vues:
        incarner(contexte, vue, serveur)
        page.goto(vue.chemin)
        if vue.nom.startswith("apres-") and page.title() in titres:
            continue
        titres.add(page.title())
        fautes += [
            f"{vue.nom}, {nom}, {theme}, {faute}" for faute in photographier(page, vue.nom, f"{nom}-%d-{theme}")
        ]
    navigateur.close()
    DOSSIER.mkdir(parents=True, exist_ok=True)
    (DOSSIER / f"fautes-{nom}-{theme}.txt").write_text("".join(f"{une}\n" for une in fautes), encoding="utf-8")


def a_l_ouverture(monde: Monde) -> Iterator[Vue]:
    """Les pages que chacun ouvre, qui vient de confirmer que c'est lui là où il le faut."""
    par = clients(monde)
    for public, client in par.items():
        if qui := monde.pour_public(public):
            confirmer(client, qui)
    for visite in visites(monde, lieux(), par):
        if MOTIF.search(visite.nom):
            yield Vue(visite.nom, visite.chemin, cookies(par[visite.public]))
    if MOTIF.search("mon-espace"):  # avec un seul établissement, il y mène
        habiliter(monde.voisin, monde.etablissement)
        yield Vue("mon-espace", reverse("mon-espace"), cookies(monde.connecte(monde.voisin)))


def apres_un_envoi() -> Iterator[Vue]:
    """Là où mène chaque envoi, pour qui vient de le faire."""
    for nom, envoi in (ENVOIS | BRANCHES).items():
        vue = "apres-" + re.sub(r"\W+", "-", nom)
        if not MOTIF.search(vue):
            continue
        client = envoi.pret(Scene()).envoyer()
        vers = urlsplit(client.reponse["Location"])  # type: ignore[attr-defined]  # posée par Clic.envoyer
        yield Vue(vue, vers._replace(scheme="", netloc="").geturl(), cookies(client))


def apres_un_calcul() -> Iterator[Vue]:
    """Le simulateur rempli : l'envoi ne s'écrit pas, il mène à un lien."""
    for vue, envoi in (("resultat", groupe()), ("comparaison", groupe() | groupe(lettre="b", periodes_1_heures="70"))):
        if MOTIF.search(vue):
            yield Vue(vue, Client().post(EMPLOYEUR, envoi).headers["Location"], {})


def cookies(client: Client) -> dict[str, str]:
    return {nom: un.value for nom, un in client.cookies.items()}


def incarner(contexte: BrowserContext, vue: Vue, url: str) -> None:
    contexte.clear_cookies()
    contexte.add_cookies([{"name": nom, "value": valeur, "url": url} for nom, valeur in vue.cookies.items()])


def photographier(page: Page, nom: str, dossiers: str) -> Iterator[str]:
    """Une photo par largeur ; rend les fautes, le contraste une fois."""
    yield from (f"axe : {violation}" for violation in violations(page, "color-contrast"))
    for largeur in LARGEURS:
        page.set_viewport_size({"width": largeur, "height": HAUTEUR})
        mesures = (DEBORDEMENT, COUPES, CIBLES)
        yield from (f"{largeur} px : {faute}" for mesure in mesures for faute in page.evaluate(mesure))
        hauteur = min(page.evaluate("document.documentElement.scrollHeight"), HAUTEUR_MAXIMUM)
        page.screenshot(
            path=DOSSIER / (dossiers % largeur) / f"{nom}.png",
            full_page=True,
            clip={"x": 0, "y": 0, "width": largeur, "height": hauteur},
            animations="disabled",
        )
