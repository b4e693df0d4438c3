"""« BESOIN D'AIDE ? » et la base documentaire."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from apart.assistance.documentation import PROFILS, FicheAide, lisibles, par_theme
from apart.assistance.forms import RechercheForm
from apart.assistance.models import IndexFiche, Motif
from apart.comptes.models import Utilisateur
from apart.socle.acces import Public, pour

CHOIX = {
    "documentation": ("Consulter la base documentaire", "base-documentaire", "Des réponses tout de suite"),
    "assistance": ("Envoyer une demande d'assistance", "assistance", "Une personne vous répond par écrit"),
    "support": ("Contacter le support technique", "support-technique", "Comment le joindre"),
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
        "fiches": list(_lisibles(request).values())[:LES_PLUS_LUES],
    }
    return render(request, "assistance/aide.html", contexte)


@pour(Public.TOUS)
@require_safe
def base_documentaire(request: HttpRequest) -> HttpResponse:
    form = RechercheForm(request.GET)
    termes = form.cleaned_data["q"].strip() if form.is_valid() else ""
    profil, motif = request.GET.get("profil", ""), request.GET.get("motif", "")
    connues = _lisibles(request)
    trouvees = [connues[nom] for nom in IndexFiche.objects.filter(nom__in=connues).cherchees(termes)]
    retenues = trouvees if termes else list(connues.values())
    siennes = [f for f in retenues if profil not in PROFILS or profil in f.profils]
    contexte = {
        "form": form,
        "termes": termes,
        "profil": profil,
        "profils": [(cle, libelle) for cle, libelle in PROFILS.items() if cle != "agent" or _est_agent(request)],
        "motif": motif if motif in Motif.values else "",
        "fiches": siennes,
        "themes": par_theme(siennes or connues.values()),
    }
    return render(request, "assistance/base_documentaire.html", contexte)


@pour(Public.TOUS)
@require_safe
def fiche(request: HttpRequest, nom: str) -> HttpResponse:
    connues = _lisibles(request)
    trouvee = connues.get(nom)
    if trouvee is None:
        raise Http404
    voisines = [f for f in connues.values() if set(f.motifs) & set(trouvee.motifs) and f is not trouvee][:3]
    return render(request, "assistance/fiche.html", {"fiche": trouvee, "voisines": voisines})


def _est_agent(request: HttpRequest) -> bool:
    return isinstance(request.user, Utilisateur) and request.user.est_agent


def _lisibles(request: HttpRequest) -> dict[str, FicheAide]:
    return lisibles(par_un_agent=_est_agent(request))
