"""La lettre d'une personne habilitée : la demander, taper son code, en redemander une."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from apart.comptes.requete import RequeteConnectee
from apart.etablissements.models import Etablissement, Habilitation, Preuve
from apart.repertoire.models import trouver
from apart.reprises.actions import lettres
from apart.reprises.forms.lettres import CodeDeLettre
from apart.reprises.lettres import CodeRefuse, LettreRefusee, SansAdresse, adresse_postale
from apart.socle.acces import Public, pour


@pour(Public.CONNECTE)
@require_http_methods(["GET", "HEAD", "POST"])
def preuve(request: RequeteConnectee, siret: str) -> HttpResponse:
    """Où en est la lettre, et de quoi taper son code. Un code faux redirige : rechargé, il ne coûte rien de plus."""
    mienne = _la_mienne(request, siret)
    form = CodeDeLettre(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            lettres.prouver(mienne, form.cleaned_data["code"], par=request.user)
        except CodeRefuse as refus:
            messages.error(request, refus.phrase)
            return redirect("preuve-lettre", siret)
        messages.success(request, "Votre preuve est faite : cette lettre ouvre tout ce qui l'attendait.")
        return redirect("etablissement", siret)
    return render(request, "reprises/lettres/preuve.html", _contexte(mienne) | {"form": form})


@pour(Public.CONNECTE)
@require_POST
def demander(request: RequeteConnectee, siret: str) -> HttpResponse:
    mienne = _la_mienne(request, siret)
    try:
        lettres.ecrire(etablissement=mienne.etablissement, par=request.user, pour_habilitation=mienne)
    except LettreRefusee as refus:
        messages.warning(request, refus.phrase)
    else:
        messages.success(request, "La lettre est écrite : elle part au prochain envoi.")
    return redirect("preuve-lettre", siret)


@pour(Public.TOUS)
@require_safe
def lettre(request: HttpRequest) -> HttpResponse:
    """L'adresse courte imprimée sur chaque lettre : où taper le code, selon ce qu'il prouve."""
    siennes = Habilitation.objects.none()
    if request.user.is_authenticated:
        siennes = Habilitation.objects.actives().de(request.user).filter(valeur__lt=Preuve.LETTRE)
    return render(request, "reprises/lettres/lettre.html", {"habilitations": siennes})


def _la_mienne(request: RequeteConnectee, siret: str) -> Habilitation:
    vu = get_object_or_404(Etablissement.objects.visibles_par(request.user), siret=siret)
    mienne: Habilitation = vu.habilitations.actives().select_related("etablissement").get(utilisateur=request.user)
    return mienne


def _contexte(mienne: Habilitation) -> dict[str, object]:
    """La dernière lettre de cette personne, et l'adresse où la suivante partirait, ou pourquoi aucune ne part."""
    try:
        adresse, sans_adresse = adresse_postale(trouver(mienne.etablissement.siret)).split("\n"), ""
    except SansAdresse as refus:
        adresse, sans_adresse = [], refus.phrase
    return {
        "etablissement": mienne.etablissement,
        "est_faite": mienne.valeur >= Preuve.LETTRE,
        "lettre": mienne.lettres.order_by("-ecrite_le", "-pk").first(),
        "adresse": adresse,
        "sans_adresse": sans_adresse,
    }
