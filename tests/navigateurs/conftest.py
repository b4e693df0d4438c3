"""Un vrai serveur, une vraie base, de vrais navigateurs. Un test échoue aussi pour ce qu'il n'a pas regardé."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Generator, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as reglages
from django.core.handlers.wsgi import WSGIHandler
from django.core.servers.basehttp import WSGIRequestHandler
from django.db import connection
from django.test.testcases import LiveServerThread
from playwright.sync_api import Browser, Page, Playwright, sync_playwright
from pytest_django import Settings

from tests.boite import Boite
from tests.navigateurs import pilote
from tests.navigateurs.gestes import Ouvrir as Ouvrir  # les tests le prennent ici ou là
from tests.navigateurs.gestes import Parcours
from tests.navigateurs.veille import Veille
from tests.processus import BOUCLE_TOLEREE

# Un pilote et un écran de plus, et plus de deux minutes sur une machine lente : à part (make test-webkit).
collect_ignore = [] if os.environ.get(pilote.REGLAGE) == "webkit" else ["test_webkit.py"]
ECHECS = Path(reglages.VAR) / "echecs"
echec = pytest.StashKey[bool]()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.path.is_relative_to(Path(__file__).parent):
            item.add_marker(pytest.mark.navigateur)
            item.add_marker(pytest.mark.jour)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    rapport = yield
    if rapport.when == "call":
        item.stash[echec] = rapport.failed
    return rapport


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    # L'API synchrone de Playwright tient une boucle asyncio dans ce fil : Django refuserait la base sans cela.
    os.environ[BOUCLE_TOLEREE] = "true"
    with sync_playwright() as pilote_playwright:
        yield pilote_playwright
    del os.environ[BOUCLE_TOLEREE]


@pytest.fixture(scope="session")
def navigateurs(playwright: Playwright) -> Iterator[Callable[[pilote.Nom], Browser]]:
    """Chaque navigateur est lancé une fois, au premier besoin."""
    ouverts: dict[pilote.Nom, Browser] = {}

    def prendre(nom: pilote.Nom) -> Browser:
        if nom not in ouverts:
            ouverts[nom] = pilote.lancer(playwright, nom)
        return ouverts[nom]

    yield prendre
    for navigateur in ouverts.values():
        navigateur.close()


class SansFichiers(WSGIHandler):
    """L'application telle quelle : ses fichiers statiques sont servis par WhiteNoise, comme en production."""

    def __init__(self, application: WSGIHandler) -> None:
        self.application = application

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Any:
        def sans_scripts(statut: str, entetes: list[tuple[str, str]], *suite: Any) -> Any:
            return start_response(statut, [*entetes, ("Content-Security-Policy", pilote.BAC_A_SABLE)], *suite)

        sans = f"HTTP_{pilote.SANS_JAVASCRIPT.upper().replace('-', '_')}" in environ
        return self.application(environ, sans_scripts if sans else start_response)


@pytest.fixture(scope="session")
def fil_serveur(django_db_setup: None) -> Iterator[LiveServerThread]:
    # Une connexion gardée par un fil du serveur empêcherait d'effacer la base d'essai.
    connection.settings_dict["CONN_MAX_AGE"] = 0
    # Sinon la fin d'une réponse, écrite en deux fois, attend 40 ms l'accusé de réception de son début.
    WSGIRequestHandler.disable_nagle_algorithm = True
    fil = LiveServerThread("127.0.0.1", static_handler=SansFichiers)
    fil.daemon = True
    fil.start()
    fil.is_ready.wait()
    if fil.error:
        raise fil.error
    yield fil
    fil.terminate()


@pytest.fixture
def serveur(fil_serveur: LiveServerThread, transactional_db: None, settings: Settings) -> str:
    """L'adresse du site, servi par la même application que les autres tests, base vidée après chaque test."""
    url = f"http://127.0.0.1:{fil_serveur.port}"
    settings.URL_PUBLIQUE = url
    settings.ANTI_ROBOT_EFFORT = 100  # le vrai est essayé une fois, dans test_anti_robot.py
    return url


@pytest.fixture(params=pilote.NOMS)
def nom_navigateur(request: pytest.FixtureRequest) -> pilote.Nom:
    nom: pilote.Nom = request.param
    return nom


@pytest.fixture
def ouvrir(
    request: pytest.FixtureRequest,
    navigateurs: Callable[[pilote.Nom], Browser],
    nom_navigateur: pilote.Nom,
    serveur: str,
) -> Iterator[Ouvrir]:
    """Ouvre autant de profils neufs qu'il en faut ; chacun est surveillé jusqu'à la fin du test."""
    veilles: list[Veille] = []

    def nouvelle_page(
        nom: pilote.Nom | None = None,
        *,
        largeur: int = 1280,
        hauteur: int = 800,
        javascript: bool = True,
        surveiller: bool = True,
    ) -> Page:
        navigateur = navigateurs(nom or nom_navigateur)
        profil = pilote.contexte(navigateur, url=serveur, largeur=largeur, hauteur=hauteur, javascript=javascript)
        profil.set_default_timeout(10_000)
        page = profil.new_page()
        veille = Veille(page)
        if surveiller:
            veilles.append(veille)
        return page

    yield nouvelle_page
    a_echoue = request.node.stash.get(echec, True)
    for veille in veilles:
        if not a_echoue and veille.page.url.startswith(serveur):
            veille.verifier_styles()
    constats = [constat for veille in veilles for constat in veille.constats]
    for rang, veille in enumerate(veilles):
        if a_echoue or veille.constats:
            photographier(veille.page, f"{request.node.name}-{rang}")
        veille.page.context.close()
    assert not constats, "\n".join(["Le navigateur s'est plaint :", *constats])


def photographier(page: Page, nom: str) -> None:
    ECHECS.mkdir(parents=True, exist_ok=True)
    fichier = re.sub(r"[^\w-]+", "_", nom)
    page.screenshot(path=ECHECS / f"{fichier}.png", full_page=True)


@pytest.fixture
def page(ouvrir: Ouvrir) -> Page:
    return ouvrir()


@pytest.fixture
def page_sans_js(ouvrir: Ouvrir) -> Page:
    return ouvrir(javascript=False)


@pytest.fixture
def telephone(ouvrir: Ouvrir) -> Page:
    return ouvrir(largeur=320, hauteur=640)


@pytest.fixture
def autre_navigateur(ouvrir: Ouvrir, nom_navigateur: pilote.Nom) -> Page:
    """Le courriel s'ouvre souvent ailleurs que là où la demande a été faite."""
    return ouvrir("firefox" if nom_navigateur == "chromium" else "chromium")


@pytest.fixture(params=[True, False], ids=["avec-js", "sans-js"])
def parcours(request: pytest.FixtureRequest, ouvrir: Ouvrir, boite: Boite, nom_navigateur: pilote.Nom) -> Parcours:
    """Une histoire de la note, dans chaque navigateur, avec et sans JavaScript."""
    return Parcours(ouvrir, boite, nom_navigateur, request.param)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if manquants := [nom for nom in pilote.NOMS if not pilote.programme(nom)]:
        terminalreporter.section("NAVIGATEURS ABSENTS", sep="!", red=True, bold=True)
        terminalreporter.line(f"Les parcours dans {' et '.join(manquants)} n'ont pas été joués : make test en root.")
