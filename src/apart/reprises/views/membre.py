"""Un collègue répond, dans son espace, d'une personne qui reprend l'accès de quelqu'un d'autre."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST, require_safe

from apart.comptes.requete import RequeteConnectee
from apart.comptes.retenue import AdresseRetenue
from apart.etablissements.actions.espace import OuvertureRefusee
from apart.etablissements.models import Etablissement
from apart.reprises.accords import accord_peut_aboutir, adressees_a
from apart.reprises.actions import preuves
from apart.reprises.actions.execution import DejaProposee, titulaire
from apart.reprises.etats import EtatReprise
from apart.reprises.models import Reprise
from apart.socle.acces import Public, pour
from apart.socle.automate import GesteImpossible

DEJA = "Cette demande a déjà reçu une réponse, ou un agent s'en occupe."

AUX_AGENTS = "Votre accord ne suffit plus à cette demande : des agents s'en occupent."


@pour(Public.CONNECTE)
@require_safe
def accords(request: RequeteConnectee, siret: str) -> HttpResponse:
    etablissement = get_object_or_404(Etablissement.objects.visibles_par(request.user), siret=siret)
    adressees = adressees_a(request.user, ici=etablissement)
    contexte = {
        "etablissement": etablissement,
        "reprises": [
            {"reprise": r, "ancien": titulaire(r), "peut_aboutir": accord_peut_aboutir(r, request.user)}
            for r in adressees
        ],
    }
    return render(request, "reprises/accords.html", contexte)


@pour(Public.CONNECTE)
@require_POST
def repondre(request: RequeteConnectee, siret: str, pk: int, geste: str) -> HttpResponse:
    """« Donner mon accord » ou « Je ne réponds pas de cette personne »."""
    visibles = Etablissement.objects.visibles_par(request.user)
    reprise = get_object_or_404(Reprise.objects.exclude(etat=EtatReprise.DEPOSEE), pk=pk, etablissement__in=visibles)
    actions = {"accorder": preuves.donner_accord, "refuser": preuves.refuser_accord}
    try:
        actions[geste](reprise, par=request.user)
    except (GesteImpossible, DejaProposee):
        messages.warning(request, DEJA)
    except OuvertureRefusee as refus:
        messages.error(request, f"Cette personne ne peut pas recevoir cet établissement : {refus}")
    except AdresseRetenue as refus:
        messages.warning(request, str(refus))
    except PermissionDenied as refus:
        if reprise.est_ouverte and not preuves.collegues(reprise).filter(utilisateur=request.user).exists():
            raise Http404 from refus
        messages.warning(request, AUX_AGENTS if reprise.est_ouverte else DEJA)
    else:
        messages.success(request, _fait(reprise))
    return redirect("reprise-accords", siret)


def _fait(reprise: Reprise) -> str:
    if reprise.etat == EtatReprise.EXECUTEE:
        return f"{reprise.prenom} {reprise.nom} a maintenant l'accès. Chacun en est prévenu."
    if reprise.etat == EtatReprise.OPPOSABLE:
        return "Votre accord est noté. Sans opposition dans les 72 heures, l'accès changera de main."
    return "Votre réponse est notée : les agents la lisent. La personne peut donner une autre preuve que votre accord."
