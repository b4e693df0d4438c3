"""Ce que lisent un répartiteur et un outil de surveillance. Ni session, ni gabarit."""

from __future__ import annotations

import os
from dataclasses import asdict

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.utils.crypto import constant_time_compare
from django.views.decorators.http import require_safe
from prometheus_client import CONTENT_TYPE_LATEST, REGISTRY, CollectorRegistry, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector

from apart.config import sante
from apart.config.commande import MESURES_PARTAGEES
from apart.socle.acces import Public, pour


@pour(Public.TOUS)
@require_safe
def vivant(request: HttpRequest) -> HttpResponse:
    """Ce processus répond. Rien d'autre n'est essayé : une base arrêtée ne se répare pas en le relançant."""
    return HttpResponse("vivant\n", content_type="text/plain; charset=utf-8")


@pour(Public.TOUS)
@require_safe
def pret(request: HttpRequest) -> HttpResponse:
    """200 si tout y est ; sinon 503, et ce qui manque est à « false »."""
    etat = sante.examiner()
    return JsonResponse(asdict(etat), status=200 if etat.est_pret else 503)


@pour(Public.TOUS)
@require_safe
def metriques(request: HttpRequest) -> HttpResponse:
    """Pour Prometheus, muni du jeton réglé ; pour tout autre, cette adresse n'existe pas."""
    attendu = f"Bearer {settings.METRIQUES_JETON}"
    if not settings.METRIQUES_JETON or not constant_time_compare(request.headers.get("Authorization", ""), attendu):
        raise Http404
    mesures = generate_latest(_celles_du_serveur()) + generate_latest(_celles_de_la_base())
    return HttpResponse(mesures, content_type=CONTENT_TYPE_LATEST)


def _celles_du_serveur() -> CollectorRegistry:
    """Ce qu'a compté chaque processus web, additionné ; celui-ci seul hors d'« apart serveur »."""
    if MESURES_PARTAGEES not in os.environ:
        return REGISTRY
    registre = CollectorRegistry()
    MultiProcessCollector(registre)
    return registre


def _celles_de_la_base() -> CollectorRegistry:
    registre = CollectorRegistry()
    registre.register(sante.EtatDeLaBase())
    return registre
