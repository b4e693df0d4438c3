"""« Qui peut faire quoi » : la table du code, en français."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from apart.administrations.droits import DROITS, NATIONAUX, Droit
from apart.administrations.models import RoleAgent
from apart.socle.acces import Public, pour


@pour(Public.AGENT)
@require_safe
def qui_peut_quoi(request: HttpRequest) -> HttpResponse:
    lignes = [(droit, droit in NATIONAUX, [(role, droit in DROITS[role]) for role in RoleAgent]) for droit in Droit]
    return render(request, "administrations/droits.html", {"roles": RoleAgent, "lignes": lignes})
