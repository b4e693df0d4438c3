"""Ce qui entoure les pages : se connecter attend son tour, une session se prolonge, un agent a son second facteur."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse

from apart.comptes import appareils, hachage, second_facteur
from apart.comptes.actions import sessions
from apart.comptes.models import Session, Utilisateur
from apart.comptes.sessions import AGENT
from apart.socle import enfant
from apart.socle.affluence import ServiceOccupe
from apart.socle.corps import longueur
from apart.socle.depense import PAYEUR, depenser, exiger_du_credit
from apart.socle.erreurs import occupe, trop_de_demandes
from apart.socle.limites import TropDeDemandes, reseau_de, visiteur

# Ce qu'un agent peut ouvrir tant qu'il n'a pas de second facteur : de quoi s'en donner un, ou partir.
PAGES_D_ENROLEMENT = {
    "proteger",
    "mfa_activate_totp",
    "mfa_add_webauthn",
    "account_reauthenticate",
    "deconnexion",
    "account_logout",
    "prolonger-session",
}
EN_VIE = "/sante/vivant"


class TourDeConnexion:
    """Renvoie dès la porte une connexion de trop, et ne fait avancer les autres qu'une à une.

    Avant les sessions, les formulaires et la base : une tempête de connexions ne coûte au site que ce qu'il calcule.
    Un corps gros, que nul formulaire juste n'envoie ici, est d'abord lu dans un enfant, sans tenir ce tour : il le
    prendrait à tous le temps de cette lecture. Un réseau ne tient jamais toutes les places, et n'en a plus une fois
    son calcul dépensé : des envois sans suite, qu'aucune autre limite ne compte, fermeraient la connexion à tous (T5).
    """

    def __init__(self, suite: Callable[[HttpRequest], HttpResponse]) -> None:
        self.suite = suite

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.method != "POST" or request.path_info != reverse("connexion") or longueur(request) > enfant.GROS:
            return self.suite(request)
        try:
            exiger_du_credit(appareils.visiteur(request))
            with hachage.a_son_tour(reseau_de(request)):
                return self.suite(request)
        except TropDeDemandes as refus:
            return trop_de_demandes(request, refus.attente)
        except ServiceOccupe as refus:
            return occupe(request, refus)


class DepenseMiddleware:
    """Compte à qui la fait le calcul de toute demande, lecture du formulaire comprise ; au-delà, 429 d'abord.

    « Suis-je en vie ? » répond toujours, même sans base : un service qui le refuserait serait relancé.
    """

    def __init__(self, suite: Callable[[HttpRequest], HttpResponse]) -> None:
        self.suite = suite

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.path == EN_VIE:
            return self.suite(request)
        debut = time.thread_time()
        qui = visiteur(request) if _est_connecte(request) else appareils.visiteur(request)
        request.META[PAYEUR] = qui
        try:
            exiger_du_credit(qui)
        except TropDeDemandes as refus:
            return trop_de_demandes(request, refus.attente)
        try:
            return self.suite(request)
        finally:
            depenser(time.thread_time() - debut, qui)


class SessionsMiddleware:
    """Repousse la fin d'une session à chaque page vue, et la rend connue du gabarit (request.fin_de_session)."""

    def __init__(self, suite: Callable[[HttpRequest], HttpResponse]) -> None:
        self.suite = suite

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if _est_connecte(request):
            request.fin_de_session = prolonger(request)  # type: ignore[attr-defined]  # lu par comptes.contexte
        return self.suite(request)


def _est_connecte(request: HttpRequest) -> bool:
    """Sans cookie, la session n'est pas ouverte : une page publique reste la même pour tous, et se garde."""
    return settings.SESSION_COOKIE_NAME in request.COOKIES and request.user.is_authenticated


def prolonger(request: HttpRequest) -> datetime | None:
    """Compte une activité et rend le moment où la session se fermera."""
    ligne = getattr(request.session, "ligne", None)
    return sessions.prolonger(ligne, agent=bool(request.session.get(AGENT))) if isinstance(ligne, Session) else None


class SecondFacteurObligatoire:
    """Un agent sans second facteur ne voit que la page qui lui en donne un."""

    def __init__(self, suite: Callable[[HttpRequest], HttpResponse]) -> None:
        self.suite = suite

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.suite(request)

    def process_view(
        self, request: HttpRequest, vue: object, args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> HttpResponseBase | None:
        permise = request.resolver_match is not None and request.resolver_match.url_name in PAGES_D_ENROLEMENT
        if permise or not isinstance(request.user, Utilisateur) or not second_facteur.manque(request.user):
            return None
        return redirect("proteger")
