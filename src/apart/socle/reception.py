"""Recevoir un formulaire : coupé s'il est trop gros, lu dans un enfant s'il est gros, et compté à qui l'envoie."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse

from apart.socle import enfant, erreurs, problemes
from apart.socle.corps import Vue, couper, lire_formulaire, longueur
from apart.socle.depense import confier

FORMULAIRES = {"application/x-www-form-urlencoded", "multipart/form-data"}


class ReceptionMiddleware:
    """Avant toute lecture, donc avant la protection CSRF. L'interface pour les programmes borne les siens seule."""

    def __init__(self, suite: Callable[[HttpRequest], HttpResponse]) -> None:
        self.suite = suite

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.suite(request)

    def process_view(self, request: HttpRequest, vue: Vue, args: Any, kwargs: Any) -> HttpResponse | None:
        if hasattr(vue, "octets_permis") or problemes.concerne(request):
            return None
        if longueur(request) > settings.DATA_UPLOAD_MAX_MEMORY_SIZE:
            couper(request, settings.DATA_UPLOAD_MAX_MEMORY_SIZE)
            raise RequestDataTooBig
        if longueur(request) > enfant.GROS and request.content_type in FORMULAIRES:
            return _lire_a_part(request)
        return None


def _lire_a_part(request: HttpRequest) -> HttpResponse | None:
    """Lit le formulaire dans un enfant. Un refus est rendu ici : Django ne confie aux autres que ceux des vues."""
    try:
        lu = confier(request, lire_formulaire, request.body, request.headers["Content-Type"], request.encoding)
    except Exception as refus:
        request._mark_post_parse_error()  # type: ignore[attr-defined]  # la page d'erreur ne le lira pas ici
        if reponse := erreurs.refuser(request, refus):
            return reponse
        raise
    request._post, request._files = lu  # type: ignore[attr-defined]  # où Django range ce qu'il lit
    return None
