"""La requête d'une personne connectée, et celle d'une personne qui vient de confirmer que c'est elle."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from allauth.account.decorators import reauthentication_required
from django.http import HttpRequest

from apart.comptes.models import Utilisateur

V = TypeVar("V", bound=Callable[..., object])


class RequeteConnectee(HttpRequest):
    """Une requête dont l'auteur est connecté (LoginRequiredMiddleware l'a vérifié)."""

    user: Utilisateur


def apres_confirmation(vue: V) -> V:
    """Exige un mot de passe ou un second facteur donné depuis moins de 15 minutes ; reprend la requête ensuite."""
    gardee: V = reauthentication_required(app="allauth.mfa")(vue)
    return gardee
