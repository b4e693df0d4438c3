"""La page d'accueil d'un visiteur sans session : rendue une fois, gardée quelques secondes, en mémoire.

Le gabarit coûte huit fois le reste de la réponse, et la page ne change qu'avec les annonces. Seul le jeton CSRF
diffère d'un visiteur à l'autre : il est posé dans les octets gardés.
"""

from __future__ import annotations

import secrets
import time
from dataclasses import dataclass

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import get_token
from django.shortcuts import render
from django.utils import timezone

from apart.accueil.models import Annonce
from apart.comptes.forms.connexion import ConnexionForm

DUREE = 5.0  # secondes : une annonce paraît ou disparaît avec ce retard au plus
MARQUE_JETON = secrets.token_hex(32)
COOKIES_DE_QUELQU_UN = (settings.SESSION_COOKIE_NAME, "messages")


@dataclass(frozen=True)
class Gardee:
    morceaux: list[bytes]
    perimee_a: float


_gardee: Gardee | None = None


def repondre(request: HttpRequest) -> HttpResponse:
    if any(nom in request.COOKIES for nom in COOKIES_DE_QUELQU_UN):
        return _rendre(request, {})
    return HttpResponse(get_token(request).encode().join(_morceaux(request)))


def oublier() -> None:
    """Fait rendre de nouveau la page à la prochaine visite (dans ce processus)."""
    global _gardee  # noqa: PLW0603 — une page par processus, c'est le but
    _gardee = None


def _morceaux(request: HttpRequest) -> list[bytes]:
    global _gardee  # noqa: PLW0603
    gardee, instant = _gardee, time.monotonic()
    if gardee is None or instant >= gardee.perimee_a:
        contenu = _rendre(request, {"csrf_token": MARQUE_JETON}).content
        gardee = _gardee = Gardee(contenu.split(MARQUE_JETON.encode()), instant + DUREE)
    return gardee.morceaux


def _rendre(request: HttpRequest, contexte: dict[str, object]) -> HttpResponse:
    annonces = list(Annonce.objects.en_cours(timezone.now()))
    return render(request, "accueil/accueil.html", {"annonces": annonces, "form": ConnexionForm(), **contexte})
