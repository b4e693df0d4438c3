"""Les pages à visiter, sous le bon rôle, déduites des adresses du site : une page ajoutée est visitée d'office."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from django.conf import settings
from django.test import Client
from playwright.sync_api import BrowserContext

from apart.comptes.models import Utilisateur
from apart.socle.acces import Public
from tests.monde import Adresse, Monde, adresses

INTROUVABLE = "/n-existe-pas/"


@dataclass(frozen=True)
class Lieu:
    public: Public
    adresse: Adresse | None  # aucune : une page introuvable


def lieux() -> list[Lieu]:
    """Chaque adresse, pour son public, et pour tous une page introuvable."""
    return [*(Lieu(adresse.public, adresse) for adresse in adresses()), Lieu(Public.TOUS, None)]


@dataclass(frozen=True)
class Visite:
    nom: str
    chemin: str
    public: Public
    statut: int
    page: str


def clients(monde: Monde) -> dict[Public, Client]:
    return {public: monde.connecte(monde.pour_public(public)) for public in Public}


def visites(monde: Monde, lieux: Iterable[Lieu], par: dict[Public, Client] | None = None) -> Iterator[Visite]:
    """Ceux de ces lieux qui répondent une page à une lecture ; par : qui l'ouvre, quelqu'un de neuf sinon."""
    par = par or clients(monde)
    for lieu in lieux:
        chemin = lieu.adresse.chemin(monde) if lieu.adresse else INTROUVABLE
        attendu = 200 if lieu.adresse else 404
        reponse = par[lieu.public].get(chemin)
        if reponse.status_code == attendu and reponse.headers["Content-Type"].startswith("text/html"):
            nom = lieu.adresse.nom if lieu.adresse else "introuvable"
            yield Visite(nom, chemin, lieu.public, attendu, reponse.content.decode())


def connecter(contexte: BrowserContext, qui: Utilisateur | None, url: str) -> None:
    """Ouvre la session sans passer par le formulaire, qui a ses propres tests."""
    contexte.clear_cookies()
    if qui is None:
        return
    client = Client()
    client.force_login(qui)
    cookie = client.cookies[settings.SESSION_COOKIE_NAME]
    contexte.add_cookies([{"name": cookie.key, "value": cookie.value, "url": url}])
