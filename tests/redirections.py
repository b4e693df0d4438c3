"""Ce que tout test vérifie sans y penser : un geste fait redirige, ou se revoit (décision 0015).

Une page rendue après avoir écrit au journal se rechargerait en refaisant le geste : c'est une faute, quelle que soit
la branche qu'un test vient de prendre.
"""

from __future__ import annotations

from collections.abc import Callable
from contextvars import ContextVar
from http import HTTPStatus
from typing import Any

from django.db.models.signals import post_save
from django.dispatch import receiver
from django.http import HttpRequest, HttpResponse

from apart.socle.models import EntreeJournal

GESTES: ContextVar[list[str]] = ContextVar("gestes")


@receiver(post_save, sender=EntreeJournal)
def _noter(instance: EntreeJournal, **_: Any) -> None:
    if (gestes := GESTES.get(None)) is not None:
        gestes.append(instance.geste)


class GesteRedirige:
    """Au plus près des vues (tests/conftest.py) : a_revoir s'y lit encore."""

    def __init__(self, suite: Callable[[HttpRequest], HttpResponse]) -> None:
        self.suite = suite

    def __call__(self, request: HttpRequest) -> HttpResponse:
        precedents = GESTES.set([])
        try:
            reponse = self.suite(request)
            gestes = GESTES.get()
        finally:
            GESTES.reset(precedents)
        rendue = reponse.status_code == HTTPStatus.OK and not getattr(reponse, "a_revoir", False)
        if request.method == "POST" and rendue and gestes:
            raise AssertionError(
                f"{request.path} a fait {gestes} et rend une page : il manque montrer() ou redirect()"
            )
        return reponse
