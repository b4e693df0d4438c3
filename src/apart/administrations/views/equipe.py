"""L'équipe : les superviseurs invitent, affectent, suspendent et rétablissent. Personne ne voit de mot de passe."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import Prefetch
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from apart.administrations.actions import affectations, agents
from apart.administrations.actions.superviseurs import gere
from apart.administrations.droits import Droit, departements_de, equipe_de, reservee
from apart.administrations.forms import AffectationForm, InvitationAgent
from apart.administrations.models import Affectation, PropositionFacteur, Service
from apart.comptes.models import Utilisateur
from apart.comptes.requete import RequeteConnectee
from apart.socle.envois import montrer
from apart.socle.pages import ParNom

PAR_PAGE = 50
AGENTS: ParNom[Utilisateur] = ParNom(("nom", "prenom"))


@reservee(Droit.GERER_EQUIPE)
@require_http_methods(["GET", "HEAD", "POST"])
def equipe(request: RequeteConnectee) -> HttpResponse:
    """La liste des agents, et l'invitation d'un nouveau : son lien est montré une fois, à lui remettre."""
    form = InvitationAgent(request.POST if request.method == "POST" else None, par=request.user)
    if form.is_valid():
        try:
            invitation = agents.creer_agent(**form.cleaned_data, par=request.user)
        except ValidationError as refus:
            form.add_error("courriel", refus)
        else:
            return montrer(request, "administrations/invitation.html", {"invitation": invitation})
    actuelles = Affectation.objects.pas_finies(timezone.localdate()).select_related("service", "suppleant")
    siens = equipe_de(request.user).prefetch_related(Prefetch("affectations", actuelles))
    page = AGENTS.page(siens, request.GET.get("page", ""), par_page=PAR_PAGE)
    proposees = PropositionFacteur.objects.proposees().filter(agent__in=siens).exclude(agent=request.user)
    attendues = proposees.select_related("agent", "proposee_par").order_by("proposee_le")
    contexte = {"form": form, "page": page, "propositions": attendues}
    return render(request, "administrations/equipe.html", contexte)


@reservee(Droit.GERER_EQUIPE)
@require_http_methods(["GET", "HEAD", "POST"])
def agent(request: RequeteConnectee, pk: int) -> HttpResponse:
    """Un agent et ses affectations ; le formulaire en ajoute une."""
    vu = trouver_agent(request, pk)
    form = AffectationForm(
        request.POST if request.method == "POST" else None, par=request.user, initial={"du": timezone.localdate()}
    )
    if form.is_valid():
        try:
            faite = affectations.affecter(vu, **form.cleaned_data, par=request.user)
        except ValidationError as refus:
            form.add_error(None, refus)
        else:
            messages.success(request, f"{vu} est affecté au service « {faite.service} », {faite.get_role_display()}.")
            return redirect("agent", vu.pk)
    return render(request, "administrations/agent.html", _fiche(request, vu, form))


def _fiche(request: RequeteConnectee, vu: Utilisateur, form: AffectationForm) -> dict[str, object]:
    lieux = departements_de(request.user, Droit.GERER_EQUIPE)
    return {
        "agent": vu,
        "form": form,
        "affectations": vu.affectations.select_related("service", "suppleant").order_by("-du", "-pk"),
        "suppleances": Affectation.objects.supplees_par(vu, timezone.localdate()),
        "geres": set(Service.objects.couverts_par(lieux).values_list("pk", flat=True)),
        "est_gere": vu != request.user and gere(request.user, vu),
        "est_soi": vu == request.user,
    }


@reservee(Droit.GERER_EQUIPE)
@require_POST
def inviter(request: RequeteConnectee, pk: int) -> HttpResponse:
    vu = trouver_agent(request, pk)
    try:
        invitation = agents.renvoyer_invitation(courriel=vu.courriel, par=request.user)
    except ValidationError as refus:
        messages.error(request, refus.message)
        return redirect("agent", pk)
    return montrer(request, "administrations/invitation.html", {"invitation": invitation})


@reservee(Droit.GERER_EQUIPE)
@require_POST
def suspendre(request: RequeteConnectee, pk: int) -> HttpResponse:
    vu = trouver_agent(request, pk)
    try:
        agents.suspendre(vu, par=request.user)
    except ValidationError as refus:
        messages.error(request, refus.message)
    else:
        messages.success(request, f"L'accès de {vu} est suspendu, ses sessions sont fermées.")
    return redirect("agent", pk)


@reservee(Droit.GERER_EQUIPE)
@require_POST
def retablir(request: RequeteConnectee, pk: int) -> HttpResponse:
    vu = trouver_agent(request, pk)
    agents.retablir(vu, par=request.user)
    messages.success(request, f"L'accès de {vu} est rétabli.")
    return redirect("agent", pk)


def trouver_agent(request: RequeteConnectee, pk: int) -> Utilisateur:
    return get_object_or_404(equipe_de(request.user), pk=pk)
