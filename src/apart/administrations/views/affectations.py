"""Finir une affectation, la faire suppléer pendant une absence, dire l'agent de retour."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from apart.administrations.actions import affectations
from apart.administrations.droits import Droit, departements_de, reservee
from apart.administrations.forms import FinForm, SuppleanceForm
from apart.administrations.models import Affectation, Service
from apart.comptes.requete import RequeteConnectee


@reservee(Droit.GERER_EQUIPE)
@require_http_methods(["GET", "HEAD", "POST"])
def terminer(request: RequeteConnectee, pk: int) -> HttpResponse:
    affectation = _trouver(request, pk)
    form = FinForm(request.POST if request.method == "POST" else None, initial={"au": timezone.localdate()})
    if form.is_valid():
        try:
            finie = affectations.terminer(affectation, **form.cleaned_data, par=request.user)
        except ValidationError as refus:
            form.add_error(None, refus)
        else:
            messages.success(request, f"L'affectation de {finie.agent} au service « {finie.service} » prend fin.")
            return redirect("agent", finie.agent_id)
    return render(request, "administrations/terminer.html", {"affectation": affectation, "form": form})


@reservee(Droit.GERER_EQUIPE)
@require_http_methods(["GET", "HEAD", "POST"])
def suppleer(request: RequeteConnectee, pk: int) -> HttpResponse:
    affectation = _trouver(request, pk)
    deja = {"suppleant": affectation.suppleant_id, "absent_au": affectation.absent_au}
    deja["absent_du"] = affectation.absent_du or timezone.localdate()
    donnees = request.POST if request.method == "POST" else None
    form = SuppleanceForm(donnees, affectation=affectation, par=request.user, initial=deja)
    if form.is_valid():
        lu = form.cleaned_data
        saisie = {"suppleant": lu["suppleant"], "du": lu["absent_du"], "au": lu["absent_au"]}
        try:
            affectations.suppleer(affectation, **saisie, par=request.user)
        except ValidationError as refus:
            form.add_error(None, refus)
        else:
            messages.success(request, f"{saisie['suppleant']} supplée {affectation.agent}.")
            return redirect("agent", affectation.agent_id)
    return render(request, "administrations/suppleer.html", {"affectation": affectation, "form": form})


@reservee(Droit.GERER_EQUIPE)
@require_POST
def lever(request: RequeteConnectee, pk: int) -> HttpResponse:
    affectation = _trouver(request, pk)
    affectations.lever_suppleance(affectation, par=request.user)
    messages.success(request, f"{affectation.agent} est de retour : plus personne ne le supplée.")
    return redirect("agent", affectation.agent_id)


def _trouver(request: RequeteConnectee, pk: int) -> Affectation:
    geres = Service.objects.couverts_par(departements_de(request.user, Droit.GERER_EQUIPE))
    toutes = Affectation.objects.select_related("agent", "service", "suppleant")
    return get_object_or_404(toutes.filter(service__in=geres), pk=pk)
