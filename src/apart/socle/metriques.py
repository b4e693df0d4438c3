"""Ce que le service mesure de lui-même, lu par Prometheus à /metriques (config.views)."""

from __future__ import annotations

import time
from collections.abc import Callable

from django.conf import settings
from django.core.exceptions import MiddlewareNotUsed
from django.http import HttpRequest, HttpResponse
from prometheus_client import Counter, Gauge, Histogram

DUREES = Histogram(
    "apart_requete_secondes",
    "Durée des requêtes, par vue",
    ["vue", "methode"],
    buckets=(0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30),
)
REPONSES = Counter(
    "apart_reponses", "Réponses, par vue et par statut : 500 et plus sont des pannes", ["vue", "statut"]
)
MOTS_DE_PASSE_EN_COURS = Gauge(
    "apart_mots_de_passe_en_cours",
    "Requêtes qui attendent la vérification d'un mot de passe",
    multiprocess_mode="livesum",
)
MOTS_DE_PASSE_RENVOYES = Counter(
    "apart_mots_de_passe_renvoyes", "Requêtes renvoyées à plus tard : trop de mots de passe à vérifier à la fois"
)
METHODES = {"GET", "HEAD", "POST"}  # tout autre mot qu'un visiteur inventerait ferait une série de plus


class MetriquesMiddleware:
    """Mesure chaque requête ; absent tant que METRIQUES_JETON ne les ouvre à personne."""

    def __init__(self, suite: Callable[[HttpRequest], HttpResponse]) -> None:
        if not settings.METRIQUES_JETON:
            raise MiddlewareNotUsed
        self.suite = suite

    def __call__(self, request: HttpRequest) -> HttpResponse:
        debut = time.perf_counter()
        reponse = self.suite(request)
        vue = (request.resolver_match.view_name if request.resolver_match else "") or "aucune"
        methode = request.method if request.method in METHODES else "autre"
        DUREES.labels(vue, methode).observe(time.perf_counter() - debut)
        REPONSES.labels(vue, reponse.status_code).inc()
        return reponse
