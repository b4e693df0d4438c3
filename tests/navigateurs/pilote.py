"""Lancer les navigateurs de la machine : Chromium et Firefox ESR, par Playwright."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import Literal

import pytest
from playwright.sync_api import Browser, BrowserContext, Playwright

from tests.navigateurs import cle

Nom = Literal["chromium", "firefox"]
NOMS: tuple[Nom, ...] = ("chromium", "firefox")
# Le premier est Chromium sans ses fenêtres : les mêmes pages, en moitié moins de temps.
PROGRAMMES = {
    "chromium": ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome"),
    "firefox": ("firefox-esr", "firefox"),
}
# Sans bac à sable : les tests tournent aussi en root, sur des pages qui sont les nôtres.
OPTIONS_CHROMIUM = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
REGLAGE = "APART_NAVIGATEURS"
# Firefox redessine sa fenêtre entière, onglet qui tourne compris, soixante fois par seconde : la moitié de son temps.
PREFERENCES_FIREFOX: dict[str, str | float | bool] = {"layout.frame_rate": 10}
# Firefox ESR n'obéit pas à java_script_enabled=False : le serveur d'essai lui interdit alors les scripts par la CSP.
SANS_JAVASCRIPT = "X-Sans-Javascript"
BAC_A_SABLE = "sandbox allow-same-origin allow-forms allow-popups allow-downloads allow-top-navigation"


def est_exige() -> bool:
    """En intégration continue, ou si APART_NAVIGATEURS=exiger, un navigateur manquant fait échouer."""
    return os.environ.get("CI") == "true" or os.environ.get(REGLAGE) == "exiger"


def programme(nom: Nom) -> str | None:
    trouves = (chemin for p in PROGRAMMES[nom] if (chemin := shutil.which(p)))
    return next((chemin for chemin in trouves if not est_un_snap(chemin)), None)


def est_un_snap(chemin: str) -> bool:
    """Ubuntu ne donne par apt qu'un relais vers un snap, absent ou enfermé hors de portée de Playwright."""
    vrai = Path(chemin).resolve()
    if vrai.name == "snap" or vrai.is_relative_to("/snap"):
        return True
    with vrai.open("rb") as programme:
        debut = programme.read(4096)
    return debut.startswith(b"#!") and b"/snap/bin/" in debut


def exiger(nom: Nom) -> str:
    """Le chemin du navigateur ; sinon saute le test, ou le fait échouer si les navigateurs sont exigés."""
    if chemin := programme(nom):
        return chemin
    phrase = f"{nom} est absent, ou n'est qu'un snap : make test dit comment l'installer"
    if est_exige():
        pytest.fail(phrase)
    pytest.skip(phrase)


def lancer(playwright: Playwright, nom: Nom, **preferences: int) -> Browser:
    """preferences : de plus, à Firefox."""
    chemin = exiger(nom)
    if nom == "chromium":
        return playwright.chromium.launch(executable_path=chemin, args=OPTIONS_CHROMIUM)
    return playwright.firefox.launch(
        channel="moz-firefox", executable_path=chemin, firefox_user_prefs=PREFERENCES_FIREFOX | preferences
    )


def lancer_firefox_a_cle(playwright: Playwright, port: int) -> Browser:
    """Un Firefox qui attend, sur ce port, qu'on lui donne une clé d'accès simulée (cle.Marionette)."""
    return playwright.firefox.launch(
        channel="moz-firefox",
        executable_path=exiger("firefox"),
        args=["-marionette"],
        firefox_user_prefs={"marionette.port": port, **PREFERENCES_FIREFOX, **cle.PREFERENCES},
    )


def contexte(navigateur: Browser, *, url: str, largeur: int, hauteur: int, javascript: bool) -> BrowserContext:
    """Un profil neuf. Firefox ESR ne connaît pas les préférences d'affichage que Playwright impose d'ordinaire."""
    est_firefox = navigateur.browser_type.name == "firefox"
    return navigateur.new_context(
        extra_http_headers={SANS_JAVASCRIPT: "1"} if est_firefox and not javascript else {},
        base_url=url,
        locale="fr-FR",
        timezone_id="Europe/Paris",
        viewport={"width": largeur, "height": hauteur},
        java_script_enabled=javascript,
        color_scheme="null",
        reduced_motion="null",
        forced_colors="null",
        contrast="null",
    )
