"""Activer un compte d'agent. Ouvrir le lien ne consomme rien ; le jeton est prouvé à chaque envoi (T10, T11)."""

from __future__ import annotations

from http import HTTPStatus

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from apart.administrations.actions import agents
from apart.comptes import jetons
from apart.comptes.forms.mot_de_passe import ChoixMotDePasse
from apart.comptes.models import Usage
from apart.comptes.views.jeton import Parcours, avancer
from apart.socle.acces import Public, pour


@pour(Public.TOUS)
@sensitive_post_parameters("mot_de_passe")
@require_http_methods(["GET", "HEAD", "POST"])
def activer(request: HttpRequest, secret: str) -> HttpResponse:
    return avancer(request, PARCOURS, secret)


def _avancer(request: HttpRequest, secret: str, etape: str) -> HttpResponse:
    """Une seule étape, à l'adresse du lien : remis à l'agent en main propre, ou par un canal sûr."""
    jeton = jetons.lire(Usage.ACTIVATION_AGENT, secret)
    form = ChoixMotDePasse(request.POST if request.method == "POST" else None, utilisateur=jeton.utilisateur)
    if not form.is_valid():
        contexte = {"form": form, "jeton": jeton}
        return render(request, "administrations/activer.html", contexte, status=400 if form.errors else 200)
    agent = agents.activer_agent(secret, mot_de_passe=form.cleaned_data["mot_de_passe"])
    return render(request, "administrations/compte_active.html", {"agent": agent})


PARCOURS = Parcours(
    Usage.ACTIVATION_AGENT,
    _avancer,
    gabarit_refus="administrations/lien_refuse.html",
    statut_inconnu=HTTPStatus.NOT_FOUND,
)
