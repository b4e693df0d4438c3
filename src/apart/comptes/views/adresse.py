"""« Changer mon adresse » : confirmer que c'est soi → la taper → la prouver d'où l'on veut. Et revenir."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from apart.comptes import jetons, messagerie
from apart.comptes.actions import adresse as actions
from apart.comptes.actions.adresse import AdressePrise
from apart.comptes.actions.coordonnees import CHAMPS, corriger
from apart.comptes.forms.adresse import NouvelleAdresse
from apart.comptes.forms.personne import Personne
from apart.comptes.jetons import Demande
from apart.comptes.limites import CHANGEMENTS
from apart.comptes.models import ChangementAdresse, Jeton, Usage, Utilisateur
from apart.comptes.requete import RequeteConnectee, apres_confirmation
from apart.comptes.views.jeton import Parcours, prouver
from apart.socle.acces import Public, exiger, pour
from apart.socle.envois import montrer
from apart.socle.limites import consommer
from apart.socle.saisies import courriel_masque


@pour(Public.CONNECTE)
@require_http_methods(["GET", "HEAD", "POST"])
@apres_confirmation
def nouvelle(request: RequeteConnectee) -> HttpResponse:
    exiger(not request.user.est_agent, actions.COORDONNEES_D_AGENT)
    form = NouvelleAdresse(request.POST or None, utilisateur=request.user)
    if not form.is_valid():
        contexte = {"form": form, "defaisable": request.user.changements_adresse.defaisables().last()}
        return render(request, "comptes/nouvelle_adresse.html", contexte, status=400 if form.errors else 200)
    return _demander(request, form.cleaned_data["courriel"])


@pour(Public.CONNECTE)
@require_POST
@apres_confirmation
def renvoyer(request: RequeteConnectee, attente: str) -> HttpResponse:
    """« Renvoyer le message » : la même demande, sans rien retaper."""
    saisie = messagerie.lire(attente).saisie
    if saisie == request.user.courriel:
        messages.info(request, f"{actions.C_EST_LA_VOTRE} Il n'y a plus rien à prouver.")
        return redirect("securite")
    return prouver(request) or _demander(request, saisie)


@pour(Public.CONNECTE)
@require_http_methods(["GET", "HEAD", "POST"])
@apres_confirmation
def coordonnees(request: RequeteConnectee) -> HttpResponse:
    exiger(not request.user.est_agent, actions.COORDONNEES_D_AGENT)
    actuelles = {champ: getattr(request.user, champ) for champ in CHAMPS}
    form = Personne(request.POST or None, initial=actuelles)
    if not form.is_valid():
        statut = 400 if form.errors else 200
        return render(request, "comptes/coordonnees.html", {"form": form}, status=statut)
    change = corriger(request.user, **{champ: form.cleaned_data[champ] for champ in CHAMPS}, par=request.user)
    messages.success(request, "Vos coordonnées sont corrigées." if change else "Rien n'a changé : c'est déjà ainsi.")
    return redirect("securite")


def _demander(request: RequeteConnectee, courriel: str) -> HttpResponse:
    """La même page, que l'adresse ait un compte ou non."""
    consommer(CHANGEMENTS, str(request.user.pk))
    demande = Demande.maintenant()
    actions.demander(request.user, courriel=courriel, par=request.user, demande=demande)
    attente = messagerie.Attente(demande, masque=courriel_masque(courriel), saisie=courriel)
    return redirect("nouvelle-adresse-messagerie", attente.sceller())


def _personne(jeton: Jeton) -> Utilisateur:
    return actions.personne_du_lien(jeton)


def _changer(request: HttpRequest, secret: str, etape: str) -> HttpResponse:
    """Arrivé par le code, on relit d'abord ce qui va changer ; le bouton agit."""
    jeton = jetons.lire(Usage.NOUVELLE_ADRESSE, secret)
    utilisateur = actions.personne_du_lien(jeton)
    if etape != "changer":
        return render(request, "comptes/nouvelle_adresse_lien.html", {"secret": secret, "etablissement": utilisateur})
    est_chez_soi = request.user == utilisateur
    try:
        fait = actions.changer(secret, session=request.session.session_key if est_chez_soi else None)
    except AdressePrise as prise:
        contexte = {
            "utilisateur": utilisateur,
            "secret": secret,
            "est_quittee": prise.autre.courriel != jeton.courriel,
        }
        return montrer(request, "comptes/adresse_prise.html", contexte)
    if est_chez_soi:
        messages.success(request, "Votre adresse est changée. Vos autres sessions sont fermées.")
        return redirect("securite")
    return montrer(request, "comptes/adresse_changee.html", {"fait": fait})


def _d_avant(jeton: Jeton) -> ChangementAdresse:
    return actions.changement_du_lien(jeton)


def _revenir(request: HttpRequest, secret: str, etape: str) -> HttpResponse:
    retour = actions.revenir(secret)
    contexte = {"secret": retour.secret, "utilisateur": retour.utilisateur}
    return montrer(request, "comptes/adresse_remise.html", contexte)


def _refus(secret: str) -> str:
    """Ce qu'un lien de retour mort a fait, ou pourquoi il ne fait plus rien."""
    fait = ChangementAdresse.objects.du_lien(Jeton.objects.du_secret(secret, Usage.RETOUR_ADRESSE))
    if fait is None:
        return ""
    if fait.defait_le:
        return "L'adresse d'avant est déjà remise. Un message vous a donné de quoi choisir un nouveau mot de passe."
    return "Le délai de 72 heures est passé : l'adresse ne se remet plus par ce lien."


def _deja_change(secret: str) -> str:
    jeton = Jeton.objects.du_secret(secret, Usage.NOUVELLE_ADRESSE).exclude(employe_le=None).first()
    return "Il a changé l'adresse de votre compte." if jeton else ""


PARCOURS = Parcours(
    Usage.NOUVELLE_ADRESSE,
    _changer,
    titre="Nouvelle adresse",
    fil=("Nouvelle adresse", "Consultez votre messagerie"),
    envoi="Un message est demandé pour votre nouvelle adresse :",
    recommencer="nouvelle-adresse",
    renvoyer="nouvelle-adresse-renvoyer",
    gabarit_lien="comptes/nouvelle_adresse_lien.html",
    etablissement=_personne,
    deja_fait=_deja_change,
    gabarit_refus="comptes/adresse_lien_refuse.html",
)
RETOUR = Parcours(
    Usage.RETOUR_ADRESSE,
    _revenir,
    recommencer="mot-de-passe-oublie",
    gabarit_lien="comptes/retour_adresse_lien.html",
    etablissement=_d_avant,
    deja_fait=_refus,
    gabarit_refus="comptes/adresse_lien_refuse.html",
)
