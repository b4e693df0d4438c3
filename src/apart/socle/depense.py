"""Ce qu'une adresse, ou une personne connectée, peut coûter de calcul : celui de ses pages et de leurs enfants."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from typing import Any, TypeVar

from django.db import InterfaceError, OperationalError
from django.http import HttpRequest
from django.utils import timezone

from apart.socle import enfant
from apart.socle.limites import Limite, TropDeDemandes, compter, reseau_de, visiteur

# La dernière demande admise peut dépasser : une adresse prend au plus la minute, et ce que prend un enfant.
CALCUL_PAR_ADRESSE = Limite("calcul", 60_000, timedelta(minutes=1))  # millisecondes de processeur
PAR_LOT = 1.0  # secondes : une simulation n'écrit rien, vingt s'écrivent ensemble
SUIVIES = 10_000  # adresses par processus ; au-delà, leurs restes de moins d'une seconde sont oubliés
_restes: dict[str, float] = {}
_epuisees: dict[str, datetime] = {}  # jusqu'à quand, d'après ce que ce processus a compté
PAYEUR = "apart.payeur"
T = TypeVar("T")


def payeur(request: HttpRequest) -> str:
    """Qui paie le calcul de cette demande, tel que l'a désigné comptes.intergiciels.DepenseMiddleware."""
    return str(request.META.get(PAYEUR) or visiteur(request))


def depenser(secondes: float, valeur: str) -> None:
    """Compte ce calcul à cette adresse."""
    total = _restes.pop(valeur, 0.0) + secondes
    for suivies in (_restes, _epuisees):
        if len(suivies) > SUIVIES:
            suivies.clear()
    if total < PAR_LOT:
        _restes[valeur] = total
        return
    try:
        pris = compter(CALCUL_PAR_ADRESSE, valeur, round(total * 1_000))
    except (OperationalError, InterfaceError):  # la base est arrêtée : ce sera compté à son retour
        _restes[valeur] = total
        return
    if pris > CALCUL_PAR_ADRESSE.nombre:
        _epuisees[valeur] = CALCUL_PAR_ADRESSE.fenetre(timezone.now()) + CALCUL_PAR_ADRESSE.periode


def exiger_du_credit(valeur: str) -> None:
    """Lève TropDeDemandes si cette adresse a pris sa minute, d'après ce processus : simuler ne lit pas la base."""
    reste = _epuisees.get(valeur, timezone.now()) - timezone.now()
    if reste > timedelta():
        raise TropDeDemandes(CALCUL_PAR_ADRESSE, reste)


def confier(request: HttpRequest, travail: Callable[..., T], *arguments: Any) -> T:
    """Ce que rend ce travail, fait dans un enfant et compté à qui le demande.

    Lève TropDeDemandes si cette adresse a pris sa minute, et ce que lève enfant.Enfant.
    """
    qui = payeur(request)
    exiger_du_credit(qui)
    return enfant.obtenir(travail, *arguments, reseau=reseau_de(request), depenser=partial(depenser, valeur=qui))
