"""Répondre à une demande à rejoindre, depuis la page de l'établissement."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_POST

from apart.comptes.models import Utilisateur
from apart.comptes.requete import RequeteConnectee
from apart.comptes.retenue import AdresseRetenue
from apart.etablissements.actions import rejoindre
from apart.etablissements.actions.espace import OuvertureRefusee
from apart.etablissements.etats import EtatRejoindre
from apart.etablissements.models import DemandeRejoindre
from apart.socle.acces import Public, pour
from apart.socle.automate import GesteImpossible


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
    except AdresseRetenue as refus:
        messages.warning(request, str(refus))
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
