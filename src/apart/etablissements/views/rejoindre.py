"""« Demander à rejoindre » : la demande, la preuve de l'adresse, l'entrée après accord."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from apart.comptes import jetons, messagerie
from apart.comptes.actions.jetons import echanger_code
from apart.comptes.forms.mot_de_passe import ChoixMotDePasse
from apart.comptes.forms.recuperation import CodeRecu
from apart.comptes.jetons import JetonRefuse
from apart.comptes.limites import PAR_ADRESSE_IP
from apart.comptes.models import Usage, Utilisateur
from apart.etablissements import parcours, taches
from apart.etablissements.actions import rejoindre as actions
from apart.etablissements.actions.espace import OuvertureRefusee
from apart.etablissements.forms.rejoindre import Rejoindre
from apart.etablissements.models import DemandeRejoindre, Etablissement
from apart.etablissements.parcours import Etape
from apart.socle.acces import Public, pour
from apart.socle.anti_robot import statut
from apart.socle.limites import consommer, visiteur
from apart.socle.saisies import courriel_masque


@pour(Public.TOUS)
@require_http_methods(["GET", "HEAD", "POST"])
def rejoindre(request: HttpRequest, etape: str) -> HttpResponse:
    etablissement = get_object_or_404(Etablissement, siret=parcours.lire(etape).siret)
    form = Rejoindre(request.POST or None, request=request)
    if not form.is_valid():
        contexte = {"form": form, "siret": etablissement.siret, "etape": etape}
        return render(request, "etablissements/rejoindre.html", contexte, status=statut(form))
    consommer(PAR_ADRESSE_IP, visiteur(request))
    champs = {nom: form.cleaned_data[nom] for nom in ("nom", "prenom", "telephone", "courriel")}
    return _attendre(actions.deposer(etablissement, **champs))


def _attendre(demande: DemandeRejoindre) -> HttpResponse:
    attente = messagerie.Attente(jetons.Demande.maintenant(), masque=courriel_masque(demande.courriel))
    taches.envoyer_lien_rejoindre.defer(
        demande=demande.pk,
        reference=str(attente.demande.reference),
        deposee_le=attente.demande.deposee_le.isoformat(),
    )
    etape = Etape(demande.etablissement.siret, demande_rejoindre=demande.pk)
    return redirect("rejoindre-messagerie", etape.signer(), attente.signer())


@pour(Public.TOUS)
@require_http_methods(["GET", "HEAD", "POST"])
def rejoindre_messagerie(request: HttpRequest, etape: str, attente: str) -> HttpResponse:
    etat = messagerie.lire(attente)
    form = CodeRecu(request.POST or None)
    if form.is_valid():
        try:
            secret = echanger_code(Usage.REJOINDRE, etat.demande, form.cleaned_data["code"])
        except JetonRefuse as refus:
            form.add_error("code", refus.phrase)
        else:
            return _confirmer(request, secret)
    siret = parcours.lire(etape).siret
    contexte = {"form": form, "attente": etat, "siret": siret, "renvoyer": reverse("rejoindre-renvoyer", args=[etape])}
    return render(request, "etablissements/rejoindre_messagerie.html", contexte, status=400 if form.errors else 200)


@pour(Public.TOUS)
@require_POST
def rejoindre_renvoyer(request: HttpRequest, etape: str) -> HttpResponse:
    consommer(PAR_ADRESSE_IP, visiteur(request))
    return _attendre(get_object_or_404(DemandeRejoindre, pk=parcours.lire(etape).demande_rejoindre))


@pour(Public.TOUS)
@require_safe
def rejoindre_lien(request: HttpRequest, secret: str) -> HttpResponse:
    """Le lien du courriel : dit à quoi il sert et ne consomme rien (T10)."""
    try:
        demande = actions.demande_du_jeton(jetons.lire(Usage.REJOINDRE, secret))
    except JetonRefuse as refus:
        return _lien_refuse(request, refus, secret)
    return render(
        request, "etablissements/rejoindre_lien.html", {"secret": secret, "siret": demande.etablissement.siret}
    )


@pour(Public.TOUS)
@require_http_methods(["GET", "HEAD", "POST"])
def rejoindre_confirmer(request: HttpRequest) -> HttpResponse:
    if request.method != "POST":
        return render(request, "comptes/lien_perdu.html", {"recommencer": "creer-espace"})
    return _confirmer(request, request.POST.get("jeton", ""))


def _confirmer(request: HttpRequest, secret: str) -> HttpResponse:
    try:
        demande = actions.confirmer(secret)
    except JetonRefuse as refus:
        return _lien_refuse(request, refus, secret)
    return render(request, "etablissements/rejoindre_confirmee.html", {"siret": demande.etablissement.siret})


@pour(Public.TOUS)
@require_safe
def admission_lien(request: HttpRequest, secret: str) -> HttpResponse:
    """Le lien d'admission, après l'accord d'un utilisateur principal ; ne consomme rien."""
    try:
        demande = actions.demande_du_jeton(jetons.lire(Usage.ADMISSION, secret))
    except JetonRefuse as refus:
        return _lien_refuse(request, refus, secret)
    contexte = {"secret": secret, "etablissement": demande.etablissement}
    return render(request, "etablissements/admission_lien.html", contexte)


@pour(Public.TOUS)
@require_http_methods(["GET", "HEAD", "POST"])
def entrer(request: HttpRequest) -> HttpResponse:
    """Le choix du mot de passe après l'accord, puis l'entrée ; le secret est prouvé à chaque étape (T11)."""
    if request.method != "POST":
        return render(request, "comptes/lien_perdu.html", {"recommencer": "creer-espace"})
    secret = request.POST.get("jeton", "")
    try:
        return _entrer(request, secret, est_choisi=request.POST.get("etape") == "entrer")
    except JetonRefuse as refus:
        return _lien_refuse(request, refus, secret)
    except OuvertureRefusee as refus:
        return render(request, "etablissements/ouverture_refusee.html", {"raison": refus}, status=409)


def _entrer(request: HttpRequest, secret: str, *, est_choisi: bool) -> HttpResponse:
    demande = actions.demande_du_jeton(jetons.lire(Usage.ADMISSION, secret))
    form = None
    if not Utilisateur.objects.par_courriel(demande.courriel):
        future = Utilisateur(courriel=demande.courriel, nom=demande.nom, prenom=demande.prenom)
        form = ChoixMotDePasse(request.POST if est_choisi else None, utilisateur=future)
    if not est_choisi or (form and not form.is_valid()):
        contexte = {"form": form, "secret": secret, "etablissement": demande.etablissement}
        return render(request, "etablissements/entrer.html", contexte, status=400 if form and form.errors else 200)
    ouverture = actions.entrer(secret, mot_de_passe=form.cleaned_data["mot_de_passe"] if form else None)
    return render(request, "etablissements/espace_ouvert.html", {"ouverture": ouverture})


def _lien_refuse(request: HttpRequest, refus: JetonRefuse, secret: str) -> HttpResponse:
    contexte: dict[str, object] = {
        "refus": refus,
        "secret": secret,
        "renouveler": "rejoindre-renouveler",
        "recommencer": "creer-espace",
    }
    contexte["deja_fait"] = actions.suite_du_lien(secret)
    return render(request, "comptes/lien_refuse.html", contexte, status=410)


@pour(Public.TOUS)
@require_POST
def rejoindre_renouveler(request: HttpRequest) -> HttpResponse:
    consommer(PAR_ADRESSE_IP, visiteur(request))
    actions.renouveler_lien(request.POST.get("jeton", ""))
    return render(request, "comptes/lien_renvoye.html")
