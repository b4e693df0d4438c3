"""Les pages à visiter, sous le bon rôle, déduites des adresses du site : une page ajoutée est visitée d'office."""

from __future__ import annotations

from dataclasses import dataclass

from django.conf import settings
from django.test import Client
from playwright.sync_api import BrowserContext

from apart.comptes.models import Utilisateur
from apart.socle.acces import Public
from tests.monde import Monde, adresses

INTROUVABLE = "/n-existe-pas/"


@dataclass(frozen=True)
class Visite:
    nom: str
    chemin: str
    public: Public
    statut: int
    page: str


def visites(monde: Monde, public: Public) -> list[Visite]:
    """Chaque adresse de ce public qui répond une page à une lecture, et pour tous une page introuvable."""
    client = monde.connecte(monde.pour_public(public))
    chemins = [(adresse.nom, adresse.chemin(monde)) for adresse in adresses() if adresse.public == public]
    if public is Public.TOUS:
        chemins.append(("introuvable", INTROUVABLE))
    trouvees = []
    for nom, chemin in chemins:
        reponse = client.get(chemin)
        attendu = 404 if chemin == INTROUVABLE else 200
        if reponse.status_code == attendu and reponse.headers["Content-Type"].startswith("text/html"):
            trouvees.append(Visite(nom, chemin, public, attendu, reponse.content.decode()))
    return trouvees


def connecter(contexte: BrowserContext, qui: Utilisateur | None, url: str) -> None:
    """Ouvre la session sans passer par le formulaire, qui a ses propres tests."""
    contexte.clear_cookies()
    if qui is None:
        return
    client = Client()
    client.force_login(qui)
    cookie = client.cookies[settings.SESSION_COOKIE_NAME]
    contexte.add_cookies([{"name": cookie.key, "value": cookie.value, "url": url}])
