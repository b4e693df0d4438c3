"""Ce que personne ne tape : chaque page, champ, bouton ou critère répond par une phrase, jamais par une panne."""

from __future__ import annotations

import re
from html import unescape

import pytest

from apart.socle.anti_robot import AntiRobot
from tests.monde import Adresse, Monde, adresses, creer_monde

pytestmark = pytest.mark.django_db

# int() tombe au-delà de 4 300 chiffres, et lit les chiffres arabes ; un fuseau fait sortir l'an 1 du calendrier.
FOLLES = ("9" * 5_000, "٣", "0001-01-01T00:00", "9999-12-31T23:59", "31/12/9999", "\ufffe李\x07")
CRITERES = ("page", "s", "le", "q", "siret", "motif", "vue", "choix", "profil", "sujet", "certitude", "regime", "etat")
FORMULAIRE = re.compile(r'<form\b[^>]*method="post"[^>]*>.*?</form>', re.DOTALL)
CHAMP = re.compile(r"<(?:input|select|textarea|button)\b[^>]*>")
ATTRIBUT = re.compile(r'([a-z-]+)(?:="([^"]*)")?')
GARDES = {"hidden", "radio", "checkbox"}
MOMENTS = {"date", "datetime-local"}
PUBLIQUES = [a for a in adresses() if hasattr(a.vue, "public")]


def est_envoye(champ: dict[str, str]) -> bool:
    return champ.get("type") != "submit" and (champ.get("type") not in {"radio", "checkbox"} or "checked" in champ)


def genre_de(nom: str, lus: list[dict[str, str]]) -> str:
    return next(c.get("type", "") for c in lus if c.get("name") == nom)


def envois(page: str, folle: str) -> list[tuple[str, dict[str, str]]]:
    """Chaque formulaire de la page, rempli de cette valeur, par chacun de ses boutons ; puis une seule date."""
    tous = []
    for formulaire in FORMULAIRE.findall(page.partition("<main")[2]):  # la bannière déconnecte
        lus = [dict(ATTRIBUT.findall(unescape(champ))) for champ in CHAMP.findall(formulaire)]
        action = dict(ATTRIBUT.findall(formulaire)).get("action", "")
        boutons = [(c["name"], c.get("value", "")) for c in lus if c.get("type") == "submit" and "name" in c]
        tels = {c["name"]: c.get("value", "x") for c in lus if "name" in c and est_envoye(c)}
        champs = {nom: tel if genre_de(nom, lus) in GARDES else folle for nom, tel in tels.items()}
        tous.append((action, champs))
        tous += [(action, {**champs, nom: re.sub("[0-9]+", folle, valeur)}) for nom, valeur in boutons]
        tous += [(action, {**tels, nom: folle}) for nom in tels if genre_de(nom, lus) in MOMENTS]
    return tous


@pytest.fixture(autouse=True)
def sans_controle(monkeypatch: pytest.MonkeyPatch) -> None:
    """Il arrêterait ces envois avant que leurs champs soient lus."""
    for nom in ("controler_temps", "controler_travail"):
        monkeypatch.setattr(AntiRobot, nom, lambda _: None)


@pytest.fixture
def monde() -> Monde:
    return creer_monde()


@pytest.mark.parametrize("adresse", PUBLIQUES, ids=[a.nom for a in PUBLIQUES])
def test_aucune_saisie_ne_fait_tomber_une_page(adresse: Adresse, monde: Monde) -> None:
    qui, chemin = monde.pour_public(adresse.public), adresse.chemin(monde)
    page = monde.connecte(qui).get(chemin)
    texte = page.content.decode() if not page.streaming and "html" in page.headers.get("Content-Type", "") else ""
    for folle in FOLLES:
        client = monde.connecte(qui)
        assert client.get(chemin, dict.fromkeys(CRITERES, folle)).status_code < 500
        for action, champs in envois(texte, folle):
            vers = action if action.startswith("/") else chemin
            assert client.post(vers, champs).status_code < 500, f"{vers} : {list(champs)}"
        assert client.get(chemin).status_code < 500
        assert client.get("/").status_code < 500, "Une annonce se montre à tous."
