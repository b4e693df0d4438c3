"""Entrer dans l'espace d'un établissement par un lien : d'une admission, ou d'une reprise d'accès."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from apart.comptes.forms.mot_de_passe import ChoixMotDePasse
from apart.comptes.models import Utilisateur
from apart.etablissements.actions.espace import Ouverture, OuvertureRefusee


def entrer_par_lien(
    request: HttpRequest,
    contexte: dict[str, object],
    future: Utilisateur,
    entrer: Callable[..., Ouverture] | None,
) -> HttpResponse:
    """Le choix du mot de passe, puis l'entrée, quand `entrer` est donné. Qui a déjà un identifiant n'en choisit pas.

    Le contexte dit l'établissement, le secret du lien, et le nom de l'adresse qui reçoit le formulaire (`vers`).
    """
    form = None
    if not Utilisateur.objects.par_courriel(future.courriel):
        form = ChoixMotDePasse(request.POST if entrer else None, utilisateur=future)
    if entrer is None or (form and not form.is_valid()):
        statut = 400 if form and form.errors else 200
        return render(request, "etablissements/entrer.html", contexte | {"form": form}, status=statut)
    try:
        ouverture = entrer(mot_de_passe=form.cleaned_data["mot_de_passe"] if form else None)
    except OuvertureRefusee as refus:
        return render(request, "etablissements/ouverture_refusee.html", {"raison": refus}, status=409)
    return render(request, "etablissements/espace_ouvert.html", {"ouverture": ouverture})
