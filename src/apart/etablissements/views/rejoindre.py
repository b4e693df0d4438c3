"""« Demander à rejoindre » : la demande, la preuve de l'adresse, l'entrée après accord."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from apart.comptes import appareils, jetons
from apart.comptes.identifiant import promis
from apart.comptes.jetons import Demande
from apart.comptes.limites import PAR_ADRESSE_IP
from apart.comptes.messagerie import Attente
from apart.comptes.models import Usage, Utilisateur
from apart.comptes.views.jeton import Parcours, prouver
from apart.etablissements import parcours, taches
from apart.etablissements.actions import connecte
from apart.etablissements.actions import rejoindre as actions
from apart.etablissements.actions.espace import OuvertureRefusee
from apart.etablissements.forms.creation import depuis_compte
from apart.etablissements.forms.rejoindre import Demandeur, Rejoindre
from apart.etablissements.models import DemandeRejoindre, Etablissement
from apart.etablissements.parcours import Etape
from apart.etablissements.views.entree import entrer_par_lien
from apart.socle.acces import Public, pour
from apart.socle.anti_robot import statut
from apart.socle.envois import montrer
from apart.socle.limites import consommer, visiteur
from apart.socle.saisies import courriel_lisible, courriel_masque


@pour(Public.TOUS)
@require_http_methods(["GET", "HEAD", "POST"])
def rejoindre(request: HttpRequest, etape: str) -> HttpResponse:
    etablissement = get_object_or_404(Etablissement, siret=parcours.lire(etape).siret)
    form = Rejoindre(request.POST or None, request=request, initial=_connu(request))
    if not form.is_valid():
        contexte = {"form": form, "siret": etablissement.siret, "etape": etape}
        return render(request, "etablissements/rejoindre.html", contexte, status=statut(form))
    consommer(PAR_ADRESSE_IP, visiteur(request))
    champs = {nom: form.cleaned_data[nom] for nom in ("nom", "prenom", "telephone", "courriel")}
    if isinstance(request.user, Utilisateur) and champs["courriel"] == request.user.courriel:
        return _demander(request, DemandeRejoindre(etablissement=etablissement, **champs), par=request.user)
    return _attendre(request, actions.deposer(etablissement, **champs))


def _connu(request: HttpRequest) -> dict[str, str]:
    """Ce que l'on sait d'une personne connectée : elle ne le retape pas."""
    if not isinstance(personne := request.user, Utilisateur):
        return {}
    return depuis_compte(personne) | {"courriel": courriel_lisible(personne.courriel)}


def _demander(request: HttpRequest, saisie: DemandeRejoindre, *, par: Utilisateur) -> HttpResponse:
    """Son adresse est prouvée : la demande part aussitôt aux utilisateurs principaux, sans autre message."""
    siret = saisie.etablissement.siret
    try:
        connecte.demander(saisie, par=par)
    except OuvertureRefusee as refus:
        return render(request, "etablissements/ouverture_refusee.html", {"raison": refus}, status=409)
    return montrer(request, "etablissements/rejoindre_confirmee.html", {"siret": siret})


def _attendre(request: HttpRequest, demande: DemandeRejoindre) -> HttpResponse:
    attente = Attente(Demande.maintenant(), courriel_masque(demande.courriel))
    connus = appareils.connus(request)
    taches.envoyer_lien_rejoindre.defer(demande=demande.pk, connus=connus, **attente.demande.ecrite())
    etape = Etape(demande.etablissement.siret, demande_rejoindre=demande.pk)
    return redirect("rejoindre-messagerie", etape.sceller(), attente.sceller())


@pour(Public.TOUS)
@require_POST
def rejoindre_renvoyer(request: HttpRequest, etape: str) -> HttpResponse:
    demande = get_object_or_404(DemandeRejoindre, pk=parcours.lire(etape).demande_rejoindre)
    if sans_preuve := prouver(request):
        return sans_preuve
    consommer(PAR_ADRESSE_IP, visiteur(request))
    return _attendre(request, demande)


def _confirmer(request: HttpRequest, secret: str, etape: str) -> HttpResponse:
    """Relire sa demande, qu'un autre a pu déposer ; puis elle part aux utilisateurs principaux."""
    demande = actions.demande_du_jeton(jetons.lire(Usage.REJOINDRE, secret))
    siret, saisie = demande.etablissement.siret, request.POST if etape == "transmettre" else None
    form = Demandeur(saisie, initial={nom: getattr(demande, nom) for nom in ("nom", "prenom", "telephone")})
    if not form.is_valid():
        contexte = {"form": form, "secret": secret, "siret": siret, "courriel": demande.courriel}
        return render(request, "etablissements/rejoindre_relire.html", contexte, status=400 if form.errors else 200)
    actions.confirmer(secret, **form.cleaned_data)
    return render(request, "etablissements/rejoindre_confirmee.html", {"siret": siret})


def _entrer(request: HttpRequest, secret: str, etape: str) -> HttpResponse:
    """Le choix du mot de passe après l'accord, puis l'entrée."""
    demande = actions.demande_du_jeton(jetons.lire(Usage.ADMISSION, secret))
    future = Utilisateur(identifiant=promis(secret), courriel=demande.courriel, nom=demande.nom, prenom=demande.prenom)
    contexte = {"etablissement": demande.etablissement, "secret": secret, "vers": "entrer"}
    entrer = partial(actions.entrer, secret) if etape == "entrer" else None
    return entrer_par_lien(request, contexte, future, entrer)


PARCOURS = Parcours(
    Usage.REJOINDRE,
    _confirmer,
    titre="Demander à rejoindre",
    envoi="Un message est demandé pour l'adresse que vous avez donnée :",
    recommencer="creer-espace",
    renvoyer="rejoindre-renvoyer",
    gabarit_messagerie="etablissements/rejoindre_messagerie.html",
    contexte=lambda etape: {"siret": parcours.lire(etape).siret, "etape": etape},
    gabarit_lien="etablissements/rejoindre_lien.html",
    etablissement=lambda jeton: actions.demande_du_jeton(jeton).etablissement,
    renouveler="rejoindre-renouveler",
    renvoi=actions.renouveler_lien,
    deja_fait=actions.suite_du_lien,
)
ADMISSION = replace(
    PARCOURS, usage=Usage.ADMISSION, avancer=_entrer, gabarit_lien="etablissements/admission_lien.html"
)
