"""Les annonces, côté agents : en cours, prévues, passées ; écrire, relire, retirer."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from apart.accueil import actions
from apart.accueil.forms.annonce import AnnonceForm
from apart.accueil.models import Annonce
from apart.administrations.droits import Droit, reservee
from apart.comptes.requete import RequeteConnectee

DELAI = "Elle paraît sur l'accueil, ou y change, dans les secondes qui suivent."


@reservee(Droit.GERER_ANNONCES)
@require_safe
def liste(request: RequeteConnectee) -> HttpResponse:
    maintenant = timezone.now()
    annonces = Annonce.objects.select_related("par")
    passees = annonces.page_des_passees(maintenant, request.GET.get("page", ""))
    contexte = {"en_cours": annonces.en_cours(maintenant), "prevues": annonces.prevues(maintenant), "passees": passees}
    return render(request, "annonces/liste.html", contexte)


@reservee(Droit.GERER_ANNONCES)
@require_http_methods(["GET", "HEAD", "POST"])
def nouvelle(request: RequeteConnectee) -> HttpResponse:
    form = AnnonceForm(request.POST or None, initial={"du": timezone.now(), "niveau": "information"})
    if request.method == "POST" and form.is_valid() and "apercu" not in request.POST:
        actions.publier(**form.cleaned_data, par=request.user)
        messages.success(request, f"L'annonce est publiée. {DELAI}")
        return redirect("annonces")
    return _formulaire(request, form, None)


@reservee(Droit.GERER_ANNONCES)
@require_http_methods(["GET", "HEAD", "POST"])
def corriger(request: RequeteConnectee, pk: int) -> HttpResponse:
    annonce = get_object_or_404(Annonce, pk=pk)
    actuelle = {nom: getattr(annonce, nom) for nom in ("titre", "texte", "niveau", "du", "au")}
    form = AnnonceForm(request.POST or None, initial=actuelle)
    if request.method == "POST" and form.is_valid() and "apercu" not in request.POST:
        actions.corriger(annonce, **form.cleaned_data, par=request.user)
        messages.success(request, f"L'annonce est corrigée. {DELAI}")
        return redirect("annonces")
    return _formulaire(request, form, annonce)


@reservee(Droit.GERER_ANNONCES)
@require_POST
def retirer(request: RequeteConnectee, pk: int) -> HttpResponse:
    annonce = get_object_or_404(Annonce, pk=pk)
    actions.retirer(annonce, par=request.user)
    messages.success(request, f"L'annonce « {annonce.titre} » est retirée de l'accueil.")
    return redirect("annonces")


def _formulaire(request: RequeteConnectee, form: AnnonceForm, annonce: Annonce | None) -> HttpResponse:
    apercu = Annonce(**form.cleaned_data) if form.is_bound and form.is_valid() else None
    return render(request, "annonces/formulaire.html", {"form": form, "annonce": annonce, "apercu": apercu})
