"""WebKit, par son pilote (WebKitWebDriver et MiniBrowser), avec les mots de Playwright que les parcours emploient.

Playwright ne conduit pas le WebKit de Debian. Le protocole WebDriver est du JSON sur HTTP : ce qui suit en dit assez
pour jouer les mêmes histoires, sans dépendance de plus. Un pilote ne tient qu'une session : chaque profil a le sien.
"""

from __future__ import annotations

import json
import re
import shutil
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from http.client import HTTPConnection
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from tests.processus import environnement

DELAI = 10.0  # secondes
ELEMENT = "element-6066-11e4-a52e-4f735466cecf"  # le nom que WebDriver donne à une référence
# Trouve ce que désigne un repère : rôles et noms comme les lit Playwright, pour les éléments que nos pages emploient.
TROUVER = r"""
const [pas, faire] = arguments, plat = (texte) => (texte || "").replace(/\s+/g, " ").trim();
const ROLES = {
  button: "button, summary, input[type=submit]", link: "a[href]", main: "main", complementary: "aside",
  alert: "[role=alert]", heading: "h1, h2, h3, h4, h5, h6", textbox:
  "input:not([type]), input[type=text], input[type=email], input[type=tel], input[type=search], textarea",
};
const etiquette = (e) => e.labels?.length ? [...e.labels].map((l) => l.textContent).join(" ") : "";
const designes = (e) => (e.getAttribute("aria-labelledby") || "").split(" ")
  .map((id) => document.getElementById(id)?.textContent).join(" ");
const nom = (e) => plat(e.getAttribute("aria-label") || designes(e) || etiquette(e) || e.textContent);
const convient = (texte, voulu) => {
  if (voulu === null) return true;
  if (voulu.motif) return new RegExp(voulu.motif, voulu.drapeaux).test(texte);
  return voulu.exact ? texte === voulu.texte : texte.toLowerCase().includes(voulu.texte.toLowerCase());
};
const chercher = (racines, { genre, quoi, voulu, niveau, pas }) => {
  const dans = (css) => [...new Set(racines.flatMap((racine) => [...racine.querySelectorAll(css)]))];
  if (genre === "css") return dans(quoi);
  if (genre === "role") return dans(ROLES[quoi]).filter((e) => e.checkVisibility() && convient(nom(e), voulu)
    && (!niveau || e.tagName === `H${niveau}`));
  if (genre === "etiquette") return dans("input, select, textarea").filter((e) => convient(plat(etiquette(e)), voulu));
  if (genre === "avec texte") return racines.filter((e) => convient(plat(e.textContent), voulu));
  if (genre === "contenant") return racines.filter((e) => pas.reduce(chercher, [e]).length);
  return racines.slice(0, 1);
};
const trouves = pas.reduce(chercher, [document]);
if (faire === "compter") return trouves.length;
if (faire === "trouver") return trouves;
if (!trouves.length) return null;
if (faire === "valeur") return trouves[0].value;
if (faire === "contenu") return trouves[0].textContent; // sans les majuscules de la feuille de style
if (faire === "vu") return trouves[0].checkVisibility() && trouves[0].getBoundingClientRect().height > 0;
return trouves[0].innerText;
"""
CHOISIR = """const [liste, voulu] = arguments;
const choix = [...liste.options].find((un) => un.value === voulu || un.text.trim() === voulu);
liste.value = choix.value;
liste.dispatchEvent(new Event("input", { bubbles: true }));
liste.dispatchEvent(new Event("change", { bubbles: true }));"""
EVALUER = """const [donnes, rendre] = arguments;
Promise.resolve().then(() => {
  const lu = (EXPRESSION);
  return typeof lu === "function" ? lu(...donnes) : lu;
}).then((lu) => rendre({ lu }), (refus) => rendre({ refus: String(refus) }));"""

Texte = str | re.Pattern[str]


def programme() -> str | None:
    return shutil.which("WebKitWebDriver") if shutil.which("Xvfb") and navigateur() else None


def navigateur() -> str | None:
    trouves = sorted(Path("/usr/lib").glob("*/webkit2gtk-4.*/MiniBrowser"))
    return str(trouves[-1]) if trouves else None


