"""L'interface pour les programmes : lire le barème, simuler, et la page qui l'explique."""

from __future__ import annotations

from datetime import timedelta

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST, require_safe

from apart.simulateur.api import consultation, description
from apart.simulateur.api.rendu import repondre
from apart.simulateur.telechargements import remettre
from apart.socle.acces import Public, pour
from apart.socle.corps_json import recevoir
from apart.socle.depense import confier
from apart.socle.enfant import GROS
from apart.socle.limites import Limite, consommer, visiteur

# Par réseau. Lire le barème coûte peu et se garde une heure : la limite n'arrête que les boucles folles.
LECTURES = Limite("api:bareme", 600, timedelta(minutes=1))
SIMULATIONS = Limite("api:simulations", 60, timedelta(minutes=1))


@pour(Public.TOUS)
@require_safe
def documentation(request: HttpRequest) -> HttpResponse:
    return render(request, "api/documentation.html", description.page(SIMULATIONS, LECTURES))


@csrf_exempt
@pour(Public.TOUS)
@require_safe
def openapi(request: HttpRequest) -> HttpResponse:
    return remettre(request, description.document())


@csrf_exempt
@pour(Public.TOUS)
@require_safe
def bareme(request: HttpRequest) -> HttpResponse:
    consommer(LECTURES, visiteur(request))
    return remettre(request, consultation.chercher(request.GET))


@csrf_exempt
@pour(Public.TOUS)
@require_safe
def parametre(request: HttpRequest, cle: str) -> HttpResponse:
    consommer(LECTURES, visiteur(request))
    return remettre(request, consultation.parametre(cle, request.GET))


@csrf_exempt
@pour(Public.TOUS)
@require_POST
def simulations(request: HttpRequest) -> HttpResponse:
    """Sans clé ni cookie, donc sans jeton CSRF à exiger : rien n'est fait au nom de personne."""
    consommer(SIMULATIONS, visiteur(request))
    octets = recevoir(request)
    rendu = confier(request, repondre, octets) if len(octets) > GROS else repondre(octets)
    return HttpResponse(rendu, content_type="application/json")
