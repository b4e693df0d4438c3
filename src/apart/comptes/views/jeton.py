"""Le parcours d'un jeton, de « Consultez votre messagerie » au dernier geste : le même pour tous ses usages.

Aucune session : le secret voyage dans le corps des formulaires, et chaque étape le prouve à nouveau (T11). Les modules
déclarent leur Parcours et le donnent à ces vues depuis leurs adresses.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from apart.comptes import jetons
from apart.comptes import messagerie as attentes
from apart.comptes.actions.jetons import echanger_code
from apart.comptes.forms.recuperation import CodeRecu, Renvoi
from apart.comptes.jetons import JetonRefuse, Raison
from apart.comptes.limites import PAR_ADRESSE_IP
from apart.comptes.models import Jeton, Usage
from apart.socle.acces import Public, pour
from apart.socle.anti_robot import statut
from apart.socle.envois import a_revoir, montrer
from apart.socle.limites import consommer, visiteur


@dataclass(frozen=True)
class Parcours:
    """Ce qui distingue un parcours : ses mots, ses adresses (par leur nom), ses gestes."""

    usage: Usage
    avancer: Callable[[HttpRequest, str, str], HttpResponse]  # requête, secret, étape envoyée ; lève JetonRefuse
    recommencer: str = ""
    # « Consultez votre messagerie »
    titre: str = ""
    fil: tuple[str, str] = ("", "")  # la page d'avant, celle-ci
    envoi: str = ""
    renvoyer: str = ""
    gabarit_messagerie: str = "comptes/messagerie.html"
    contexte: Callable[[str], dict[str, object]] = lambda etape: {}  # lève Http404 si l'étape a été modifiée
    # Le lien
    gabarit_lien: str = ""
    etablissement: Callable[[Jeton], object] = lambda jeton: None  # celui que le lien ouvre ; lève JetonRefuse
    # Le lien mort
    renouveler: str = ""
    renvoi: Callable[[str], bool] = lambda secret: False  # faux si rien ne part
    deja_fait: Callable[[str], str] = lambda secret: ""
    gabarit_refus: str = "comptes/lien_refuse.html"
    statut_inconnu: int = HTTPStatus.GONE


@pour(Public.TOUS)
@require_http_methods(["GET", "HEAD", "POST"])
def messagerie(request: HttpRequest, parcours: Parcours, attente: str, etape: str = "") -> HttpResponse:
    """Attendre le message, et taper son code."""
    etat, contexte = attentes.lire(attente), parcours.contexte(etape)
    form = CodeRecu(request.POST or None)
    if form.is_valid():
        try:
            secret = echanger_code(parcours.usage, etat.demande, form.cleaned_data["code"])
        except JetonRefuse as refus:
            form.add_error("code", refus.phrase)
        else:
            return avancer(request, parcours, secret)
    contexte |= {"form": form, "attente": etat, "parcours": parcours, "renvoi": Renvoi(request=request)}
    contexte["renvoyer"] = reverse(parcours.renvoyer, args=[etape or attente])
    return render(request, parcours.gabarit_messagerie, contexte, status=400 if form.errors else 200)


@pour(Public.TOUS)
@require_safe
def lien(request: HttpRequest, parcours: Parcours, secret: str) -> HttpResponse:
    """Le lien du courriel : dit à quoi il sert et ne consomme rien (T10)."""
    try:
        contexte = {"secret": secret, "etablissement": parcours.etablissement(jetons.lire(parcours.usage, secret))}
    except JetonRefuse as refus:
        return _refuser(request, parcours, secret, refus)
    return render(request, parcours.gabarit_lien, contexte)


@pour(Public.TOUS)
@require_http_methods(["GET", "HEAD", "POST"])
def suite(request: HttpRequest, parcours: Parcours) -> HttpResponse:
    """Les étapes après le lien ; le secret est dans le formulaire."""
    if request.method != "POST":
        return render(request, "comptes/lien_perdu.html", {"recommencer": parcours.recommencer})
    return avancer(request, parcours, request.POST.get("jeton", ""), request.POST.get("etape", ""))


def avancer(request: HttpRequest, parcours: Parcours, secret: str, etape: str = "") -> HttpResponse:
    """L'étape que ce secret permet, à recharger sans la refaire, ou pourquoi il ne vaut plus."""
    try:
        reponse = parcours.avancer(request, secret, etape)
    except JetonRefuse as refus:
        return _refuser(request, parcours, secret, refus)
    return a_revoir(reponse) if reponse.status_code == HTTPStatus.OK else reponse


def _refuser(request: HttpRequest, parcours: Parcours, secret: str, refus: JetonRefuse) -> HttpResponse:
    contexte = {"refus": refus, "secret": secret, "parcours": parcours, "deja_fait": parcours.deja_fait(secret)}
    statut = parcours.statut_inconnu if refus.raison is Raison.INCONNU else HTTPStatus.GONE
    return render(request, parcours.gabarit_refus, contexte, status=statut)


@pour(Public.TOUS)
@require_POST
def renouveler(request: HttpRequest, parcours: Parcours) -> HttpResponse:
    """Un clic sur un lien mort en envoie un nouveau à la même adresse (T9)."""
    consommer(PAR_ADRESSE_IP, visiteur(request))
    est_parti = parcours.renvoi(request.POST.get("jeton", ""))
    return montrer(request, "comptes/lien_renvoye.html", {"est_parti": est_parti, "parcours": parcours})


def prouver(request: HttpRequest) -> HttpResponse | None:
    """« Renvoyer » porte la même preuve qu'un formulaire (T22). Sans elle, rend la page où la refaire d'un clic."""
    form = Renvoi(request.POST, request=request)
    return None if form.is_valid() else render(request, "comptes/renvoyer.html", {"form": form}, status=statut(form))