@contextmanager
def ecran() -> Iterator[str]:
    """Un écran que personne ne regarde."""
    with subprocess.Popen(
        ["Xvfb", "-displayfd", "1", "-screen", "0", "1280x1024x24", "-nolisten", "tcp"],
        env=environnement(),
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as serveur:
        assert serveur.stdout
        yield f":{serveur.stdout.readline().strip()}"
        serveur.terminate()


def _voulu(texte: Texte | None, *, exact: bool = False) -> dict[str, Any] | None:
    if texte is None:
        return None
    if isinstance(texte, re.Pattern):
        return {"motif": texte.pattern, "drapeaux": "i" if texte.flags & re.IGNORECASE else ""}
    return {"texte": " ".join(texte.split()), "exact": exact}


def attendre(constat: Callable[[], object], quoi: str) -> None:
    fin = time.monotonic() + DELAI
    while not constat():
        assert time.monotonic() < fin, quoi
        time.sleep(0.05)  # WebDriver ne prévient de rien : il se demande


def demander(adresse: str, methode: str, corps: bytes | None = None) -> tuple[int, bytes]:
    """Ce que répond notre pilote, ou notre site."""
    lue = urlsplit(adresse)
    with closing(HTTPConnection(lue.netloc, timeout=60)) as liaison:
        chemin = lue._replace(scheme="", netloc="").geturl()
        liaison.request(methode, chemin, corps, {"Content-Type": "application/json"})
        reponse = liaison.getresponse()
        return reponse.status, reponse.read()


class Session:
    """Un pilote, un navigateur, un profil neuf."""

    def __init__(self, affichage: str) -> None:
        with socket.socket() as prise:
            prise.bind(("127.0.0.1", 0))
            port = prise.getsockname()[1]
        chemin, mini = programme(), navigateur()
        assert chemin
        assert mini
        self.adresse = f"http://127.0.0.1:{port}"
        self.pilote = subprocess.Popen(
            [chemin, f"--port={port}", "--host=127.0.0.1"],
            env={"DISPLAY": affichage, "LANG": "fr_FR.UTF-8", "TZ": "Europe/Paris", "HOME": "/nonexistent"},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        attendre(lambda: _ecoute(port), "WebKitWebDriver ne répond pas")
        options = {"binary": mini, "args": ["--automation"]}
        voulu = {"capabilities": {"alwaysMatch": {"webkitgtk:browserOptions": options}}}
        self.adresse += f"/session/{self.demander('POST', '/session', voulu)['sessionId']}"
        self.demander("POST", "/timeouts", {"script": 60_000, "pageLoad": 30_000})

    def demander(self, methode: str, chemin: str, corps: dict[str, Any] | None = None) -> Any:
        envoi = json.dumps(corps or {}).encode() if methode == "POST" else None
        statut, reponse = demander(self.adresse + chemin, methode, envoi)
        lue = json.loads(reponse)["value"]
        if statut >= 400:
            raise Refus(lue)
        return lue

    def executer(self, script: str, *arguments: object, attend: bool = False) -> Any:
        genre = "async" if attend else "sync"
        return self.demander("POST", f"/execute/{genre}", {"script": script, "args": list(arguments)})

    def fermer(self) -> None:
        try:
            self.demander("DELETE", "")
        finally:
            self.pilote.terminate()
            self.pilote.wait()


class Refus(Exception):
    """Ce que le pilote répond quand il ne peut pas : élément parti, couvert, page en cours de changement."""


def _ecoute(port: int) -> bool:
    with socket.socket() as prise:
        return prise.connect_ex(("127.0.0.1", port)) == 0


@dataclass(frozen=True)
class Cherche:
    """Ce qui se cherche dans une page, ou dans ce qu'on y a trouvé."""

    session: Session
    pas: tuple[dict[str, Any], ...] = ()

    def _puis(self, genre: str, **quoi: Any) -> Repere:
        un_pas = {"genre": genre, "quoi": None, "voulu": None, "niveau": None, "pas": None} | quoi
        return Repere(self.session, (*self.pas, un_pas))

    def get_by_role(
        self, role: str, *, name: Texte | None = None, exact: bool = False, level: int | None = None
    ) -> Repere:
        return self._puis("role", quoi=role, voulu=_voulu(name, exact=exact), niveau=level)

    def get_by_label(self, texte: str, *, exact: bool = False) -> Repere:
        return self._puis("etiquette", voulu=_voulu(texte, exact=exact))

    def locator(self, css: str) -> Repere:
        return self._puis("css", quoi=css)


class Repere(Cherche):
    @property
    def first(self) -> Repere:
        return self._puis("premier")

    def filter(self, *, has_text: Texte | None = None, has: Repere | None = None) -> Repere:
        trouve = self._puis("avec texte", voulu=_voulu(has_text)) if has_text is not None else self
        return trouve._puis("contenant", pas=has.pas) if has is not None else trouve

    def demander(self, quoi: str) -> Any:
        return self.session.executer(TROUVER, list(self.pas), quoi)

    def count(self) -> int:
        nombre: int = self.demander("compter")
        return nombre

    def inner_text(self) -> str:
        return str(self.demander("texte"))

    def _agir(self, geste: Callable[[dict[str, str]], object]) -> None:
        """Attend d'en trouver un et un seul, que l'on puisse toucher."""
        dit: list[object] = ["introuvable"]

        def essayer() -> bool:
            try:
                trouves = self.demander("trouver")
                if len(trouves) == 1:
                    geste(trouves[0])
                    return True
                dit[0] = f"{len(trouves)} trouvés"
            except Refus as refus:
                dit[0] = refus
            return False

        attendre(essayer, f"{self.pas} : {dit}")

    def click(self) -> None:
        self._agir(lambda e: self.session.demander("POST", f"/element/{e[ELEMENT]}/click"))

    def fill(self, valeur: str) -> None:
        def remplir(e: dict[str, str]) -> None:
            self.session.demander("POST", f"/element/{e[ELEMENT]}/clear")
            self.session.demander("POST", f"/element/{e[ELEMENT]}/value", {"text": valeur})

        self._agir(remplir)

    def select_option(self, choix: str) -> None:
        self._agir(lambda e: self.session.executer(CHOISIR, e, choix))

    def evaluate(self, script: str) -> None:
        self._agir(lambda e: self.session.executer(f"({script})(arguments[0])", e))


@dataclass
class Reponse:
    ok: bool


@dataclass
class Profil:
    """Ce que les essais demandent à un contexte de Playwright."""

    session: Session
    url: str
    browser: None = None

    def get(self, adresse: str) -> Reponse:
        return self._visiter(adresse, "GET")

    def head(self, adresse: str) -> Reponse:
        return self._visiter(adresse, "HEAD")

    def _visiter(self, adresse: str, methode: str) -> Reponse:
        return Reponse(demander(adresse, methode)[0] < 400)

    def clear_cookies(self) -> None:
        self.session.demander("DELETE", "/cookie")

    def add_cookies(self, cookies: list[dict[str, str]]) -> None:
        # Un cookie se pose depuis son site.
        self.session.demander("POST", "/url", {"url": self.url + "/n-existe-pas/"})
        for cookie in cookies:
            pose = {"name": cookie["name"], "value": cookie["value"], "path": "/"}
            self.session.demander("POST", "/cookie", {"cookie": pose})


@dataclass(frozen=True)
class PageWebKit(Cherche):
    context: Profil = field(kw_only=True)

    @property
    def request(self) -> Profil:
        return self.context

    @property
    def url(self) -> str:
        return str(self.session.demander("GET", "/url"))

    def goto(self, adresse: str) -> None:
        entiere = adresse if adresse.startswith("http") else self.context.url + adresse
        self.session.demander("POST", "/url", {"url": entiere})

    def reload(self) -> None:
        self.session.demander("POST", "/refresh")

    def wait_for_load_state(self) -> None:
        attendre(lambda: self.session.executer("return document.readyState") == "complete", "page incomplète")

    def evaluate(self, expression: str, *arguments: object) -> Any:
        # Écrite dans le script : « eval » serait refusé par la politique de contenu de nos pages.
        reponse = self.session.executer(EVALUER.replace("EXPRESSION", expression), list(arguments), attend=True)
        assert "refus" not in reponse, reponse["refus"]
        return reponse.get("lu")


@dataclass(frozen=True)
class Attente:
    """« expect » : le constat se répète jusqu'à ce qu'il soit vrai."""

    repere: Repere

    def _texte(self) -> str:
        return " ".join((self.repere.demander("contenu") or "").split())

    def _constater(self, constat: Callable[[], object], quoi: object) -> None:
        def sans_refus() -> object:
            try:
                return constat()
            except Refus:  # la page change
                return False

        attendre(sans_refus, f"{quoi} : {self.repere.pas}")

    def to_have_text(self, texte: re.Pattern[str]) -> None:
        self._constater(lambda: self.repere.count() == 1 and texte.search(self._texte()), texte.pattern)

    def to_contain_text(self, texte: str) -> None:
        self._constater(lambda: " ".join(texte.split()) in self._texte(), texte)

    def not_to_contain_text(self, texte: str) -> None:
        self._constater(lambda: self.repere.count() and texte not in self._texte(), f"sans {texte}")

    def to_have_value(self, valeur: str) -> None:
        self._constater(lambda: self.repere.demander("valeur") == valeur, valeur)

    def to_be_visible(self) -> None:
        self._constater(lambda: self.repere.demander("vu"), "visible")


def ouvrir(affichage: str, url: str) -> PageWebKit:
    session = Session(affichage)
    return PageWebKit(session, context=Profil(session, url))
