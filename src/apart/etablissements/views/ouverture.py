"""Le lien d'ouverture : à quoi il sert, le mot de passe, l'espace ouvert."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render

from apart.comptes import jetons
from apart.comptes.forms.mot_de_passe import ChoixMotDePasse
from apart.comptes.models import Usage, Utilisateur
from apart.comptes.views.jeton import Parcours
from apart.etablissements import parcours
from apart.etablissements.actions import espace
from apart.etablissements.actions.espace import EspaceDejaOuvert, OuvertureRefusee
from apart.etablissements.models import DemandeEspace
from apart.etablissements.parcours import Etape


def _avancer(request: HttpRequest, secret: str, etape: str) -> HttpResponse:
    """Le choix du mot de passe, ou la confirmation si l'adresse a déjà un identifiant ; puis l'ouverture."""
    demande = espace.demande_du_jeton(jetons.lire(Usage.CREATION, secret))
    form = None
    if not Utilisateur.objects.par_courriel(demande.courriel_utilisateur):
        form = _choix(demande, request.POST if etape == "ouvrir" else None)
    if etape != "ouvrir" or (form and not form.is_valid()):
        contexte = {"form": form, "secret": secret, "etablissement": demande}
        return render(request, "etablissements/ouvrir.html", contexte, status=400 if form and form.errors else 200)
    try:
        ouverture = espace.ouvrir(secret, mot_de_passe=form.cleaned_data["mot_de_passe"] if form else None)
    except EspaceDejaOuvert:
        connu = {"siret": demande.siret, "etape": Etape(demande.siret).signer(), "entretemps": True}
        return render(request, "etablissements/deja_connu.html", connu, status=409)
    except OuvertureRefusee as refus:
        return render(request, "etablissements/ouverture_refusee.html", {"raison": refus}, status=409)
    return render(request, "etablissements/espace_ouvert.html", {"ouverture": ouverture})


def _choix(demande: DemandeEspace, saisie: QueryDict | None) -> ChoixMotDePasse:
    """Le mot de passe ne doit reprendre ni la personne telle qu'elle sera, ni son établissement."""
    future = Utilisateur(courriel=demande.courriel_utilisateur, nom=demande.nom, prenom=demande.prenom)
    return ChoixMotDePasse(saisie, utilisateur=future, mots=(demande.siret, demande.denomination))


def _deja_fait(secret: str) -> str:
    ouvert = espace.a_deja_ouvert(secret)
    return "L'espace que vous demandiez est ouvert. Connectez-vous avec votre identifiant." if ouvert else ""


PARCOURS = Parcours(
    Usage.CREATION,
    _avancer,
    titre="Créer mon espace",
    fil=("Créer mon espace", "Votre messagerie"),
    envoi="Un message est demandé pour l'adresse que vous avez donnée :",
    recommencer="creer-espace",
    renvoyer="creer-renvoyer",
    gabarit_messagerie="etablissements/creer_messagerie.html",
    contexte=lambda etape: {"siret": parcours.lire(etape).siret, "etape": etape, "rang": 3},
    gabarit_lien="etablissements/ouvrir_lien.html",
    etablissement=espace.demande_du_jeton,
    renouveler="ouvrir-renouveler",
    renvoi=espace.renouveler_lien,
    deja_fait=_deja_fait,
)
