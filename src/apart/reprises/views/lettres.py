"""Les lettres, côté agents : imprimer par lots, réimprimer, dire une lettre revenue."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from apart.administrations.droits import Droit, reservee
from apart.comptes.requete import RequeteConnectee
from apart.reprises import lettres
from apart.reprises.actions import lots
from apart.reprises.etats import EtatLettre
from apart.reprises.forms.lettres import GesteLettre, Reimpression, SuiteDeLettre
from apart.reprises.lettres import LettreRefusee
from apart.reprises.models import Lettre, LotLettres
from apart.socle.automate import GesteImpossible

FERME = "Les fichiers de ce lot ne se téléchargent plus par vous. Réimprimez-le, en disant pourquoi."
DERNIERS = 10  # lots montrés
FAIT = {
    GesteLettre.REVENUE: "La lettre est notée revenue. Qui l'attendait en est prévenu.",
    GesteLettre.REIMPRIMER: "La lettre sera réimprimée au prochain lot, avec le même code.",
    GesteLettre.ANNULER: "La lettre est annulée : son code ne vaut plus.",
}


@reservee(Droit.IMPRIMER_LETTRES)
@require_safe
def liste(request: RequeteConnectee) -> HttpResponse:
    visibles = Lettre.objects.visibles_par(request.user)
    a_imprimer = visibles.filter(etat=EtatLettre.A_IMPRIMER)
    maniables = a_imprimer.maniables_par(request.user).count()
    contexte = {
        "page": visibles.page(request.GET.get("page", "")),
        "a_imprimer": maniables,
        "a_un_autre": a_imprimer.count() - maniables,
        "par_lot": lots.PAR_LOT,
        "lots": LotLettres.objects.visibles_par(request.user)[:DERNIERS],
    }
    return render(request, "reprises/lettres/liste.html", contexte)


@reservee(Droit.IMPRIMER_LETTRES)
@require_POST
def imprimer(request: RequeteConnectee) -> HttpResponse:
    try:
        lot = lots.imprimer_lot(par=request.user)
    except LettreRefusee as refus:
        messages.warning(request, refus.phrase)
        return redirect("lettres")
    messages.success(request, f"Le lot {lot.numero} est prêt : téléchargez ses deux fichiers.")
    return redirect("lettres-lot", lot.pk)


@reservee(Droit.IMPRIMER_LETTRES)
@require_http_methods(["GET", "HEAD", "POST"])
def lot(request: RequeteConnectee, pk: int) -> HttpResponse:
    """Les fichiers d'un lot tant qu'il est confié à cet agent ; le réimprimer, en disant pourquoi."""
    vu = _lot(request, pk)
    form = Reimpression(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            lots.reimprimer_lot(vu, par=request.user, motif=form.cleaned_data["motif"])
        except LettreRefusee as refus:
            messages.warning(request, refus.phrase)
        else:
            messages.success(request, "Les fichiers de ce lot se téléchargent de nouveau, pendant 24 heures.")
        return redirect("lettres-lot", pk)
    contexte = {
        "lot": vu,
        "form": form,
        "est_confie": vu.est_confie_a(request.user),
        "attendues": vu.lettres.filter(etat=EtatLettre.IMPRIMEE).count(),
    }
    return render(request, "reprises/lettres/lot.html", contexte)


@reservee(Droit.IMPRIMER_LETTRES)
@require_safe
def lot_pdf(request: RequeteConnectee, pk: int) -> HttpResponse:
    return _telecharger(request, pk, lettres.composer, "application/pdf", "pdf")


@reservee(Droit.IMPRIMER_LETTRES)
@require_safe
def lot_csv(request: RequeteConnectee, pk: int) -> HttpResponse:
    return _telecharger(request, pk, lettres.bordereau, "text/csv; charset=utf-8", "csv")


@reservee(Droit.IMPRIMER_LETTRES)
@require_http_methods(["GET", "HEAD", "POST"])
def lettre(request: RequeteConnectee, pk: int) -> HttpResponse:
    """Une lettre, et ce qu'il faut en faire. Son code ne s'y montre jamais."""
    visibles = Lettre.objects.visibles_par(request.user).select_related(*lots.NOMMES, "lot")
    vue = get_object_or_404(visibles, pk=pk)
    form = SuiteDeLettre(request.POST if request.method == "POST" else None)
    if form.is_valid():
        _faire(request, vue, GesteLettre(form.cleaned_data["geste"]), form.cleaned_data["motif"])
        return redirect("lettres-lettre", pk)
    maniable = Lettre.objects.maniables_par(request.user).filter(pk=pk).exists()
    return render(request, "reprises/lettres/fiche.html", {"lettre": vue, "form": form, "est_maniable": maniable})


def _faire(request: RequeteConnectee, vue: Lettre, geste: GesteLettre, motif: str) -> None:
    try:
        if geste is GesteLettre.REVENUE:
            lots.signaler_revenue(vue, par=request.user)
        elif geste is GesteLettre.REIMPRIMER:
            lots.reimprimer(vue, par=request.user, motif=motif)
        else:
            lots.annuler(vue, par=request.user, motif=motif)
    except GesteImpossible:
        messages.warning(request, "L'état de cette lettre ne le permet pas. Voici où elle en est.")
    else:
        messages.success(request, FAIT[geste])


def _lot(request: RequeteConnectee, pk: int) -> LotLettres:
    return get_object_or_404(LotLettres.objects.visibles_par(request.user), pk=pk)


def _telecharger(
    request: RequeteConnectee, pk: int, fichier: Callable[[Sequence[lettres.Pli]], bytes], genre: str, suffixe: str
) -> HttpResponse:
    vu = _lot(request, pk)
    if not vu.est_confie_a(request.user):
        messages.warning(request, FERME)
        return redirect("lettres-lot", pk)
    contenu = lots.telecharger(vu, fichier, par=request.user)
    entetes = {"Content-Disposition": f'attachment; filename="{vu.numero}.{suffixe}"', "Cache-Control": "no-store"}
    return HttpResponse(contenu, content_type=genre, headers=entetes)
