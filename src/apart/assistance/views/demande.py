"""Déposer une demande d'assistance et la suivre derrière son lien."""

from __future__ import annotations

import math
from contextlib import suppress
from datetime import timedelta

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from apart.assistance import documentation, taches
from apart.assistance.actions import demandes
from apart.assistance.forms import DemandeAssistanceForm, LienPerduForm, MessageForm
from apart.assistance.models import DemandeAssistance, Motif
from apart.assistance.views.connu import valeurs_connues
from apart.comptes import appareils
from apart.pieces.reception import avec_pieces
from apart.pieces.telechargement import servir
from apart.socle import anti_robot
from apart.socle.acces import Public, pour
from apart.socle.automate import GesteImpossible
from apart.socle.envois import montrer
from apart.socle.limites import Limite, TropDeDemandes, consommer, visiteur

DEPOTS_PAR_IP = Limite("assistance-depots", 20, timedelta(hours=1))
LIENS_PAR_IP = Limite("assistance-liens", 20, timedelta(hours=1))
MESSAGES_PAR_DEMANDE = Limite("assistance-messages", 10, timedelta(hours=1))


@pour(Public.TOUS)
@require_http_methods(["GET", "HEAD", "POST"])
@avec_pieces
def assistance(request: HttpRequest) -> HttpResponse:
    if request.method != "POST":
        return _formulaire(request, DemandeAssistanceForm(initial=valeurs_connues(request), request=request))
    form = DemandeAssistanceForm(request.POST, request.FILES, request=request)
    if not form.is_valid():
        return _formulaire(request, form, anti_robot.statut(form))
    try:
        consommer(DEPOTS_PAR_IP, visiteur(request))
    except TropDeDemandes as refus:
        return _trop(request, form, refus)
    par = request.user if request.user.is_authenticated else None
    depot = demandes.deposer(form.saisie(), par=par)
    return redirect("suivi", depot.secret)


def _formulaire(request: HttpRequest, form: DemandeAssistanceForm, statut: int = 200) -> HttpResponse:
    choisi = form["motif"].value() if form["motif"].value() in Motif.values else ""
    motifs = [(motif, documentation.du_motif(motif)) for motif in Motif]
    contexte = {"form": form, "motifs": motifs, "choisi": choisi, "jours": settings.ASSISTANCE_JOURS_OUVRES}
    return render(request, "assistance/demande.html", contexte, status=statut)


def _trop(request: HttpRequest, form: DemandeAssistanceForm, refus: TropDeDemandes) -> HttpResponse:
    """La limite est dépassée : la page le dit, et garde tout ce qui a été tapé."""
    form.add_error(None, f"Trop de demandes sont parties de votre connexion. {_reessayez(refus)}")
    reponse = _formulaire(request, form, 429)
    reponse.headers["Retry-After"] = str(math.ceil(refus.attente.total_seconds()))
    return reponse


@pour(Public.TOUS)
@require_safe
def suivi(request: HttpRequest, jeton: str) -> HttpResponse:
    demande = demandes.demande_du_lien(jeton)
    if demande is None:
        return _lien_mort(request)
    return _page_de_suivi(request, demande, jeton, MessageForm())


@pour(Public.TOUS)
@require_safe
def suivi_piece(request: HttpRequest, jeton: str, piece: int) -> HttpResponse:
    demande = demandes.demande_du_lien(jeton)
    if demande is None:
        return _lien_mort(request)
    trouvee = demande.messages.publics().piece(piece)
    if trouvee is None:
        raise Http404
    return servir(trouvee)


@pour(Public.TOUS)
@require_POST
@avec_pieces
def suivi_ecrire(request: HttpRequest, jeton: str) -> HttpResponse:
    demande = demandes.demande_du_lien(jeton)
    if demande is None:
        return _lien_mort(request)
    form = MessageForm(request.POST, request.FILES)
    if not form.is_valid():
        return _page_de_suivi(request, demande, jeton, form)
    try:
        consommer(MESSAGES_PAR_DEMANDE, str(demande.pk))
    except TropDeDemandes as refus:
        form.add_error("texte", f"Vous avez écrit {refus.limite.nombre} messages en une heure. {_reessayez(refus)}")
        return _page_de_suivi(request, demande, jeton, form, 429)
    demandes.ecrire(demande, texte=form.cleaned_data["texte"], pieces=form.cleaned_data["pieces"])
    messages.success(request, "Votre message est enregistré. Le service d'assistance l'a reçu.")
    return redirect("suivi", jeton)


def _reessayez(refus: TropDeDemandes) -> str:
    return f"Attendez {math.ceil(refus.attente.total_seconds() / 60)} min, puis envoyez de nouveau."


@pour(Public.TOUS)
@require_POST
def suivi_clore(request: HttpRequest, jeton: str) -> HttpResponse:
    demande = demandes.demande_du_lien(jeton)
    if demande is None:
        return _lien_mort(request)
    with suppress(GesteImpossible):  # déjà close, peut-être par un agent à l'instant : c'est ce qui était voulu
        demandes.clore(demande, par=None)
    messages.success(request, "Votre demande est close. Vous pouvez la rouvrir en écrivant un message.")
    return redirect("suivi", jeton)


@pour(Public.TOUS)
@require_http_methods(["GET", "HEAD", "POST"])
def lien_perdu(request: HttpRequest) -> HttpResponse:
    form = LienPerduForm(request.POST or None, request=request)
    if request.method != "POST" or not form.is_valid():
        return render(request, "assistance/lien_perdu.html", {"form": form}, status=anti_robot.statut(form))
    consommer(LIENS_PAR_IP, visiteur(request))
    taches.renvoyer_liens.defer(courriel=form.cleaned_data["courriel"], connus=appareils.connus(request))
    return montrer(request, "assistance/lien_envoye.html", {"courriel": form.cleaned_data["courriel"]})


def _page_de_suivi(
    request: HttpRequest, demande: DemandeAssistance, jeton: str, form: MessageForm, statut: int = 200
) -> HttpResponse:
    contexte = {
        "demande": demande,
        "jeton": jeton,
        "form": form,
        "conversation": demande.messages.publics().prefetch_related("pieces"),
        "adresse": demandes.adresse_suivi(jeton),
        "jours": settings.ASSISTANCE_JOURS_OUVRES,
        "fiches": documentation.du_motif(demande.motif),
    }
    return render(request, "assistance/suivi.html", contexte, status=statut)


def _lien_mort(request: HttpRequest) -> HttpResponse:
    """Lien inconnu ou expiré : la même page, et de quoi en recevoir un neuf."""
    contexte = {"form": LienPerduForm(request=request), "est_mort": True}
    return render(request, "assistance/lien_perdu.html", contexte, status=404)
