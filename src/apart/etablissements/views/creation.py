"""« CRÉER MON ESPACE » jusqu'au courriel qui prouve l'adresse."""

from __future__ import annotations

from datetime import timedelta

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from apart.comptes.jetons import Demande
from apart.comptes.messagerie import Attente
from apart.etablissements import parcours, taches
from apart.etablissements.actions import espace
from apart.etablissements.forms.creation import (
    CreationEspace,
    NumeroSiret,
    depuis_compte,
    depuis_demande,
    depuis_fiche,
)
from apart.etablissements.models import DemandeEspace, Etablissement
from apart.etablissements.parcours import Etape
from apart.repertoire.models import trouver
from apart.socle.acces import Public, pour
from apart.socle.anti_robot import statut
from apart.socle.limites import Limite, consommer, visiteur
from apart.socle.saisies import cle_juste, courriel_masque

SIRET_PAR_IP = Limite("siret-ip", 20, timedelta(hours=1))
DEMANDE_PAR_IP = Limite("demande-espace-ip", 20, timedelta(hours=1))


@pour(Public.TOUS)
@require_http_methods(["GET", "HEAD", "POST"])
def creer_espace(request: HttpRequest) -> HttpResponse:
    """Première page : N° de Siret, contrôle de sécurité, conditions générales."""
    if request.method == "POST":
        consommer(SIRET_PAR_IP, visiteur(request))
    form = NumeroSiret(request.POST or None, request=request, initial={"siret": request.GET.get("siret", "")})
    if not form.is_valid():
        return render(request, "etablissements/creer_siret.html", {"form": form}, status=statut(form))
    siret = form.cleaned_data["siret"]
    connu = Etablissement.objects.filter(siret=siret).exists()
    return redirect("espace-deja-connu" if connu else "creer-formulaire", Etape(siret).sceller())


@pour(Public.TOUS)
@require_safe
def siret_reconnu(request: HttpRequest, siret: str) -> JsonResponse:
    """Nom et commune du répertoire, public, pendant la frappe ; ne dit rien de ce qu'Apart connaît."""
    fiche = trouver(siret)
    if fiche is None:
        return JsonResponse({"etat": "absent" if cle_juste(siret) else "cle"})
    if not fiche.est_ouverte:
        return JsonResponse({"etat": "ferme"})
    return JsonResponse({"etat": "ouvert", "denomination": fiche.denomination, "ville": fiche.ville})


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
    consommer(DEMANDE_PAR_IP, visiteur(request))
    saisie = form.demande(ou.siret, est_a_confirmer=est_a_confirmer)
    return _attendre(espace.deposer_demande(saisie, remplace=ancienne))


def _attendre(demande: DemandeEspace) -> HttpResponse:
    """Demande l'envoi au travailleur et montre « Consultez votre messagerie »."""
    attente = Attente(Demande.maintenant(), courriel_masque(demande.courriel_utilisateur))
    taches.envoyer_lien_espace.defer(demande=demande.pk, **attente.demande.ecrite())
    etape = Etape(demande.siret, demande_espace=demande.pk)
    return redirect("creer-messagerie", etape.sceller(), attente.sceller())


@pour(Public.TOUS)
@require_POST
def creer_renvoyer(request: HttpRequest, etape: str) -> HttpResponse:
    """« Renvoyer le message » : la même demande, sans rien retaper."""
    consommer(DEMANDE_PAR_IP, visiteur(request))
    return _attendre(get_object_or_404(DemandeEspace, pk=parcours.lire(etape).demande_espace))


@pour(Public.TOUS)
@require_safe
def deja_connu(request: HttpRequest, etape: str) -> HttpResponse:
    """Cas n° 2 : pourquoi l'établissement peut être connu, jamais par qui, et les trois portes."""
    return render(request, "etablissements/deja_connu.html", {"siret": parcours.lire(etape).siret, "etape": etape})
