"""À qui s'adresse chaque page. Refuser est la règle : une vue qui ne déclare pas son public fait échouer un test."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from functools import wraps
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponseBase

Vue = Callable[..., HttpResponseBase]


class Public(StrEnum):
    TOUS = "tous"
    CONNECTE = "connecte"
    AGENT = "agent"


def pour(public: Public) -> Callable[[Vue], Vue]:
    """Déclare le public d'une vue et le fait respecter. Un employeur reçoit « introuvable » sur une page d'agent."""

    def decorer(vue: Vue) -> Vue:
        @wraps(vue)
        def garder(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if public is Public.AGENT:
                exiger_agent(request)
            return vue(request, *args, **kwargs)

        garder.public = public  # type: ignore[attr-defined]  # lu par tests/test_acces.py
        return login_not_required(garder) if public is Public.TOUS else garder

    return decorer


def exiger_agent(request: HttpRequest) -> None:
    """Page introuvable pour qui n'est pas agent. Ce que l'agent y peut : administrations.droits.reservee."""
    utilisateur: Any = request.user
    if not utilisateur.est_agent:
        raise Http404


def exiger(condition: bool, action: str) -> None:
    """Refuse un geste dans une action, quelle que soit la page qui l'appelle."""
    if not condition:
        raise PermissionDenied(f"Vous ne pouvez pas {action}.")
