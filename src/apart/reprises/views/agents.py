"""Le bureau des reprises d'accès : la file, un dossier, et les gestes qui engagent."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from apart.administrations.droits import Droit, peut, reservee
from apart.comptes.models import Utilisateur
from apart.comptes.requete import RequeteConnectee
from apart.etablissements.actions.espace import OuvertureRefusee
from apart.pieces.telechargement import servir
from apart.reprises import rappel
from apart.reprises.actions import agents, execution
from apart.reprises.file import A_TRAITER, VUES, ligne
from apart.reprises.forms.agents import AuTelephone, Motive, PieceVoulue, Rappel
from apart.reprises.frise import Phrase, frise, histoire
from apart.reprises.models import Lettre, PieceAttendue, Reprise
from apart.reprises.models.lettre import LettreQuerySet
from apart.socle.automate import GesteImpossible
from apart.socle.formulaires import Formulaire
from apart.socle.models import EntreeJournal, EntreeJournalQuerySet

FAITS_MONTRES = 50
CHAMPS = ("nom", "prenom", "fonction", "telephone", "courriel", "raison", "explication")
CHANGE = "Cette reprise a avancé entre-temps. Voici où elle en est."
UNE_A_LA_FOIS = "Une autre reprise est déjà proposée à cet établissement : une à la fois."


@reservee(Droit.EXAMINER_REPRISE)
@require_safe
def file(request: RequeteConnectee) -> HttpResponse:
    """Ce qui attend un agent, la plus ancienne promesse en tête ; le reste, et ce qui est fini, à part."""
    vue = VUES.get(request.GET.get("vue", ""), A_TRAITER)
    page = vue.page(Reprise.objects.visibles_par(request.user), request.GET.get("page", ""))
    contexte = {"page": page, "lignes": [ligne(reprise, vue) for reprise in page.lignes], "vue": vue, "vues": VUES}
    return render(request, "reprises/file.html", contexte)


@reservee(Droit.EXAMINER_REPRISE)
@require_safe
def dossier(request: RequeteConnectee, pk: int) -> HttpResponse:
    reprise = _trouver(request, pk)
    agents.consulter(reprise, par=request.user)
    return _page(request, reprise)


@reservee(Droit.EXAMINER_REPRISE)
@require_safe
def piece(request: RequeteConnectee, pk: int, piece: int) -> HttpResponse:
    """Une pièce de ce dossier, à enregistrer : jamais celle d'un autre (T25)."""
    reprise = _trouver(request, pk)
    jointe = get_object_or_404(reprise.pieces.all(), pk=piece)
    agents.consulter(reprise, par=request.user, piece=jointe)
    return servir(jointe)


def _trouver(request: RequeteConnectee, pk: int) -> Reprise:
    visibles = Reprise.objects.visibles_par(request.user).select_related("etablissement", "remplace__utilisateur")
    reprise = get_object_or_404(visibles, pk=pk)
    if agents.est_interesse(reprise, request.user):
        raise Http404  # ni ses pièces, ni ce qu'en disent ses collègues (T20)
    return reprise


def _page(
    request: RequeteConnectee, reprise: Reprise, statut: int = 200, *, geste: str = "", **formulaires: Formulaire
) -> HttpResponse:
    numeros = rappel.numeros(reprise)
    membres = reprise.etablissement.habilitations.actives().select_related("utilisateur").order_by("-role", "du")
    contexte: dict[str, Any] = {
        "reprise": reprise,
        "frise": frise(reprise),
        "membres": membres,
        "titulaire": reprise.remplace or (None if reprise.executee_le else execution.titulaire(reprise)),
        "numeros": numeros,
        "recues": reprise.recues.select_related("piece"),
        "lettres": _lettres(request, reprise),
        "histoire": histoire(_journal(reprise)),
        "gestes": _gestes(request, reprise),
        "a_leve": agents.a_leve(reprise, request.user),
        "attendus": Reprise.objects.attendent_l_entree(reprise.etablissement),
        "phrases": [Phrase.lue(phrase, reprise) for phrase in reprise.phrases.select_related("par")],
        "piece": PieceVoulue(),
        "rappel": Rappel(numeros=numeros),
        "motif": Motive(),
        "envoye": geste,
        "refuse": formulaires.get(_nom(geste)),
        **formulaires,
    }
    return render(request, "reprises/dossier.html", contexte, status=statut)


