"""Les pages à visiter, sous le bon rôle, déduites des adresses du site : une page ajoutée est visitée d'office."""

from __future__ import annotations

from dataclasses import dataclass

from django.conf import settings
from django.test import Client
from playwright.sync_api import BrowserContext

from apart.comptes.models import Utilisateur
from tests.monde import Monde, adresses


@dataclass(frozen=True)
class Visite:
    nom: str
    chemin: str
    qui: Utilisateur | None
    statut: int


def visites(monde: Monde) -> list[Visite]:
    """Chaque adresse qui répond une page à une lecture, plus une page introuvable."""
    trouvees = [Visite("introuvable", "/n-existe-pas/", None, 404)]
    for adresse in adresses():
        qui, chemin = monde.pour_public(adresse.public), adresse.chemin(monde)
        reponse = monde.connecte(qui).get(chemin)
        if reponse.status_code == 200 and reponse.headers["Content-Type"].startswith("text/html"):
            trouvees.append(Visite(adresse.nom, chemin, qui, 200))
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
