"""Les services de l'État : leurs noms et leurs départements sont des données, que les superviseurs vérifient."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from apart.administrations.actions import services
from apart.administrations.droits import Droit, departements_de, reservee
from apart.administrations.forms import ServiceForm
from apart.administrations.models import Service, ServiceQuerySet
from apart.comptes.requete import RequeteConnectee
from apart.socle.pages import ParNom

PAR_PAGE = 50
SERVICES: ParNom[Service] = ParNom(("nom",))


@reservee(Droit.GERER_EQUIPE)
@require_safe
def liste(request: RequeteConnectee) -> HttpResponse:
    page = SERVICES.page(_geres(request), request.GET.get("page", ""), par_page=PAR_PAGE)
    return render(request, "administrations/services.html", {"page": page})


@reservee(Droit.GERER_EQUIPE)
@require_http_methods(["GET", "HEAD", "POST"])
def nouveau(request: RequeteConnectee) -> HttpResponse:
    form = ServiceForm(request.POST if request.method == "POST" else None, par=request.user)
    if form.is_valid():
        try:
            service = services.creer(form.contenu(), par=request.user)
        except ValidationError as refus:
            form.add_error(None, refus)
        else:
            messages.success(request, f"Le service « {service} » est créé.")
            return redirect("services")
    return render(request, "administrations/service.html", {"form": form})


@reservee(Droit.GERER_EQUIPE)
@require_http_methods(["GET", "HEAD", "POST"])
def modifier(request: RequeteConnectee, pk: int) -> HttpResponse:
    service = get_object_or_404(_geres(request), pk=pk)
    donnees = request.POST if request.method == "POST" else None
    form = ServiceForm(donnees, par=request.user, initial=ServiceForm.de(service))
    if form.is_valid():
        try:
            service = services.modifier(service, form.contenu(), par=request.user)
        except ValidationError as refus:
            form.add_error(None, refus)
        else:
            messages.success(request, f"La fiche du service « {service} » est corrigée.")
            return redirect("services")
    return render(request, "administrations/service.html", {"form": form, "service": service})


@reservee(Droit.GERER_EQUIPE)
@require_POST
def fermer(request: RequeteConnectee, pk: int) -> HttpResponse:
    service = get_object_or_404(_geres(request), pk=pk)
    try:
        services.fermer(service, par=request.user)
    except ValidationError as refus:
        messages.error(request, refus.message)
    else:
        messages.success(request, f"Le service « {service} » est fermé.")
    return redirect("services")


def _geres(request: RequeteConnectee) -> ServiceQuerySet:
    return Service.objects.couverts_par(departements_de(request.user, Droit.GERER_EQUIPE))
