"""Répondre à une preuve : le code d'un établissement, l'opposition, l'accord d'un membre, défaire."""

from __future__ import annotations

from collections.abc import Callable

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST

from apart.comptes import jetons
from apart.comptes.models import Jeton, Usage, Utilisateur
from apart.comptes.requete import RequeteConnectee
from apart.comptes.retenue import AdresseRetenue
from apart.comptes.views.jeton import Parcours
from apart.etablissements.actions import relever
from apart.etablissements.actions.relever import PreuveRefusee
from apart.etablissements.etats import EtatPreuve
from apart.etablissements.models import DemandePreuve
from apart.socle.acces import Public, pour
from apart.socle.automate import GesteImpossible
from apart.socle.typographie import de

TROP_TARD = "Cette preuve ne peut plus être posée : la personne n'est plus habilitée, ou quelqu'un a déjà répondu."
SUITES = {
    EtatPreuve.POSEE: "La preuve est posée : vous n'avez plus rien à faire.",
    EtatPreuve.OPPOSEE: "Quelqu'un s'y est opposé : cette preuve ne sera pas posée.",
    EtatPreuve.ABANDONNEE: "Cette demande est restée sans suite : rien n'a été posé.",
    EtatPreuve.DEFAITE: "Cette preuve a été défaite depuis.",
}
CODE_PERIME = "Connectez-vous : la page « Donner une preuve » de l'établissement envoie un nouveau code."
TROP_TARD_POUR_S_OPPOSER = (
    "Les 72 heures pour s'opposer sont passées, ou ce lien n'est plus le vôtre : vous n'êtes plus habilité, ou "
    "l'adresse de l'établissement a changé."
)


def _prouver(request: HttpRequest, secret: str, etape: str) -> HttpResponse:
    """Le lien reçu par l'établissement ne sert qu'à la personne qui l'a demandé, connectée."""
    demande = relever.demande_du_jeton(jetons.lire(Usage.PREUVE, secret))
    if not isinstance(request.user, Utilisateur) or request.user.pk != demande.habilitation.utilisateur_id:
        return render(request, "etablissements/preuve_lien.html", {"etablissement": demande}, status=403)
    siret = demande.habilitation.etablissement.siret
    try:
        relever.prouver(secret, par=request.user)
    except (GesteImpossible, PreuveRefusee):
        messages.warning(request, TROP_TARD)
    else:
        messages.success(request, "Votre preuve est relevée. Les autres personnes habilitées en sont prévenues.")
    return redirect("donner-preuve", siret)


def _opposer(request: HttpRequest, secret: str, etape: str) -> HttpResponse:
    return render(request, "etablissements/opposition_faite.html", {"demande": relever.opposer(secret)})


def _demande(jeton: Jeton) -> DemandePreuve:
    return relever.demande_du_jeton(jeton)


def _suite(usage: Usage, en_attente: str) -> Callable[[str], str]:
    def dire(secret: str) -> str:
        demande = DemandePreuve.objects.filter(jetons__in=Jeton.objects.du_secret(secret, usage)).first()
        return SUITES.get(EtatPreuve(demande.etat), en_attente) if demande else ""

    return dire


CODE = Parcours(
    Usage.PREUVE,
    _prouver,
    recommencer="mon-espace",
    gabarit_lien="etablissements/preuve_lien.html",
    etablissement=_demande,
    deja_fait=_suite(Usage.PREUVE, CODE_PERIME),
)
OPPOSITION = Parcours(
    Usage.OPPOSITION,
    _opposer,
    recommencer="accueil",
    gabarit_lien="etablissements/opposition_lien.html",
    etablissement=_demande,
    deja_fait=_suite(Usage.OPPOSITION, TROP_TARD_POUR_S_OPPOSER),
)


@pour(Public.CONNECTE)
@require_POST
def preuve_approuver(request: RequeteConnectee, siret: str, demande: int) -> HttpResponse:
    choisie = _adressee(request, siret, demande)
    try:
        relever.approuver(choisie, par=request.user)
    except (GesteImpossible, PreuveRefusee):
        messages.warning(request, TROP_TARD)
    except AdresseRetenue as refus:
        messages.warning(request, str(refus))
    else:
        messages.success(
            request, f"Votre accord est donné : la preuve {de(str(choisie.habilitation.utilisateur))} est relevée."
        )
    return redirect("etablissement", siret)


@pour(Public.CONNECTE)
@require_POST
def preuve_refuser(request: RequeteConnectee, siret: str, demande: int) -> HttpResponse:
    choisie = _adressee(request, siret, demande)
    try:
        relever.refuser(choisie, par=request.user)
    except GesteImpossible:
        messages.warning(request, TROP_TARD)
    else:
        messages.success(request, "Votre refus est noté : la personne en est prévenue.")
    return redirect("etablissement", siret)


@pour(Public.CONNECTE)
@require_POST
def preuve_defaire(request: RequeteConnectee, siret: str, demande: int) -> HttpResponse:
    siennes = DemandePreuve.objects.sous_la_main_de(request.user).filter(habilitation__etablissement__siret=siret)
    choisie = get_object_or_404(siennes, pk=demande)
    try:
        relever.defaire(choisie, par=request.user)
    except GesteImpossible:
        messages.warning(request, "Cette preuve est déjà défaite, ou la personne n'est plus habilitée.")
    except PreuveRefusee as refus:
        messages.warning(request, str(refus))
    else:
        messages.success(
            request, f"La preuve {de(str(choisie.habilitation.utilisateur))} est défaite : chacun en est prévenu."
        )
    return redirect("etablissement", siret)


def _adressee(request: RequeteConnectee, siret: str, demande: int) -> DemandePreuve:
    """Répondue ou non : depuis une page ancienne, la réponse est « déjà fait », pas « introuvable »."""
    adressees = DemandePreuve.objects.adressees_a(request.user).filter(habilitation__etablissement__siret=siret)
    return get_object_or_404(adressees.select_related("habilitation__utilisateur"), pk=demande)
