"""« BESOIN D'AIDE ? » et la base documentaire."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from apart.assistance.documentation import PROFILS, fiches
from apart.assistance.forms import RechercheForm
from apart.assistance.models import IndexFiche, Motif
from apart.socle.acces import Public, pour

CHOIX = {
    "documentation": ("Consulter la base documentaire", "base-documentaire", "Des réponses tout de suite"),
    "assistance": ("Envoyer une demande d'assistance", "assistance", "Une personne vous répond par écrit"),
    "support": ("Contacter le support technique", "support-technique", "Téléphone, horaires, adresse"),
}
LES_PLUS_LUES = 4


@pour(Public.TOUS)
@require_safe
def aide(request: HttpRequest) -> HttpResponse:
    choix = request.GET.get("choix")
    if choix in CHOIX:
        return redirect(CHOIX[choix][1])
    contexte = {
        "choix": [(cle, libelle, precision) for cle, (libelle, _, precision) in CHOIX.items()],
        "sans_choix": "aller" in request.GET,
        "fiches": list(fiches().values())[:LES_PLUS_LUES],
    }
    return render(request, "assistance/aide.html", contexte)


@pour(Public.TOUS)
@require_safe
def base_documentaire(request: HttpRequest) -> HttpResponse:
    form = RechercheForm(request.GET)
    termes = form.cleaned_data["q"].strip() if form.is_valid() else ""
    profil, motif = request.GET.get("profil", ""), request.GET.get("motif", "")
    connues = fiches()
    trouvees = [connues[nom] for nom in IndexFiche.objects.cherchees(termes) if nom in connues]
    retenues = trouvees if termes else list(connues.values())
    contexte = {
        "form": form,
        "termes": termes,
        "profil": profil,
        "profils": PROFILS.items(),
        "motif": motif if motif in Motif.values else "",
        "fiches": [f for f in retenues if profil not in PROFILS or profil in f.profils],
        "toutes": connues.values(),
    }
    return render(request, "assistance/base_documentaire.html", contexte)


@pour(Public.TOUS)
@require_safe
def fiche(request: HttpRequest, nom: str) -> HttpResponse:
    trouvee = fiches().get(nom)
    if trouvee is None:
        raise Http404
    voisines = [f for f in fiches().values() if set(f.motifs) & set(trouvee.motifs) and f is not trouvee][:3]
    return render(request, "assistance/fiche.html", {"fiche": trouvee, "voisines": voisines})
