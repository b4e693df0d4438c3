"""Le lien qui fait entrer, une fois l'accès repris, et celui par lequel on s'y oppose."""

from __future__ import annotations

from functools import partial

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from apart.comptes import jetons
from apart.comptes.identifiant import promis
from apart.comptes.models import Usage, Utilisateur
from apart.comptes.views.jeton import Parcours
from apart.etablissements.views.entree import entrer_par_lien
from apart.reprises.actions import demande, execution
from apart.reprises.forms.demande import Opposition


def _entrer(request: HttpRequest, secret: str, etape: str) -> HttpResponse:
    """Le choix du mot de passe, puis l'entrée. Qui a déjà un identifiant est entré sans ce lien."""
    reprise = demande.reprise_du_jeton(jetons.lire(Usage.ENTREE, secret))
    future = Utilisateur(identifiant=promis(secret), courriel=reprise.courriel, nom=reprise.nom, prenom=reprise.prenom)
    contexte = {"etablissement": reprise.etablissement, "secret": secret, "vers": "reprise-entrer"}
    entrer = partial(execution.entrer, secret) if etape == "entrer" else None
    return entrer_par_lien(request, contexte, future, entrer)


def _s_opposer(request: HttpRequest, secret: str, etape: str) -> HttpResponse:
    """Une lettre calme, une phrase si l'on veut, un bouton."""
    reprise = execution.reprise_a_opposer(jetons.lire(Usage.OPPOSITION_REPRISE, secret))
    form = Opposition(request.POST if etape == "s_opposer" else None)
    if etape != "s_opposer" or not form.is_valid():
        contexte = {"form": form, "secret": secret, "reprise": reprise}
        return render(request, "reprises/opposition.html", contexte, status=400 if form.errors else 200)
    reprise = execution.s_opposer(secret, texte=form.cleaned_data["texte"])
    return render(request, "reprises/opposition_faite.html", {"reprise": reprise})


ENTREE = Parcours(
    Usage.ENTREE,
    _entrer,
    recommencer="connexion",
    gabarit_lien="reprises/entree_lien.html",
    etablissement=lambda jeton: demande.reprise_du_jeton(jeton).etablissement,
    renouveler="reprise-entree-renouveler",
    renvoi=execution.renouveler_entree,
    deja_fait=execution.entree_deja_faite,
    gabarit_refus="reprises/lien_refuse.html",
)
OPPOSITION = Parcours(
    Usage.OPPOSITION_REPRISE,
    _s_opposer,
    recommencer="accueil",
    gabarit_lien="reprises/opposition_lien.html",
    etablissement=execution.reprise_a_opposer,
    deja_fait=execution.opposition_deja_dite,
    gabarit_refus="reprises/opposition_refusee.html",
)
