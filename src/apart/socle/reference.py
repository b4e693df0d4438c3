"""La référence d'une requête : la même dans le journal, l'en-tête de la réponse et la page d'erreur."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from logging import LogRecord

from django.http import HttpRequest, HttpResponse

EN_TETE = "X-Request-ID"  # le nom que connaissent les mandataires
SIENNE = "apart.reference"
_courante: ContextVar[str] = ContextVar("reference", default="")


class ReferenceMiddleware:
    """Tire la référence. Celle qu'annoncerait la demande n'est pas crue : n'importe qui écrirait dans le journal."""

    def __init__(self, suite: Callable[[HttpRequest], HttpResponse]) -> None:
        self.suite = suite

    def __call__(self, request: HttpRequest) -> HttpResponse:
        with tiree() as reference:
            request.META[SIENNE] = reference  # Django note un refus une fois la réponse rendue
            reponse = self.suite(request)
        reponse.headers[EN_TETE] = reference
        return reponse


@contextmanager
def tiree() -> Iterator[str]:
    """Une référence neuve, celle de tout ce qui s'écrit pendant ce temps."""
    marque = _courante.set(secrets.token_hex(5).upper())
    try:
        yield courante()
    finally:
        _courante.reset(marque)


def courante() -> str:
    """Celle de la requête en cours, vide hors d'une requête."""
    return _courante.get()


def d_une_ligne(ligne: LogRecord) -> str:
    """Celle de la requête dont parle cette ligne du journal ; vide si elle ne parle d'aucune."""
    return courante() or getattr(getattr(ligne, "request", None), "META", {}).get(SIENNE, "")
