"""Mon espace : ce qui m'attend, puis mes établissements."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from apart.comptes.models import Utilisateur
from apart.comptes.requete import RequeteConnectee
from apart.etablissements.actions import rejoindre
from apart.etablissements.actions.espace import OuvertureRefusee
from apart.etablissements.etats import EtatRejoindre
from apart.etablissements.models import (
    DemandePreuve,
    DemandeRejoindre,
    Etablissement,
    Habilitation,
    HabilitationQuerySet,
)
from apart.etablissements.trimestres import trimestre
from apart.socle.acces import Public, pour
from apart.socle.automate import GesteImpossible


@pour(Public.CONNECTE)
@require_safe
def mon_espace(request: RequeteConnectee) -> HttpResponse:
    """Un seul établissement : on y est directement."""
    if request.user.est_agent:
        return redirect("bureau")
    habilitations = list(Habilitation.objects.actives().de(request.user))
    demandes = list(DemandeRejoindre.objects.a_decider_par(request.user))
    if len(habilitations) == 1:
        return redirect("etablissement", habilitations[0].etablissement.siret)
    contexte = {
        "habilitations": habilitations,
        "demandes": demandes,
        "preuves": list(DemandePreuve.objects.a_approuver_par(request.user)),
        "a_revoir": _a_revoir(request.user).count(),
    }
    return render(request, "etablissements/mon_espace.html", contexte)


@pour(Public.CONNECTE)
@require_safe
def etablissement(request: RequeteConnectee, siret: str) -> HttpResponse:
    vu = get_object_or_404(Etablissement.objects.visibles_par(request.user), siret=siret)
    contexte = {
        "etablissement": vu,
        "mienne": vu.habilitations.actives().get(utilisateur=request.user),
        "membres": vu.habilitations.actives().select_related("utilisateur").order_by("du"),
        "demandes": DemandeRejoindre.objects.a_decider_par(request.user).filter(etablissement=vu),
        "preuves": DemandePreuve.objects.a_approuver_par(request.user).filter(habilitation__etablissement=vu),
        "defaisables": DemandePreuve.objects.defaisables_par(request.user).filter(habilitation__etablissement=vu),
        "a_revoir": _a_revoir(request.user).filter(etablissement=vu).count(),
        "sans_principal": Etablissement.objects.sans_principal().filter(pk=vu.pk).exists(),
        "offre": vu.offres.ouvertes().first(),
    }
    return render(request, "etablissements/etablissement.html", contexte)


def _a_revoir(qui: Utilisateur) -> HabilitationQuerySet:
    """Les siennes, d'utilisateur principal, que la revue de ce trimestre attend."""
    return Habilitation.objects.a_revoir(trimestre(timezone.localdate())).filter(utilisateur=qui)


@pour(Public.CONNECTE)
@require_POST
def rejoindre_accepter(request: RequeteConnectee, siret: str, demande: int) -> HttpResponse:
    choisie = _demande(request, siret, demande)
    try:
        rejoindre.accepter(choisie, par=request.user)
    except GesteImpossible:
        messages.warning(request, _deja_repondue(choisie, request.user))
    except OuvertureRefusee as refus:
        messages.error(request, str(refus))
    else:
        messages.success(request, f"{choisie.prenom} {choisie.nom} peut entrer : un message vient de lui être envoyé.")
    return redirect("etablissement", siret)


@pour(Public.CONNECTE)
@require_POST
def rejoindre_refuser(request: RequeteConnectee, siret: str, demande: int) -> HttpResponse:
    choisie = _demande(request, siret, demande)
    try:
        rejoindre.refuser(choisie, par=request.user)
    except GesteImpossible:
        messages.warning(request, _deja_repondue(choisie, request.user))
    else:
        messages.success(request, "La demande est refusée : la personne en est prévenue.")
    return redirect("etablissement", siret)


def _demande(request: RequeteConnectee, siret: str, demande: int) -> DemandeRejoindre:
    """Répondue ou non : depuis une page ancienne, la réponse est « déjà fait », pas « introuvable »."""
    adressees = DemandeRejoindre.objects.adressees_a(request.user).filter(etablissement__siret=siret)
    return get_object_or_404(adressees, pk=demande)


def _deja_repondue(demande: DemandeRejoindre, qui: Utilisateur) -> str:
    """Qui a répondu, et quoi : le geste vient de relire la demande sous verrou."""
    reponse = "refusé" if demande.etat == EtatRejoindre.REFUSEE else "accepté"
    sujet = "Vous avez" if demande.traitee_par_id == qui.pk else "Quelqu'un d'autre a"
    return f"{sujet} déjà {reponse} cette demande."
