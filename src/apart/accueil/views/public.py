"""L'accueil, les pages légales, le contrat de prestation."""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods, require_safe

from apart.accueil import contrat, page
from apart.accueil.forms.contrat import ContratForm
from apart.accueil.plan import plan
from apart.socle.acces import Public, pour
from apart.socle.accessibilite import releve
from apart.socle.envois import sans_effet
from apart.socle.limites import Limite, consommer, visiteur

CONTRATS_PAR_ADRESSE = Limite("contrat:adresse", 60, timedelta(hours=1))
CONSERVATIONS = (
    ("Demande d'ouverture d'espace jamais confirmée", "7 jours"),
    ("Demande à rejoindre un établissement", "7 jours si elle n'est jamais confirmée, 30 jours après la réponse"),
    ("Liens et codes à usage unique", "24 heures après leur fin"),
    ("Texte des courriels envoyés", "30 jours, puis seulement leur date et leur sort pendant 12 mois"),
    ("Page qu'un envoi vient de montrer, gardée chiffrée pour la revoir", "10 minutes"),
    ("Adresse que sa messagerie nous refuse", "jusqu'à ce qu'un message y soit lu, ou 12 mois après le dernier refus"),
    ("Pièces jointes à une demande d'assistance", "12 mois, puis seulement leur nom et leur empreinte"),
    ("Demande de reprise d'accès jamais confirmée", "7 jours"),
    ("Pièces d'une reprise d'accès", "90 jours après la décision, puis seulement leur nom et leur empreinte"),
    ("Lettre à l'adresse du répertoire", "12 mois après sa fin ; son code s'efface dès qu'elle ne vaut plus"),
    ("Traces de vos connexions", "12 mois"),
    ("Adresses que votre compte a eues", "tant que le compte existe : on vous y lit encore"),
    ("Compte, habilitations et demandes d'assistance", "tant que l'espace existe, puis effacés à votre demande"),
)


@pour(Public.TOUS)
@require_safe
def accueil(request: HttpRequest) -> HttpResponse:
    return page.repondre(request)


@pour(Public.TOUS)
@require_safe
def mentions_legales(request: HttpRequest) -> HttpResponse:
    return render(request, "legal/mentions.html")


@pour(Public.TOUS)
@require_safe
def cgu(request: HttpRequest) -> HttpResponse:
    return render(request, "legal/cgu.html", {"minutes_jeton": int(settings.DUREE_JETON.total_seconds() // 60)})


@pour(Public.TOUS)
@require_safe
def donnees_personnelles(request: HttpRequest) -> HttpResponse:
    ans = settings.DECISIONS_ANNEES
    decisions = ("Reprise d'accès finie, preuve demandée", f"{ans} an{'s' if ans > 1 else ''} après la décision")
    return render(request, "legal/donnees.html", {"conservations": (*CONSERVATIONS, decisions)})


@pour(Public.TOUS)
@require_safe
def accessibilite(request: HttpRequest) -> HttpResponse:
    return render(request, "legal/accessibilite.html", {"releve": releve()})


@pour(Public.TOUS)
@require_safe
def plan_du_site(request: HttpRequest) -> HttpResponse:
    return render(request, "legal/plan_du_site.html", {"plan": plan(request.user)})


@pour(Public.TOUS)
@require_safe
def support_technique(request: HttpRequest) -> HttpResponse:
    return render(request, "legal/support.html")


@pour(Public.TOUS)
@require_http_methods(["GET", "HEAD", "POST"])
@sans_effet
def contrat_de_prestation(request: HttpRequest) -> HttpResponse:
    """« CONTRAT DE PRESTATION » : un formulaire, qui rend le PDF à imprimer et à signer."""
    form = ContratForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        consommer(CONTRATS_PAR_ADRESSE, visiteur(request))
        return _telecharger(contrat.composer(form.cleaned_data), "contrat-de-prestation.pdf")
    return render(request, "contrat/formulaire.html", {"form": form})


@pour(Public.TOUS)
@require_safe
def contrat_vierge(request: HttpRequest) -> HttpResponse:
    return _telecharger(contrat.vierge(), "contrat-de-prestation-vierge.pdf")


def _telecharger(contenu: bytes, nom: str) -> HttpResponse:
    entetes = {"Content-Disposition": f'attachment; filename="{nom}"'}
    return HttpResponse(contenu, content_type="application/pdf", headers=entetes)