def _lettres(request: RequeteConnectee, reprise: Reprise) -> LettreQuerySet:
    """Celles qui sont en route vers cet établissement, pour toutes les reprises : l'agent en annule une de trop."""
    en_route = Lettre.objects.visibles_par(request.user).vivantes().filter(etablissement=reprise.etablissement_id)
    return en_route.de_la_sorte(est_reprise=True).select_related("reprise").order_by("pk")


def _journal(reprise: Reprise) -> EntreeJournalQuerySet:
    siennes = EntreeJournal.objects.du_sujet(reprise.sujet).filter(details__reprise=reprise.pk)
    return siennes.select_related("par")[:FAITS_MONTRES]


def _gestes(request: RequeteConnectee, reprise: Reprise) -> set[str]:
    """Ce que cet agent peut faire maintenant : les autres boutons ne sont pas montrés (T20, T21)."""
    agent = request.user
    if agents.est_interesse(reprise, agent):
        return set()
    examine = peut(agent, Droit.EXAMINER_REPRISE, reprise.departement)
    permis = {nom for nom, (transition, _) in GESTES.items() if examine and reprise.peut(transition)}
    permis -= HORS_D_UNE_RELEVE if reprise.est_releve else set()
    if not (reprise.rappel_le or reprise.a_une_attestation):
        permis.discard("proposer")
    if reprise.proposee_par_id == agent.pk or not peut(agent, Droit.APPROUVER_REPRISE, reprise.departement):
        permis.discard("approuver")
    if reprise.etat != "proposee" or agents.a_leve(reprise, agent):
        permis.discard("approuver")
    if reprise.annulation_par_id in (None, agent.pk):
        permis -= {"annuler", "refuser-annulation"}
    if reprise.annulation_par_id is not None:
        permis.discard("proposer-annulation")
    if not reprise.peut_se_defaire:
        permis -= {"proposer-annulation", "annuler", "refuser-annulation"}
    return permis - _levees_refusees(reprise, agent)


def _levees_refusees(reprise: Reprise, agent: Utilisateur) -> set[str]:
    """Ce qui touche à l'opposition et n'est pas à lui : l'un propose de la lever, un autre la lève."""
    a_droit = peut(agent, Droit.APPROUVER_REPRISE, reprise.departement)
    if not a_droit or not reprise.a_lire or not agents.peut_lever(reprise, agent):
        return LEVEES
    if reprise.levee_proposee_par_id is None:
        return LEVEES - {"proposer-levee"}
    return LEVEES if reprise.levee_proposee_par_id == agent.pk else {"proposer-levee"}


@reservee(Droit.EXAMINER_REPRISE)
@require_POST
def agir(request: RequeteConnectee, pk: int, geste: str) -> HttpResponse:
    """Un geste : le formulaire qu'il demande, l'action, ce qui a été fait."""
    reprise = _trouver(request, pk)
    form = _formulaire(request, reprise, geste)
    if form is not None and not form.is_valid():
        return _page(request, reprise, 400, geste=geste, **{_nom(geste): form})
    try:
        GESTES[geste][1](request, reprise, form.cleaned_data if form else {})
    except GesteImpossible:
        messages.warning(request, CHANGE)
    except execution.DejaProposee:
        messages.warning(request, UNE_A_LA_FOIS)
    except OuvertureRefusee as refus:
        messages.error(request, f"La personne ne peut pas recevoir cet établissement : {refus}")
    except PermissionDenied as refus:
        messages.error(request, str(refus))
    else:
        messages.success(request, FAIT_D_UNE_RELEVE.get(geste, FAIT[geste]) if reprise.est_releve else FAIT[geste])
    return redirect("reprises-dossier", pk)


def _formulaire(request: RequeteConnectee, reprise: Reprise, geste: str) -> Formulaire | None:
    if geste == "demander-piece":
        return PieceVoulue(request.POST)
    if geste == "rappeler":
        return Rappel(request.POST, numeros=rappel.numeros(reprise))
    return Motive(request.POST, auto_id=f"%s-{geste}") if geste in MOTIVES else None


def _nom(geste: str) -> str:
    return {"demander-piece": "piece", "rappeler": "rappel"}.get(geste, "motif")


