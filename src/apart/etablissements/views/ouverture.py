"""Le lien d'ouverture : à quoi il sert, les informations à relire, le mot de passe, l'espace ouvert."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render

from apart.comptes import jetons
from apart.comptes.identifiant import promis
from apart.comptes.models import Usage, Utilisateur
from apart.comptes.views.jeton import Parcours
from apart.etablissements import parcours
from apart.etablissements.actions import espace
from apart.etablissements.actions.espace import EspaceDejaOuvert, OuvertureRefusee, Relue
from apart.etablissements.forms.creation import depuis_demande
from apart.etablissements.forms.ouverture import ChoixAcces, Relecture
from apart.etablissements.models import DemandeEspace
from apart.etablissements.parcours import Etape
from apart.socle.formulaires import Formulaire


def _avancer(request: HttpRequest, secret: str, etape: str) -> HttpResponse:
    """Relire ce qui a été saisi avant la preuve ; choisir son accès, si l'on n'en a pas ; ouvrir.

    Rien n'est gardé entre deux pages : ce qui est relu voyage dans le formulaire, et se vérifie à chaque envoi.
    """
    demande = espace.demande_du_jeton(jetons.lire(Usage.CREATION, secret))
    est_connue = Utilisateur.objects.par_courriel(demande.courriel_utilisateur) is not None
    saisie = request.POST if etape else None
    relecture = Relecture(saisie, est_connue=est_connue, initial=depuis_demande(demande))
    contexte = {"form": relecture, "secret": secret, "demande": demande, "est_connue": est_connue}
    if not relecture.is_valid() or etape == "relire" or (est_connue and etape != "ouvrir"):
        return _page(request, "relire", contexte, relecture)
    if est_connue:
        return _ouvrir(request, secret, demande, Relue(relecture.etablissement, {}))
    choix = _choix(demande, relecture, promis(secret), request.POST if etape == "ouvrir" else None)
    if not choix.is_valid():
        return _page(request, "ouvrir", contexte | {"form": choix, "relecture": relecture}, choix)
    mot_de_passe = choix.cleaned_data["mot_de_passe"]
    relue = Relue(relecture.etablissement, relecture.personne, mot_de_passe, **choix.secrete)
    return _ouvrir(request, secret, demande, relue)


def _page(request: HttpRequest, gabarit: str, contexte: dict[str, object], form: Formulaire) -> HttpResponse:
    return render(request, f"etablissements/{gabarit}.html", contexte, status=400 if form.errors else 200)


def _ouvrir(request: HttpRequest, secret: str, demande: DemandeEspace, relue: Relue) -> HttpResponse:
    try:
        ouverture = espace.ouvrir(secret, relue=relue)
    except EspaceDejaOuvert:
        connu = {"siret": demande.siret, "etape": Etape(demande.siret).sceller(), "entretemps": True}
        return render(request, "etablissements/deja_connu.html", connu, status=409)
    except OuvertureRefusee as refus:
        return render(request, "etablissements/ouverture_refusee.html", {"raison": refus}, status=409)
    return render(request, "etablissements/espace_ouvert.html", {"ouverture": ouverture})


def _choix(demande: DemandeEspace, relecture: Relecture, identifiant: str, saisie: QueryDict | None) -> ChoixAcces:
    """Ni le mot de passe ni la réponse ne reprennent la personne telle qu'elle sera, ou son établissement."""
    lue, courriel = relecture.cleaned_data, demande.courriel_utilisateur
    return ChoixAcces(
        saisie,
        utilisateur=Utilisateur(identifiant=identifiant, courriel=courriel, nom=lue["nom"], prenom=lue["prenom"]),
        mots=(demande.siret, lue["denomination"]),
        interdits=(lue["nom"], lue["prenom"], lue["denomination"], courriel, lue["ville"]),
        initial={"question": demande.question},
    )


def _deja_fait(secret: str) -> str:
    ouvert = espace.a_deja_ouvert(secret)
    return "L'espace que vous demandiez est ouvert. Connectez-vous avec votre identifiant." if ouvert else ""


PARCOURS = Parcours(
    Usage.CREATION,
    _avancer,
    titre="Créer mon espace",
    envoi="Un message est demandé pour l'adresse que vous avez donnée :",
    recommencer="creer-espace",
    renvoyer="creer-renvoyer",
    gabarit_messagerie="etablissements/creer_messagerie.html",
    contexte=lambda etape: {"siret": parcours.lire(etape).siret, "etape": etape, "rang": 3, "total": 5},
    gabarit_lien="etablissements/ouvrir_lien.html",
    etablissement=espace.demande_du_jeton,
    renouveler="ouvrir-renouveler",
    renvoi=espace.renouveler_lien,
    deja_fait=_deja_fait,
)
