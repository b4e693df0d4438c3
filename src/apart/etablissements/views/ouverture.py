"""Le lien d'ouverture : à quoi il sert, le mot de passe, l'espace ouvert."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from apart.comptes import jetons
from apart.comptes.forms.mot_de_passe import ChoixMotDePasse
from apart.comptes.jetons import JetonRefuse
from apart.comptes.limites import PAR_ADRESSE_IP
from apart.comptes.models import Usage, Utilisateur
from apart.etablissements.actions import espace
from apart.etablissements.actions.espace import EspaceDejaOuvert, OuvertureRefusee
from apart.etablissements.models import DemandeEspace
from apart.etablissements.parcours import Etape
from apart.socle.acces import Public, pour
from apart.socle.limites import consommer, visiteur


@pour(Public.TOUS)
@require_safe
def ouvrir_lien(request: HttpRequest, secret: str) -> HttpResponse:
    """Le lien du courriel : dit à quoi il sert et pour quel établissement, et ne consomme rien (T10)."""
    try:
        demande = espace.demande_du_jeton(jetons.lire(Usage.CREATION, secret))
    except JetonRefuse as refus:
        return _lien_refuse(request, refus, secret)
    return render(request, "etablissements/ouvrir_lien.html", {"secret": secret, "etablissement": demande})


@pour(Public.TOUS)
@require_http_methods(["GET", "HEAD", "POST"])
def ouvrir(request: HttpRequest) -> HttpResponse:
    """Les étapes après le lien ; le secret est dans le formulaire, prouvé à chaque fois (T11)."""
    if request.method != "POST":
        return render(request, "comptes/lien_perdu.html", {"recommencer": "creer-espace"})
    secret = request.POST.get("jeton", "")
    if request.POST.get("etape") != "ouvrir":
        return suite_ouverture(request, secret)
    try:
        return _ouvrir(request, secret)
    except JetonRefuse as refus:
        return _lien_refuse(request, refus, secret)


def suite_ouverture(request: HttpRequest, secret: str) -> HttpResponse:
    """Le choix du mot de passe, ou la confirmation si l'adresse a déjà un identifiant."""
    try:
        demande = espace.demande_du_jeton(jetons.lire(Usage.CREATION, secret))
    except JetonRefuse as refus:
        return _lien_refuse(request, refus, secret)
    connu = Utilisateur.objects.par_courriel(demande.courriel_utilisateur)
    form = None if connu else _choix(demande)
    return _page_choix(request, secret, demande, form)


def _ouvrir(request: HttpRequest, secret: str) -> HttpResponse:
    demande = espace.demande_du_jeton(jetons.lire(Usage.CREATION, secret))
    form = None
    if not Utilisateur.objects.par_courriel(demande.courriel_utilisateur):
        form = _choix(demande, request.POST)
        if not form.is_valid():
            return _page_choix(request, secret, demande, form)
    try:
        ouverture = espace.ouvrir(secret, mot_de_passe=form.cleaned_data["mot_de_passe"] if form else None)
    except EspaceDejaOuvert:
        contexte = {"siret": demande.siret, "etape": Etape(demande.siret).signer(), "entretemps": True}
        return render(request, "etablissements/deja_connu.html", contexte, status=409)
    except OuvertureRefusee as refus:
        return render(request, "etablissements/ouverture_refusee.html", {"raison": refus}, status=409)
    return render(request, "etablissements/espace_ouvert.html", {"ouverture": ouverture})


def _choix(demande: DemandeEspace, saisie: QueryDict | None = None) -> ChoixMotDePasse:
    """Le mot de passe ne doit reprendre ni la personne telle qu'elle sera, ni son établissement."""
    future = Utilisateur(courriel=demande.courriel_utilisateur, nom=demande.nom, prenom=demande.prenom)
    return ChoixMotDePasse(saisie, utilisateur=future, mots=(demande.siret, demande.denomination))


def _page_choix(
    request: HttpRequest, secret: str, demande: DemandeEspace, form: ChoixMotDePasse | None
) -> HttpResponse:
    contexte = {"form": form, "secret": secret, "etablissement": demande}
    return render(request, "etablissements/ouvrir.html", contexte, status=400 if form and form.errors else 200)


def _lien_refuse(request: HttpRequest, refus: JetonRefuse, secret: str) -> HttpResponse:
    contexte: dict[str, object] = {
        "refus": refus,
        "secret": secret,
        "renouveler": "ouvrir-renouveler",
        "recommencer": "creer-espace",
    }
    if espace.a_deja_ouvert(secret):
        contexte["deja_fait"] = "L'espace que vous demandiez est ouvert. Connectez-vous avec votre identifiant."
    return render(request, "comptes/lien_refuse.html", contexte, status=410)


@pour(Public.TOUS)
@require_POST
def ouvrir_renouveler(request: HttpRequest) -> HttpResponse:
    """Un clic sur un lien mort en envoie un nouveau à la même adresse."""
    consommer(PAR_ADRESSE_IP, visiteur(request))
    espace.renouveler_lien(request.POST.get("jeton", ""))
    return render(request, "comptes/lien_renvoye.html")
