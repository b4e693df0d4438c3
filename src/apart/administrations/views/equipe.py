"""L'équipe : les superviseurs invitent, suspendent et rétablissent les agents. Personne ne voit de mot de passe."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from apart.administrations import actions
from apart.administrations.forms import InvitationAgent
from apart.comptes.models import Utilisateur
from apart.comptes.requete import RequeteConnectee
from apart.socle.acces import Public, pour
from apart.socle.envois import montrer


@pour(Public.SUPERVISEUR)
@require_http_methods(["GET", "HEAD", "POST"])
def equipe(request: RequeteConnectee) -> HttpResponse:
    """La liste des agents, et l'invitation d'un nouveau : son lien est montré une fois, à lui remettre."""
    form = InvitationAgent(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            invitation = actions.creer_agent(**form.cleaned_data, par=request.user)
        except ValidationError as refus:
            form.add_error("courriel", refus)
        else:
            return montrer(request, "administrations/invitation.html", {"invitation": invitation})
    return render(request, "administrations/equipe.html", {"form": form, "agents": Utilisateur.objects.agents()})


@pour(Public.SUPERVISEUR)
@require_POST
def inviter(request: RequeteConnectee, pk: int) -> HttpResponse:
    agent = _agent(pk)
    try:
        invitation = actions.renvoyer_invitation(courriel=agent.courriel, par=request.user)
    except ValidationError as refus:
        messages.error(request, refus.message)
        return redirect("equipe")
    return montrer(request, "administrations/invitation.html", {"invitation": invitation})


@pour(Public.SUPERVISEUR)
@require_POST
def suspendre(request: RequeteConnectee, pk: int) -> HttpResponse:
    agent = _agent(pk)
    actions.suspendre(agent, par=request.user)
    messages.success(request, f"L'accès de {agent} est suspendu, ses sessions sont fermées.")
    return redirect("equipe")


@pour(Public.SUPERVISEUR)
@require_POST
def retablir(request: RequeteConnectee, pk: int) -> HttpResponse:
    agent = _agent(pk)
    actions.retablir(agent, par=request.user)
    messages.success(request, f"L'accès de {agent} est rétabli.")
    return redirect("equipe")


def _agent(pk: int) -> Utilisateur:
    return get_object_or_404(Utilisateur.objects.agents(), pk=pk)
