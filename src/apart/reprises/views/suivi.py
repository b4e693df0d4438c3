"""Le suivi d'une reprise : où elle en est, ce que l'on attend de la personne, et ses preuves, au choix."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from apart.comptes.jetons import JetonRefuse
from apart.comptes.retenue import AdresseRetenue
from apart.etablissements.actions.espace import OuvertureRefusee
from apart.etablissements.parcours import Etape
from apart.pieces.formats import PieceRefusee
from apart.pieces.reception import avec_pieces
from apart.reprises.actions import demande, lettres, preuves
from apart.reprises.actions.execution import DefaiteDepuisPeu, DejaProposee
from apart.reprises.actions.pieces import TropDePieces, joindre
from apart.reprises.attendues import attendues, manquantes
from apart.reprises.etats import EtatLettre, EtatReprise
from apart.reprises.facons import facons
from apart.reprises.file import promesse
from apart.reprises.forms.demande import CodeEtablissement, PiecesJointes
from apart.reprises.forms.lettres import CodeDeLettre
from apart.reprises.frise import frise
from apart.reprises.lettres import CodeRefuse, LettreRefusee
from apart.reprises.models import Reprise
from apart.reprises.models.reprise import DUREE_ENTREE
from apart.reprises.views.retrouver import lien_mort
from apart.socle.acces import Public, pour
from apart.socle.automate import GesteImpossible
from apart.socle.limites import Limite, consommer
from apart.socle.saisies import courriel_masque

DEJA = "Votre demande a avancé entre-temps. Voici où elle en est."
UNE_A_LA_FOIS = (
    "Une autre reprise d'accès de cet établissement est déjà dans son délai d'opposition. Votre demande est gardée : "
    "revenez quand ce délai sera passé."
)
RETENU = "Rien n'est parti : cette adresse vient de recevoir plusieurs messages. Attendez un quart d'heure."
LETTRE = "lettre"  # devant le nom du champ : deux codes peuvent se taper sur la même page
GESTES_PAR_REPRISE = Limite("gestes-reprise", 60, timedelta(hours=1))


@pour(Public.TOUS)
@require_safe
def suivi(request: HttpRequest, secret: str) -> HttpResponse:
    reprise = demande.suivie(secret)
    return lien_mort(request) if reprise is None else _page(request, reprise, secret)


def _page(
    request: HttpRequest,
    reprise: Reprise,
    secret: str,
    form: CodeEtablissement | None = None,
    statut: int = 200,
    pieces: PiecesJointes | None = None,
    lettre: CodeDeLettre | None = None,
) -> HttpResponse:
    code, envoyee = preuves.code_en_attente(reprise), reprise.lettres.order_by("-ecrite_le", "-pk").first()
    a_taper = code or (envoyee and envoyee.etat == EtatLettre.IMPRIMEE and not envoyee.est_echue)
    contexte = {
        "reprise": reprise,
        "secret": secret,
        "frise": frise(reprise),
        "facons": facons(reprise),
        "retenue": reprise.retenue_jusqu_au,
        "vient_d_etre_defaite": reprise.vient_d_etre_defaite,
        "form": form or CodeEtablissement(),
        "pieces": pieces,
        "attendues": attendues(reprise, pieces or PiecesJointes()),
        "code_envoye": code,
        "adresse": courriel_masque(reprise.etablissement.courriel),
        "lettre": envoyee,
        "sans_autre_lettre": lettres.pourquoi_pas(reprise),
        "code_de_lettre": lettre or CodeDeLettre(prefix=LETTRE),
        "refaire": reverse("reprise", args=[Etape(reprise.etablissement.siret).sceller()]),
        "entree_jusqu_au": reprise.executee_le + DUREE_ENTREE if reprise.executee_le else None,
        "promise_le": promesse(reprise),
        "maintenant": timezone.now(),
        "attend_un_code": reprise.peut("executer_reprise"),
        # Un seul bouton principal : le code à taper, ou la première preuve ; aucun si rien n'est attendu.
        "doit_prouver": reprise.etat in {EtatReprise.CONFIRMEE, EtatReprise.PIECE_DEMANDEE} and not a_taper,
    }
    return render(request, "reprises/suivi.html", contexte, status=statut)


def _geste(request: HttpRequest, secret: str, faire: Callable[[Reprise], str]) -> HttpResponse:
    """Fait ce que la personne a choisi ; rend la page de suivi avec ce qui a été fait, ou pourquoi non."""
    reprise = demande.suivie(secret)
    if reprise is None:
        return lien_mort(request)
    consommer(GESTES_PAR_REPRISE, str(reprise.pk))
    try:
        fait = faire(reprise)
    except GesteImpossible:
        messages.warning(request, DEJA)
    except DejaProposee:
        messages.warning(request, UNE_A_LA_FOIS)
    except (LettreRefusee, CodeRefuse) as refus:
        messages.warning(request, refus.phrase)
    except (OuvertureRefusee, AdresseRetenue, DefaiteDepuisPeu) as refus:
        messages.error(request, str(refus))
    except PermissionDenied:
        messages.warning(request, "Cette preuve ne convient plus à cet établissement. Choisissez-en une autre.")
    else:
        messages.info(request, fait)
    return redirect("reprise-suivi", secret)


@pour(Public.TOUS)
@require_POST
def par_domaine(request: HttpRequest, secret: str) -> HttpResponse:
    def faire(reprise: Reprise) -> str:
        preuves.invoquer_le_domaine(reprise)
        return "Les personnes concernées sont prévenues. Sans opposition dans les 72 heures, l'accès est à vous."

    return _geste(request, secret, faire)


@pour(Public.TOUS)
@require_POST
def par_adresse(request: HttpRequest, secret: str) -> HttpResponse:
    def faire(reprise: Reprise) -> str:
        vers = courriel_masque(reprise.etablissement.courriel)
        return f"Un code part vers {vers} : tapez-le ci-dessous." if preuves.envoyer_code(reprise) else RETENU

    return _geste(request, secret, faire)


@pour(Public.TOUS)
@require_POST
def code(request: HttpRequest, secret: str) -> HttpResponse:
    reprise = demande.suivie(secret)
    if reprise is None:
        return lien_mort(request)
    form = CodeEtablissement(request.POST)
    if not form.is_valid():
        return _page(request, reprise, secret, form, 400)

    def faire(reprise: Reprise) -> str:
        preuves.employer_code(reprise, form.cleaned_data["code"])
        return FAITE if reprise.etat == EtatReprise.EXECUTEE else JUSTE

    try:
        return _geste(request, secret, faire)
    except JetonRefuse as refus:
        form.add_error("code", refus.phrase)
        return _page(request, reprise, secret, form, 400)


FAITE = "L'accès est à vous. Un message vous dit comment entrer."
JUSTE = (
    "Ce code est juste. Quelqu'un, ici, a mieux prouvé que la personne qui a donné cette adresse : sans opposition "
    "dans les 72 heures, l'accès est à vous."
)


@pour(Public.TOUS)
@require_POST
def par_lettre(request: HttpRequest, secret: str) -> HttpResponse:
    def faire(reprise: Reprise) -> str:
        preuves.demander_lettre(reprise)
        return "La lettre est écrite : elle part au prochain envoi. Un message vous dit où taper son code."

    return _geste(request, secret, faire)


@pour(Public.TOUS)
@require_POST
def code_de_lettre(request: HttpRequest, secret: str) -> HttpResponse:
    """Un code faux redirige : rechargé, il ne coûte rien de plus."""
    reprise = demande.suivie(secret)
    if reprise is None:
        return lien_mort(request)
    form = CodeDeLettre(request.POST, prefix=LETTRE)
    if not form.is_valid():
        return _page(request, reprise, secret, lettre=form, statut=400)

    def faire(reprise: Reprise) -> str:
        preuves.employer_lettre(reprise, form.cleaned_data["code"])
        return FAITE

    return _geste(request, secret, faire)


@pour(Public.TOUS)
@require_POST
def par_collegue(request: HttpRequest, secret: str) -> HttpResponse:
    def faire(reprise: Reprise) -> str:
        return ACCORD_DEMANDE if preuves.demander_accord(reprise) else RETENU

    return _geste(request, secret, faire)


ACCORD_DEMANDE = "Votre demande est partie aux personnes qui ont un accès. La réponse viendra par courriel."


@pour(Public.TOUS)
@avec_pieces
@require_POST
def piece(request: HttpRequest, secret: str) -> HttpResponse:
    """Envoyer une attestation, ou la pièce qu'un agent a demandée, chacune sous son nom."""
    reprise = demande.suivie(secret)
    if reprise is None:
        return lien_mort(request)
    form = PiecesJointes(request.POST, request.FILES)
    if not form.is_valid():
        return _page(request, reprise, secret, pieces=form, statut=400)

    def faire(reprise: Reprise) -> str:
        joindre(reprise, form.recues)
        if manquent := manquantes(reprise):
            return f"C'est reçu. Il manque encore : {' ; '.join(attendue.label for attendue in manquent)}."
        return "Vos pièces sont reçues. Deux agents les relisent, et la réponse vous arrive par courriel."

    try:
        return _geste(request, secret, faire)
    except TropDePieces:
        form.add_error(None, "Vous avez déjà envoyé vingt pièces : un agent les lit d'abord.")
    except PieceRefusee as refus:
        form.add_error(None, str(refus))
    return _page(request, reprise, secret, pieces=form, statut=400)


@pour(Public.TOUS)
@require_POST
def abandonner(request: HttpRequest, secret: str) -> HttpResponse:
    def faire(reprise: Reprise) -> str:
        demande.abandonner(reprise)
        return "Votre demande est abandonnée. Vous pourrez en faire une autre."

    return _geste(request, secret, faire)
