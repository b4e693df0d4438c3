"""La revue trimestrielle des accès ; le rôle offert, ou à prendre, là où il n'y a plus d'utilisateur principal."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from apart.comptes.requete import RequeteConnectee
from apart.etablissements.actions import offres
from apart.etablissements.actions import revue as actions
from apart.etablissements.etats import EtatRejoindre
from apart.etablissements.forms.personnes import ToutEstAJour
from apart.etablissements.models import PAR_ENTREE, DemandeRejoindre, Etablissement, Habilitation, OffreRole
from apart.etablissements.trimestres import en_lettres, suivant, trimestre
from apart.socle.acces import Public, pour
from apart.socle.automate import GesteImpossible

PAR_PAGE = 10  # établissements


@pour(Public.CONNECTE)
@require_http_methods(["GET", "HEAD", "POST"])
def revue(request: RequeteConnectee) -> HttpResponse:
    """Ce qui reste à revoir ; confirmé, il en sort, et la suite se montre."""
    form = ToutEstAJour(request.POST or None)
    if form.is_valid():
        revus, changes = actions.confirmer(form.cleaned_data["vues"], par=request.user)
        if revus:
            messages.success(request, f"C'est noté : {revus} établissement{'s' if revus > 1 else ''} à jour.")
        for change in changes:
            messages.warning(request, f"Quelqu'un vient d'arriver à {change.denomination} : relisez qui y a accès.")
        return redirect("revue")
    return render(request, "etablissements/revue.html", _a_revoir(request, trimestre(timezone.localdate())))


def _a_revoir(request: RequeteConnectee, debut: date) -> dict[str, Any]:
    """Une page d'établissements, chacun avec ses personnes et ses accords pas encore employés."""
    miennes = Habilitation.objects.a_revoir(debut).filter(utilisateur=request.user).select_related("etablissement")
    page = PAR_ENTREE.page(miennes, request.GET.get("page", ""), par_page=PAR_PAGE)
    ici = {"etablissement__in": [h.etablissement_id for h in page.lignes]}
    gens = list(Habilitation.objects.actives().filter(**ici).avec_leurs_traces().order_by("du", "pk"))
    accords = list(DemandeRejoindre.objects.filter(**ici, etat=EtatRejoindre.ACCEPTEE).order_by("traitee_le"))
    fiches = [
        {
            "etablissement": h.etablissement,
            "membres": [m for m in gens if m.etablissement_id == h.etablissement_id],
            "admissions": [a for a in accords if a.etablissement_id == h.etablissement_id],
        }
        for h in page.lignes
    ]
    vues = ",".join(str(h.pk) for h in gens)
    dates = {"trimestre": en_lettres(debut), "avant_le": suivant(debut)}
    return {"page": page, "fiches": fiches, "nombre": miennes.count(), "vues": vues, **dates}


@pour(Public.CONNECTE)
@require_POST
def offre_refuser(request: RequeteConnectee, siret: str) -> HttpResponse:
    """Décliner, ou s'opposer : la dernière offre de l'établissement, close ou non."""
    vu = get_object_or_404(Etablissement.objects.visibles_par(request.user), siret=siret)
    offre = get_object_or_404(OffreRole.objects.filter(etablissement=vu).order_by("-pk")[:1])
    try:
        offres.refuser(offre, par=request.user)
    except GesteImpossible:
        messages.warning(request, "Cette offre était déjà close.")
    else:
        messages.success(request, "C'est noté : le rôle n'est plus offert. Un courriel le dit à tous.")
    return redirect("etablissement", siret)


@pour(Public.CONNECTE)
@require_POST
def role_prendre(request: RequeteConnectee, siret: str) -> HttpResponse:
    siennes = Habilitation.objects.actives().de(request.user).filter(etablissement__siret=siret)
    mienne = get_object_or_404(siennes)
    try:
        pris = offres.prendre(mienne, par=request.user)
    except GesteImpossible:
        messages.warning(request, "Ce rôle n'est plus à prendre. Cette page dit où il en est.")
    else:
        dit = "Vous êtes utilisateur principal. Un courriel le dit à tous." if pris else "Vous l'étiez déjà."
        messages.success(request, dit)
    return redirect("etablissement", siret)
