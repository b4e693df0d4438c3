"""« J'ai oublié mon mot de passe » : identifiant → courriel → question s'il y en a une → nouveau mot de passe.

Aucune session : le secret du lien voyage dans le corps des formulaires, et chaque étape le prouve à nouveau.
"""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from apart.comptes import jetons, messagerie, taches
from apart.comptes.actions import recuperation
from apart.comptes.actions.jetons import echanger_code
from apart.comptes.forms.mot_de_passe import ChoixMotDePasse
from apart.comptes.forms.recuperation import CodeDeSecours, CodeRecu, MotDePasseOublie, ReponseSecrete
from apart.comptes.jetons import JetonRefuse, Raison
from apart.comptes.limites import PAR_ADRESSE_IP
from apart.comptes.models import Jeton, Usage
from apart.socle.acces import Public, pour
from apart.socle.anti_robot import statut
from apart.socle.limites import consommer, visiteur


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
    return _demander(request, messagerie.lire(attente).saisie)


def _demander(request: HttpRequest, identifiant: str) -> HttpResponse:
    consommer(PAR_ADRESSE_IP, visiteur(request))
    demande = jetons.Demande.maintenant()
    taches.reinitialiser.defer(
        identifiant=identifiant, reference=str(demande.reference), deposee_le=demande.deposee_le.isoformat()
    )
    return redirect("mot-de-passe-messagerie", messagerie.Attente(demande, saisie=identifiant).signer())


@pour(Public.TOUS)
@require_http_methods(["GET", "HEAD", "POST"])
def mot_de_passe_messagerie(request: HttpRequest, attente: str) -> HttpResponse:
    etat = messagerie.lire(attente)
    form = CodeRecu(request.POST or None)
    if form.is_valid():
        try:
            secret = echanger_code(Usage.MOT_DE_PASSE, etat.demande, form.cleaned_data["code"])
        except JetonRefuse as refus:
            form.add_error("code", refus.phrase)
        else:
            return _suite(request, secret)
    contexte = {"form": form, "attente": etat, "signee": attente}
    return render(request, "comptes/mot_de_passe_messagerie.html", contexte, status=400 if form.errors else 200)


@pour(Public.TOUS)
@require_safe
def mot_de_passe_lien(request: HttpRequest, secret: str) -> HttpResponse:
    """Le lien du courriel : dit à quoi il sert et ne consomme rien (T10)."""
    try:
        jetons.lire(Usage.MOT_DE_PASSE, secret)
    except JetonRefuse as refus:
        return _lien_refuse(request, refus, secret)
    return render(request, "comptes/mot_de_passe_lien.html", {"secret": secret})


@pour(Public.TOUS)
@require_http_methods(["GET", "HEAD", "POST"])
def mot_de_passe_nouveau(request: HttpRequest) -> HttpResponse:
    """Les étapes après le lien ; le secret est dans le formulaire, prouvé à chaque fois (T11)."""
    if request.method != "POST":
        return render(request, "comptes/lien_perdu.html", {"recommencer": "mot-de-passe-oublie"})
    secret = request.POST.get("jeton", "")
    try:
        if request.POST.get("etape") == "question":
            return _etape_question(request, secret)
        if request.POST.get("etape") == "mot_de_passe":
            return _etape_mot_de_passe(request, secret)
        return _suite(request, secret)
    except JetonRefuse as refus:
        return _lien_refuse(request, refus, secret)


def _suite(request: HttpRequest, secret: str) -> HttpResponse:
    """La prochaine question de ce lien : la question secrète, sinon le nouveau mot de passe."""
    jeton = jetons.lire(Usage.MOT_DE_PASSE, secret)
    question = recuperation.question_a_poser(jeton)
    if question:
        return _page_question(request, secret, ReponseSecrete(), question.get_question_display())
    return _page_mot_de_passe(request, secret, jeton, ChoixMotDePasse(utilisateur=jeton.utilisateur))


def _etape_question(request: HttpRequest, secret: str) -> HttpResponse:
    jeton = jetons.lire(Usage.MOT_DE_PASSE, secret)
    question = recuperation.question_a_poser(jeton)
    form = ReponseSecrete(request.POST)
    if question is None:
        return _suite(request, secret)
    if form.is_valid():
        try:
            recuperation.repondre_a_la_question(secret, form.cleaned_data["reponse"])
        except JetonRefuse as refus:
            if refus.raison is not Raison.CODE_FAUX:
                raise
            form.add_error("reponse", "Cette réponse ne correspond pas à celle que vous aviez choisie.")
        else:
            return _suite(request, secret)
    return _page_question(request, secret, form, question.get_question_display())


def _etape_mot_de_passe(request: HttpRequest, secret: str) -> HttpResponse:
    jeton = jetons.lire(Usage.MOT_DE_PASSE, secret)
    if recuperation.question_a_poser(jeton):
        raise JetonRefuse(Raison.INCONNU)
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


def _lien_refuse(request: HttpRequest, refus: JetonRefuse, secret: str) -> HttpResponse:
    contexte = {"refus": refus, "secret": secret, "renouveler": "mot-de-passe-renouveler"}
    contexte["recommencer"] = "mot-de-passe-oublie"
    return render(request, "comptes/lien_refuse.html", contexte, status=410)


@pour(Public.TOUS)
@require_POST
def mot_de_passe_renouveler(request: HttpRequest) -> HttpResponse:
    """Un clic sur un lien mort en envoie un nouveau à la même adresse."""
    consommer(PAR_ADRESSE_IP, visiteur(request))
    recuperation.renouveler_lien(request.POST.get("jeton", ""))
    return render(request, "comptes/lien_renvoye.html")


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
            return _suite(request, secret)
    return render(request, "comptes/code_de_secours.html", {"form": form}, status=statut(form))
