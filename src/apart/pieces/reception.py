"""Recevoir des pièces : en mémoire, bornées, comptées à qui les envoie ; un envoi refait n'agit qu'une fois."""

from __future__ import annotations

from datetime import timedelta
from functools import wraps
from typing import Any

from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponseBase

from apart.pieces.bornes import OCTETS_EN_TOUT, OCTETS_PERMIS
from apart.socle import envois, erreurs
from apart.socle.corps import Vue, en_memoire
from apart.socle.limites import Limite, consommer, visiteur

MEBIOCTETS = Limite("pieces", 300, timedelta(hours=1))
TROP = "Vos pièces dépassent 20 Mo en tout : l'envoi a été coupé. Réduisez-les, ou envoyez-les en plusieurs messages."


def avec_pieces(vue: Vue) -> Vue:
    """La vue lit ses pièces dans request.FILES, la protection CSRF déjà passée. À poser sous @pour."""

    @wraps(vue)
    def recevoir(
        request: HttpRequest, *args: Any, trop_lourd: bool = False, trop_long: bool = False, **kwargs: Any
    ) -> HttpResponseBase:
        if trop_long:
            raise RequestDataTooBig
        if trop_lourd:
            return erreurs.page(request, "interrompu", 413, phrase=TROP)
        if deja := envois.commencer(request):
            return deja
        _compter(request)
        return vue(request, *args, **kwargs)

    return en_memoire(OCTETS_EN_TOUT, par_fichier=OCTETS_PERMIS)(recevoir)


def _compter(request: HttpRequest) -> None:
    """Lève TropDeDemandes. Ce qui sera refusé compte aussi : le lire a le même prix."""
    recus = sum(fichier.size or 0 for _, fichiers in request.FILES.lists() for fichier in fichiers)
    if recus:
        consommer(MEBIOCTETS, visiteur(request), fois=-(-recus >> 20) or 1)
