"""Ce qu'une adresse peut coûter de calcul : son temps de processeur est compté, quelle que soit la page."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import timedelta
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponseBase

from apart.socle.limites import Limite, compter, exiger, visiteur

# La dernière demande admise peut dépasser : une adresse prend au plus la minute, et ce que prend un enfant.
CALCUL_PAR_ADRESSE = Limite("calcul", 60_000, timedelta(minutes=1))  # millisecondes de processeur
NEGLIGEABLE = 0.05  # secondes ; en dessous, compter coûterait plus que ce qui est compté
Vue = Callable[..., HttpResponseBase]


def exiger_du_credit(valeur: str) -> None:
    """Lève TropDeDemandes si cette adresse a déjà pris sa minute."""
    exiger(CALCUL_PAR_ADRESSE, valeur)


def depenser(secondes: float, valeur: str) -> None:
    if secondes > NEGLIGEABLE:
        compter(CALCUL_PAR_ADRESSE, valeur, round(secondes * 1_000))


def mesuree(vue: Vue) -> Vue:
    """Une vue dont le calcul est compté à l'adresse qui le demande ; lire une page (GET sans saisie) ne l'est pas."""

    @wraps(vue)
    def mesurer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not (request.method == "POST" or request.GET):
            return vue(request, *args, **kwargs)
        exiger_du_credit(visiteur(request))
        debut = time.thread_time()
        try:
            return vue(request, *args, **kwargs)
        finally:
            depenser(time.thread_time() - debut, visiteur(request))

    return mesurer
