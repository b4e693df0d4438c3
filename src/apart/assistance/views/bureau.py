"""Le bureau des agents : la file, une demande, et les gestes."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from apart.administrations.droits import Droit, reservee
from apart.assistance.actions import demandes
from apart.assistance.forms import FileForm, NoteForm, ReponseForm
from apart.assistance.models import DemandeAssistance, DemandeAssistanceQuerySet
from apart.assistance.recherche import COMPTEES
from apart.assistance.views.dossier import dossier
from apart.comptes.requete import RequeteConnectee
from apart.courriels.alertes import alerte as alerte_des_courriels
from apart.pieces.reception import avec_pieces
from apart.pieces.telechargement import servir
from apart.regles.bareme import bareme
from apart.socle.automate import GesteImpossible
from apart.socle.formulaires import Formulaire

FAIT = {
    "prendre": "La demande est à vous.",
    "clore": "La demande est close.",
    "rouvrir": "La demande est rouverte : elle est revenue dans la file.",
}


@reservee(Droit.LIRE_ASSISTANCE)
@require_safe
def bureau(request: RequeteConnectee) -> HttpResponse:
    alertes = [bareme().alerte(timezone.localdate()), alerte_des_courriels(timezone.now())]
    return render(request, "assistance/bureau.html", {**_file(request), "alertes": [a for a in alertes if a]})


@reservee(Droit.LIRE_ASSISTANCE)
@require_safe
def demande(request: RequeteConnectee, pk: int) -> HttpResponse:
    trouvee = trouver_demande(request, pk)
    demandes.consulter(trouvee, par=request.user)
    return _page(request, trouvee)


@reservee(Droit.LIRE_ASSISTANCE)
@require_safe
def piece(request: RequeteConnectee, pk: int, piece: int) -> HttpResponse:
    trouvee = trouver_demande(request, pk)
    jointe = trouvee.messages.all().piece(piece)
    if jointe is None:
        raise Http404
    demandes.consulter(trouvee, par=request.user, piece=jointe)
    return servir(jointe)


@reservee(Droit.REPONDRE_ASSISTANCE)
@require_POST
@avec_pieces
def repondre(request: RequeteConnectee, pk: int) -> HttpResponse:
    trouvee = trouver_demande(request, pk)
    form = ReponseForm(request.POST, request.FILES)
    if not form.is_valid():
        return _page(request, trouvee, reponse=form)
    try:
        lu = form.cleaned_data
        demandes.repondre(trouvee, texte=lu["texte"], par=request.user, pieces=lu["pieces"])
    except GesteImpossible:
        form.add_error("texte", "Cette demande vient d'être close. Rouvrez-la pour y répondre.")
        return _page(request, trouvee, reponse=form)
    messages.success(request, f"Votre réponse est partie vers {trouvee.courriel}.")
    return retour(request, pk)


@reservee(Droit.REPONDRE_ASSISTANCE)
@require_POST
def annoter(request: RequeteConnectee, pk: int) -> HttpResponse:
    trouvee = trouver_demande(request, pk)
    form = NoteForm(request.POST, prefix="note")
    if not form.is_valid():
        return _page(request, trouvee, note=form)
    demandes.annoter(trouvee, texte=form.cleaned_data["texte"], par=request.user)
    messages.success(request, "La note est enregistrée.")
    return retour(request, pk)


@reservee(Droit.REPONDRE_ASSISTANCE)
@require_POST
def changer(request: RequeteConnectee, pk: int, geste: str) -> HttpResponse:
    """Prendre, clore, rouvrir : les gestes sans texte."""
    trouvee = trouver_demande(request, pk)
    actions = {"prendre": demandes.prendre, "clore": demandes.clore, "rouvrir": demandes.rouvrir}
    try:
        actions[geste](trouvee, par=request.user)
    except GesteImpossible:
        messages.warning(request, "L'état de la demande a changé entre-temps. Voici où elle en est.")
    else:
        messages.success(request, FAIT[geste])
    return retour(request, pk)


def trouver_demande(request: RequeteConnectee, pk: int) -> DemandeAssistance:
    return get_object_or_404(DemandeAssistance.objects.visibles_par(request.user), pk=pk)


def retour(request: HttpRequest, pk: int) -> HttpResponse:
    """De retour sur la demande, la file toujours filtrée comme avant."""
    filtre = urlencode(FileForm.filtre(request.GET))
    return redirect(reverse("bureau-demande", args=[pk]) + (f"?{filtre}" if filtre else ""))


def _file(request: RequeteConnectee) -> dict[str, Any]:
    """La file filtrée, une page à la fois, et de quoi la retrouver."""
    form = FileForm(request.GET)
    visibles = DemandeAssistance.objects.visibles_par(request.user)
    filtre = FileForm.filtre(request.GET)
    return {
        "filtres": form,
        "page": _filtrer(visibles, form, request).page(request.GET.get("page", "")),
        "filtre": urlencode(filtre),
        "filtre_sans_page": urlencode({nom: valeur for nom, valeur in filtre.items() if nom != "page"}),
        "en_retard": visibles.en_retard()[: COMPTEES + 1].count(),
        "comptees": COMPTEES,
    }


def _filtrer(
    visibles: DemandeAssistanceQuerySet, form: FileForm, request: RequeteConnectee
) -> DemandeAssistanceQuerySet:
    lu = form.cleaned_data if form.is_valid() else {}
    retenues = visibles.en_retard() if lu.get("en_retard") else visibles
    retenues = retenues.filter(prise_par=request.user) if lu.get("a_moi") else retenues
    exacts = {nom: lu[nom] for nom in ("etat", "motif") if lu.get(nom)}
    retenues = retenues.filter(**exacts)
    return retenues.cherchees(lu["q"]) if lu.get("q") else retenues


def _page(
    request: RequeteConnectee,
    trouvee: DemandeAssistance,
    reponse: Formulaire | None = None,
    note: Formulaire | None = None,
) -> HttpResponse:
    contexte = {
        **_file(request),
        **dossier(trouvee, request.user),
        "est_la_sienne": trouvee.est_de(request.user),
        "peut_traiter": demandes.peut_traiter(trouvee, request.user) and not trouvee.est_de(request.user),
        "reponse": reponse or ReponseForm(),
        "note": note or NoteForm(prefix="note"),
    }
    return render(request, "assistance/bureau_demande.html", contexte)
