"""Pages d'erreur : ce qui s'est passé, ce qui est perdu ou non, où aller. Elles marchent sans base de données."""

from __future__ import annotations

import math
from datetime import timedelta

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.template import loader

from apart.socle.contexte import site


def page(request: HttpRequest, modele: str, statut: int, **contexte: object) -> HttpResponse:
    """Sans processeur de contexte : ni session ni base, qui sont peut-être en panne."""
    contexte = {**site(None), "page_d_erreur": True, **contexte}
    return HttpResponse(loader.render_to_string(f"erreurs/{modele}.html", contexte), status=statut)


@login_not_required
def demande_illisible(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return page(request, "illisible", 400)


@login_not_required
def acces_refuse(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return page(request, "refuse", 403)


@login_not_required
def formulaire_perime(request: HttpRequest, reason: str = "") -> HttpResponse:
    return page(request, "perime", 403)


@login_not_required
def page_introuvable(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return page(request, "introuvable", 404)


@login_not_required
def panne(request: HttpRequest) -> HttpResponse:
    return page(request, "panne", 500)


def trop_de_demandes(request: HttpRequest, attente: timedelta) -> HttpResponse:
    """429 avec le temps d'attente, en en-tête et en clair."""
    reponse = page(request, "trop", 429, minutes=math.ceil(attente.total_seconds() / 60))
    reponse.headers["Retry-After"] = str(math.ceil(attente.total_seconds()))
    return reponse