Faire = Callable[[RequeteConnectee, Reprise, dict[str, Any]], None]
# Le geste de l'adresse : la transition qui le permet, et l'action.
GESTES: dict[str, tuple[str, Faire]] = {
    "examiner": ("examiner_reprise", lambda q, r, lu: agents.examiner(r, par=q.user)),
    "demander-piece": (
        "demander_piece",
        lambda q, r, lu: agents.demander_piece(r, PieceAttendue(lu["piece"]), par=q.user),
    ),
    "rappeler": ("rappeler", lambda q, r, lu: agents.rappeler(r, lu["numero"], par=q.user)),
    "proposer": ("proposer_reprise", lambda q, r, lu: agents.proposer(r, motif=lu["motif"], par=q.user)),
    "retirer": ("retirer_proposition", lambda q, r, lu: agents.retirer_proposition(r, par=q.user)),
    "approuver": ("executer_reprise", lambda q, r, lu: agents.approuver(r, par=q.user)),
    "refuser": ("refuser_reprise", lambda q, r, lu: agents.refuser(r, motif=lu["motif"], par=q.user)),
    "proposer-levee": (
        "proposer_levee",
        lambda q, r, lu: agents.proposer_levee(r, motif=lu["motif"], par=q.user),
    ),
    "lever-opposition": (
        "lever_opposition",
        lambda q, r, lu: agents.lever_opposition(r, motif=lu["motif"], par=q.user),
    ),
    "lever-contestation": (
        "lever_contestation",
        lambda q, r, lu: agents.lever_contestation(r, motif=lu["motif"], par=q.user),
    ),
    "proposer-annulation": (
        "proposer_annulation",
        lambda q, r, lu: agents.proposer_annulation(r, motif=lu["motif"], par=q.user),
    ),
    "refuser-annulation": (
        "refuser_annulation",
        lambda q, r, lu: agents.refuser_annulation(r, motif=lu["motif"], par=q.user),
    ),
    "annuler": ("annuler_reprise", lambda q, r, lu: agents.annuler(r, par=q.user)),
}
LEVEES = {"proposer-levee", "lever-opposition", "lever-contestation"}
MOTIVES = {
    "proposer",
    "refuser",
    "proposer-levee",
    "lever-opposition",
    "lever-contestation",
    "proposer-annulation",
    "refuser-annulation",
}
FAIT = {
    "examiner": "Cette reprise est à vous.",
    "demander-piece": "La demande de pièce est partie.",
    "rappeler": "Le rappel est noté.",
    "proposer": "Proposée : un autre agent relit. L'établissement et ses membres sont prévenus.",
    "retirer": "La proposition est retirée.",
    "approuver": "L'accès a changé de main. Chacun est prévenu.",
    "refuser": "Refusée : la personne reçoit votre phrase.",
    "proposer-levee": "Proposé : un autre agent lit l'opposition et la lève.",
    "lever-opposition": "L'opposition est levée : la demande revient en examen.",
    "lever-contestation": "L'opposition est levée : le versement se rouvre.",
    "proposer-annulation": "Un autre agent peut maintenant défaire cette reprise.",
    "refuser-annulation": "Elle ne se défait pas : la proposition est écartée.",
    "annuler": "La reprise est défaite : l'ancien accès est rendu.",
}
HORS_D_UNE_RELEVE = {"rappeler"}
FAIT_D_UNE_RELEVE = {
    "examiner": "Cette demande est à vous.",
    "approuver": "La preuve est relevée. Chacun est prévenu.",
    "proposer-annulation": "Un autre agent peut maintenant défaire cette preuve.",
    "annuler": "La preuve est défaite : l'habilitation repose de nouveau sur celle d'avant.",
}


@reservee(Droit.EXAMINER_REPRISE)
@require_http_methods(["GET", "HEAD", "POST"])
def ouvrir(request: RequeteConnectee) -> HttpResponse:
    """Au téléphone : écrire la demande d'un appelant, en son nom."""
    form = AuTelephone(request.POST or None, initial={"siret": request.GET.get("siret", "")})
    if not form.is_valid():
        return render(request, "reprises/ouvrir.html", {"form": form}, status=400 if form.errors else 200)
    saisie = Reprise(etablissement=form.etablissement, **{nom: form.cleaned_data[nom] for nom in CHAMPS})
    try:
        agents.ouvrir_au_telephone(saisie, par=request.user)
    except PermissionDenied as refus:
        messages.error(request, str(refus))
        return redirect("reprises-ouvrir")
    messages.success(
        request,
        f"Un lien part vers {saisie.courriel}. La demande {saisie.numero} paraît ici dès qu'il l'a confirmée.",
    )
    return redirect("reprises-file")
