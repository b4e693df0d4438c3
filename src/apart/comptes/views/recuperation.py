"""« J'ai oublié mon mot de passe » : identifiant → courriel → question s'il y en a une → nouveau mot de passe."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from apart.comptes import appareils, jetons, messagerie, taches
from apart.comptes.actions import recuperation
from apart.comptes.forms.mot_de_passe import ChoixMotDePasse
from apart.comptes.forms.recuperation import CodeDeSecours, MotDePasseOublie, ReponseSecrete
from apart.comptes.jetons import Demande, JetonRefuse, Raison
from apart.comptes.limites import PAR_ADRESSE_IP
from apart.comptes.models import Jeton, Usage
from apart.comptes.views.jeton import Parcours, avancer, prouver
from apart.courriels.models import Demandeur
from apart.socle.acces import Public, pour
from apart.socle.anti_robot import statut
from apart.socle.limites import consommer, visiteur
from apart.socle.templatetags.apart import heure_paris


@pour(Public.TOUS)
@require_http_methods(["GET", "HEAD", "POST"])
def mot_de_passe_oublie(request: HttpRequest) -> HttpResponse:
    form = MotDePasseOublie(request.POST or None, request=request)
    if not form.is_valid():
        return render(request, "comptes/mot_de_passe_oublie.html", {"form": form}, status=statut(form))
    return _demander(request, form.cleaned_data["identifiant"])


@pour(Public.TOUS)
@require_POST
def mot_de_passe_renvoyer(request: HttpRequest, attente: str) -> HttpResponse:
    """« Renvoyer le message » : la même demande, sans rien retaper."""
    saisie = messagerie.lire(attente).saisie
    return prouver(request) or _demander(request, saisie)


def _demander(request: HttpRequest, identifiant: str) -> HttpResponse:
    """Un appareil reconnu a ses propres places : ni ses voisins de réseau ni un inconnu ne les dépensent."""
    appareil = appareils.reconnu(request, identifiant)
    consommer(PAR_ADRESSE_IP, appareil or visiteur(request))
    demande = Demande.maintenant()
    demandeur = Demandeur.APPAREIL if appareil else Demandeur.IDENTIFIANT
    taches.reinitialiser.defer(identifiant=identifiant, demandeur=demandeur.value, **demande.ecrite())
    return redirect("mot-de-passe-messagerie", messagerie.Attente(demande, saisie=identifiant).sceller())


def _avancer(request: HttpRequest, secret: str, etape: str) -> HttpResponse:
    jeton = jetons.lire(Usage.MOT_DE_PASSE, secret)
    question = recuperation.question_a_poser(jeton)
    if etape == "mot_de_passe":
        if question:
            raise JetonRefuse(Raison.INCONNU)
        return _mot_de_passe(request, secret, jeton)
    if question and etape == "question":
        return _question(request, secret, question.get_question_display())
    if question:
        return _page_question(request, secret, ReponseSecrete(), question.get_question_display())
    return _page_mot_de_passe(request, secret, jeton, ChoixMotDePasse(utilisateur=jeton.utilisateur))


def _question(request: HttpRequest, secret: str, question: str) -> HttpResponse:
    form = ReponseSecrete(request.POST)
    if form.is_valid():
        try:
            recuperation.repondre_a_la_question(secret, form.cleaned_data["reponse"])
        except JetonRefuse as refus:
            if refus.raison is not Raison.CODE_FAUX:
                raise
            form.add_error("reponse", "Cette réponse ne correspond pas à celle que vous aviez choisie.")
        else:
            return _avancer(request, secret, "")
    return _page_question(request, secret, form, question)


def _mot_de_passe(request: HttpRequest, secret: str, jeton: Jeton) -> HttpResponse:
    form = ChoixMotDePasse(request.POST, utilisateur=jeton.utilisateur)
    if not form.is_valid():
        return _page_mot_de_passe(request, secret, jeton, form)
    code = recuperation.choisir_mot_de_passe(secret, form.cleaned_data["mot_de_passe"])
    if code:
        return render(request, "comptes/nouveau_code_de_secours.html", {"code": code, "apres_mot_de_passe": True})
    messages.success(request, "Votre mot de passe est changé. Connectez-vous avec votre identifiant.")
    return redirect("connexion")


def _page_question(request: HttpRequest, secret: str, form: ReponseSecrete, question: str) -> HttpResponse:
    contexte = {"form": form, "secret": secret, "question": question}
    return render(request, "comptes/question_secrete.html", contexte, status=400 if form.errors else 200)


def _page_mot_de_passe(request: HttpRequest, secret: str, jeton: Jeton, form: ChoixMotDePasse) -> HttpResponse:
    contexte = {"form": form, "secret": secret, "jeton": jeton}
    return render(request, "comptes/nouveau_mot_de_passe.html", contexte, status=400 if form.errors else 200)


@pour(Public.TOUS)
@require_http_methods(["GET", "HEAD", "POST"])
def code_de_secours(request: HttpRequest) -> HttpResponse:
    """Quand la messagerie bloque : identifiant et code imprimé, à la place du courriel."""
    form = CodeDeSecours(request.POST or None, request=request)
    if form.is_valid():
        try:
            consommer(PAR_ADRESSE_IP, visiteur(request))
            saisie = form.cleaned_data
            secret = recuperation.employer_code_de_secours(
                saisie["identifiant"], saisie["code"], adresse=visiteur(request)
            )
        except JetonRefuse:
            form.add_error(
                None, "Cet identifiant et ce code de secours ne vont pas ensemble, ou le code a déjà servi."
            )
        else:
            return avancer(request, PARCOURS, secret)
    return render(request, "comptes/code_de_secours.html", {"form": form}, status=statut(form))


def _deja_fait(secret: str) -> str:
    change_le = jetons.employe_le(Usage.MOT_DE_PASSE, secret)
    if change_le is None:
        return ""
    return f"Il a changé votre mot de passe à {heure_paris(change_le)}. Connectez-vous avec le nouveau."


PARCOURS = Parcours(
    Usage.MOT_DE_PASSE,
    _avancer,
    titre="Mot de passe oublié",
    fil=("Mot de passe oublié", "Consultez votre messagerie"),
    envoi="Si cet identifiant existe, un message est demandé pour l'adresse électronique de son compte.",
    recommencer="mot-de-passe-oublie",
    renvoyer="mot-de-passe-renvoyer",
    contexte=lambda etape: {"avec_secours": True},
    gabarit_lien="comptes/mot_de_passe_lien.html",
    renouveler="mot-de-passe-renouveler",
    renvoi=recuperation.renouveler_lien,
    deja_fait=_deja_fait,
)
