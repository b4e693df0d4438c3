"""« CRÉER MON ESPACE » jusqu'au courriel qui prouve l'adresse."""

from __future__ import annotations

from datetime import timedelta

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from apart.comptes import appareils
from apart.comptes.jetons import Demande
from apart.comptes.messagerie import Attente
from apart.comptes.models import Utilisateur
from apart.comptes.views.jeton import prouver
from apart.etablissements import parcours, taches
from apart.etablissements.actions import connecte, espace
from apart.etablissements.actions.espace import EspaceDejaOuvert, OuvertureRefusee
from apart.etablissements.echelle import en_bref
from apart.etablissements.forms.creation import (
    CreationEspace,
    NumeroSiret,
    depuis_compte,
    depuis_demande,
    depuis_fiche,
)
from apart.etablissements.models import DemandeEspace, Etablissement, Habilitation
from apart.etablissements.parcours import Etape
from apart.repertoire.models import trouver
from apart.socle.acces import Public, pour
from apart.socle.anti_robot import statut
from apart.socle.limites import Limite, consommer, visiteur
from apart.socle.saisies import cle_juste, courriel_masque
from apart.socle.typographie import de

SIRET_PAR_IP = Limite("siret-ip", 20, timedelta(hours=1))
SIRET_PAR_PERSONNE = Limite("siret-personne", 100, timedelta(hours=1))
# Un numéro refusé n'apprend rien sur personne : il coûte cinq fois moins.
SIRET_REFUSES = Limite("siret-refuses", 100, timedelta(hours=1))
DEMANDE_PAR_IP = Limite("demande-espace-ip", 20, timedelta(hours=1))
DEMANDE_PAR_PERSONNE = Limite("demande-espace-personne", 100, timedelta(hours=1))


@pour(Public.TOUS)
@require_http_methods(["GET", "HEAD", "POST"])
def creer_espace(request: HttpRequest) -> HttpResponse:
    """Première page : N° de Siret, contrôle de sécurité, conditions générales."""
    form = NumeroSiret(request.POST or None, request=request, initial={"siret": request.GET.get("siret", "")})
    if request.method == "POST":
        est_refuse = not form.is_valid() and form.has_error("siret")
        _compter(request, *((SIRET_REFUSES, SIRET_REFUSES) if est_refuse else (SIRET_PAR_IP, SIRET_PAR_PERSONNE)))
    if not form.is_valid():
        return render(request, "etablissements/creer_siret.html", {"form": form}, status=statut(form))
    siret = form.cleaned_data["siret"]
    connu = Etablissement.objects.filter(siret=siret).exists()
    return redirect("espace-deja-connu" if connu else "creer-formulaire", Etape(siret).sceller())


def _compter(request: HttpRequest, par_reseau: Limite, par_personne: Limite) -> None:
    """À la personne si elle est connectée : ses collègues, derrière la même adresse, ont chacun leurs essais."""
    consommer(par_personne if request.user.is_authenticated else par_reseau, visiteur(request))


@pour(Public.TOUS)
@require_safe
def siret_reconnu(request: HttpRequest, siret: str) -> JsonResponse:
    """Nom et commune du répertoire (et pays), public, pendant la frappe ; ne dit rien de ce qu'Apart connaît."""
    fiche = trouver(siret)
    if fiche is None:
        return JsonResponse({"etat": "absent" if cle_juste(siret) else "cle"})
    if not fiche.est_ouverte:
        return JsonResponse({"etat": "ferme"})
    return JsonResponse({"etat": "ouvert", "denomination": fiche.denomination, "ville": fiche.lieu})


@pour(Public.TOUS)
@require_http_methods(["GET", "HEAD", "POST"])
def creer_formulaire(request: HttpRequest, etape: str) -> HttpResponse:
    """Seconde page : les deux groupes de champs, remplis par le répertoire ou par la saisie à corriger."""
    ou = parcours.lire(etape)
    fiche = trouver(ou.siret)
    ancienne = DemandeEspace.objects.filter(pk=ou.demande_espace or 0, ouverte_le=None).first()
    initial = depuis_demande(ancienne) if ancienne else depuis_fiche(fiche) if fiche else {}
    if request.user.is_authenticated and not ancienne:
        initial |= depuis_compte(request.user)
    form = CreationEspace(request.POST or None, request=request, initial=initial)
    if form.is_valid():
        return _deposer(request, form, ou, ancienne, est_a_confirmer=fiche is None)
    contexte = {"form": form, "siret": ou.siret, "fiche": fiche, "est_correction": ancienne is not None}
    return render(request, "etablissements/creer_formulaire.html", contexte, status=statut(form))


def _deposer(
    request: HttpRequest, form: CreationEspace, ou: Etape, ancienne: DemandeEspace | None, *, est_a_confirmer: bool
) -> HttpResponse:
    _compter(request, DEMANDE_PAR_IP, DEMANDE_PAR_PERSONNE)
    saisie = form.demande(ou.siret, est_a_confirmer=est_a_confirmer)
    if isinstance(request.user, Utilisateur) and saisie.courriel_utilisateur == request.user.courriel:
        return _ajouter(request, saisie, par=request.user)
    return _attendre(request, espace.deposer_demande(saisie, remplace=ancienne))


def _ajouter(request: HttpRequest, saisie: DemandeEspace, *, par: Utilisateur) -> HttpResponse:
    """Son adresse est prouvée : l'établissement s'ouvre aussitôt, sans autre message."""
    try:
        connecte.ajouter(saisie, par=par)
    except EspaceDejaOuvert:
        return redirect("espace-deja-connu", Etape(saisie.siret).sceller())
    except OuvertureRefusee as refus:
        return render(request, "etablissements/ouverture_refusee.html", {"raison": refus}, status=409)
    messages.success(request, f"L'espace {de(saisie.denomination)} est ouvert. Votre identifiant ne change pas.")
    return redirect("etablissement", saisie.siret)


def _attendre(request: HttpRequest, demande: DemandeEspace) -> HttpResponse:
    """Demande l'envoi au travailleur et montre « Consultez votre messagerie »."""
    attente = Attente(Demande.maintenant(), courriel_masque(demande.courriel_utilisateur))
    connus = appareils.connus(request)
    taches.envoyer_lien_espace.defer(demande=demande.pk, connus=connus, **attente.demande.ecrite())
    etape = Etape(demande.siret, demande_espace=demande.pk)
    return redirect("creer-messagerie", etape.sceller(), attente.sceller())


@pour(Public.TOUS)
@require_POST
def creer_renvoyer(request: HttpRequest, etape: str) -> HttpResponse:
    """« Renvoyer le message » : la même demande, sans rien retaper."""
    demande = get_object_or_404(DemandeEspace, pk=parcours.lire(etape).demande_espace)
    if sans_preuve := prouver(request):
        return sans_preuve
    _compter(request, DEMANDE_PAR_IP, DEMANDE_PAR_PERSONNE)
    return _attendre(request, demande)


@pour(Public.TOUS)
@require_safe
def deja_connu(request: HttpRequest, etape: str) -> HttpResponse:
    """Cas n° 2 : pourquoi l'établissement peut être connu, jamais par qui, et les trois portes. Le sien s'ouvre."""
    siret = parcours.lire(etape).siret
    actives = Habilitation.objects.actives().filter(etablissement__siret=siret)
    if isinstance(request.user, Utilisateur) and actives.de(request.user).exists():
        messages.info(request, "Vous avez déjà cet établissement : le voici.")
        return redirect("etablissement", siret)
    contexte = {"siret": siret, "etape": etape, "preuves": en_bref()}
    return render(request, "etablissements/deja_connu.html", contexte)
