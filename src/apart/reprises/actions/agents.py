"""Les gestes des agents sur une reprise. Qui propose n'approuve pas ; nul ne traite ce qui le concerne (T20)."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone

from apart.administrations.droits import Droit, peut
from apart.comptes.models import Utilisateur
from apart.courriels.models import Demandeur
from apart.courriels.neutralite import TexteAgent
from apart.etablissements.models import Etablissement, Habilitation, Preuve
from apart.pieces.models import Piece
from apart.reprises import rappel
from apart.reprises.actions import avis, contestations, defaire, execution
from apart.reprises.actions.demande import deposer, dire, envoyer_lien, franchir, garder_apres_decision, lieu
from apart.reprises.actions.verrous import verrouiller_parents
from apart.reprises.etats import EtatReprise
from apart.reprises.models import PieceAttendue, Reprise
from apart.socle.acces import exiger
from apart.socle.automate import GesteImpossible
from apart.socle.models import journaliser
from apart.socle.saisies import boite


def est_interesse(reprise: Reprise, agent: Utilisateur) -> bool:
    """L'agent est la personne qui demande, ou a, ou a eu, un accès à cet établissement."""
    est_lui = boite(agent.courriel) == boite(reprise.courriel)
    return est_lui or Habilitation.objects.filter(utilisateur=agent, etablissement=reprise.etablissement_id).exists()


def exiger_agent(reprise: Reprise, droit: Droit, par: Utilisateur) -> None:
    """Lève PermissionDenied si l'agent n'a pas ce droit pour ce département, ou si la demande le concerne."""
    exiger(peut(par, droit, reprise.departement), "traiter cette reprise d'accès")
    exiger(not est_interesse(reprise, par), "traiter une reprise d'accès qui vous concerne : passez-la à un collègue")


def peut_ouvrir(etablissement: Etablissement, courriel: str, *, par: Utilisateur) -> bool:
    """Cet agent pourrait écrire la demande de cette personne : il l'examinerait, et elle ne le concerne pas."""
    saisie = Reprise(etablissement=etablissement, courriel=courriel)
    return peut(par, Droit.EXAMINER_REPRISE, lieu(saisie)) and not est_interesse(saisie, par)


def en_cours_vues_par(etablissement: Etablissement, agent: Utilisateur) -> list[Reprise]:
    """Les demandes en cours de cet établissement dont il peut ouvrir le dossier, la plus ancienne d'abord."""
    visibles = Reprise.objects.visibles_par(agent).en_cours().filter(etablissement=etablissement).order_by("pk")
    return [reprise for reprise in visibles if not est_interesse(reprise, agent)]


@transaction.atomic
def ouvrir_au_telephone(saisie: Reprise, *, par: Utilisateur) -> Reprise:
    """Écrit la demande d'un appelant, en son nom, et lui envoie le lien qui prouve son adresse.

    Elle ne vaut rien de plus qu'une autre : le rappel, lui, se fait à un numéro du dossier. Lève PermissionDenied,
    comme les gestes qui suivront : l'agent n'ouvre pas ce qu'il ne pourrait pas examiner.
    """
    reprise = deposer(saisie, par=par)
    exiger_agent(reprise, Droit.EXAMINER_REPRISE, par)
    envoyer_lien(reprise, demandeur=Demandeur.AGENT)
    return reprise


@transaction.atomic
def examiner(reprise: Reprise, *, par: Utilisateur) -> None:
    """Un agent s'en saisit. Lève PermissionDenied, GesteImpossible."""
    exiger_agent(reprise, Droit.EXAMINER_REPRISE, par)
    with franchir(reprise, "examiner_reprise", par=par):
        pass


@transaction.atomic
def demander_piece(reprise: Reprise, attendue: PieceAttendue, *, par: Utilisateur) -> None:
    """Demande à la personne une pièce, par son nom ; elle la dépose depuis son lien de suivi. Lève comme examiner."""
    exiger_agent(reprise, Droit.EXAMINER_REPRISE, par)
    with franchir(reprise, "demander_piece", par=par, piece=attendue.value):
        reprise.piece_demandee, reprise.piece_relancee_le = attendue, None
    avis.repondre(reprise, "reprise_piece", piece=attendue.label, jusqu_au=reprise.piece_attendue_jusqu_au)


@transaction.atomic
def rappeler(reprise: Reprise, numero: str, *, par: Utilisateur) -> None:
    """Note que la personne a été jointe à un numéro du dossier : connu depuis plus de 30 jours, et pas par elle (T20).

    Rend l'accès possible, jamais l'argent (actions.proposer), et ne relève aucune preuve. Lève PermissionDenied,
    GesteImpossible.
    """
    exiger_agent(reprise, Droit.EXAMINER_REPRISE, par)
    exiger(not reprise.est_releve, "relever une preuve sur un rappel : il y faut une attestation")
    connus = {connu.numero for connu in rappel.numeros(reprise)}
    exiger(numero in connus, "rappeler à ce numéro : il n'est pas au dossier depuis plus de trente jours")
    with franchir(reprise, "rappeler", par=par):
        reprise.rappel_le, reprise.rappel_par, reprise.rappel_numero = timezone.now(), par, numero


@transaction.atomic
def proposer(reprise: Reprise, *, motif: str, par: Utilisateur) -> None:
    """Propose de rendre l'accès, sur une pièce reçue ou un rappel ; chacun est prévenu, un autre agent approuvera.

    motif : ce que l'agent a vérifié, relu par qui approuve. Lève PermissionDenied, GesteImpossible,
    DejaProposee.
    """
    exiger_agent(reprise, Droit.EXAMINER_REPRISE, par)
    with franchir(reprise, "proposer_reprise", par=par):
        if not (reprise.rappel_le or reprise.a_une_attestation):
            raise GesteImpossible("proposer_reprise", reprise.etat)
        execution.exiger_seule(reprise)
        reprise.proposee_par, reprise.proposee_le = par, timezone.now()
        reprise.remplace = execution.titulaire(reprise)
        dire(reprise, "proposer_reprise", motif, par=par)
    avis.prevenir(reprise)


@transaction.atomic
def retirer_proposition(reprise: Reprise, *, par: Utilisateur) -> None:
    """La proposition revient en examen. Lève comme examiner."""
    exiger_agent(reprise, Droit.EXAMINER_REPRISE, par)
    with franchir(reprise, "retirer_proposition", par=par):
        reprise.proposee_par = reprise.proposee_le = None


@transaction.atomic
def approuver(reprise: Reprise, *, par: Utilisateur) -> None:
    """Un second agent approuve, et l'accès change de main aussitôt.

    Sur une attestation, la preuve est celle du représentant (6). Sur un rappel, ou des pièces publiques, la messagerie
    (1) : cela rend l'accès et n'ouvre pas le paiement. Lève PermissionDenied si c'est l'agent qui a proposé, ou l'un
    de ceux qui ont écarté une opposition ; GesteImpossible.
    """
    exiger_agent(reprise, Droit.APPROUVER_REPRISE, par)
    verrouiller_parents(reprise)
    reprise.verrouiller()
    if reprise.etat != EtatReprise.PROPOSEE:
        raise GesteImpossible("executer_reprise", reprise.etat)
    exiger(reprise.proposee_par_id != par.pk, "approuver ce que vous avez proposé : un autre agent relit")
    exiger(not a_leve(reprise, par), "approuver après avoir écarté l'opposition : un autre agent relit")
    preuve = Preuve.REPRESENTANT if reprise.a_une_attestation else Preuve.COURRIEL
    execution.executer(reprise, preuve, par=par)


@transaction.atomic
def refuser(reprise: Reprise, *, motif: str, par: Utilisateur) -> None:
    """Refuse, avec une phrase que la personne comprendra ; elle la reçoit. Lève comme examiner."""
    exiger_agent(reprise, Droit.EXAMINER_REPRISE, par)
    with franchir(reprise, "refuser_reprise", par=par):
        reprise.motif, reprise.close_le = motif, timezone.now()
        dire(reprise, "refuser_reprise", motif, par=par)
    garder_apres_decision(reprise)
    avis.repondre(reprise, "reprise_refusee", motif=TexteAgent(motif))


def peut_lever(reprise: Reprise, agent: Utilisateur) -> bool:
    """Il peut lire cette opposition : elle n'est pas de lui, ni contre ce qu'il a proposé ou approuvé."""
    opposants = reprise.phrases.exclude(adresse="").values_list("adresse", flat=True)
    est_d_un_autre = boite(agent.courriel) not in {boite(adresse) for adresse in opposants}
    a_decide = agent.pk in (reprise.proposee_par_id, reprise.approuvee_par_id)
    return est_d_un_autre and not a_decide and not reprise.phrases.filter(geste="proposer_reprise", par=agent).exists()


def a_leve(reprise: Reprise, agent: Utilisateur) -> bool:
    """Il a proposé de lever une opposition à cette reprise, ou l'a levée : qui approuve ensuite est un troisième."""
    return reprise.phrases.filter(geste__in=("proposer_levee", "lever_opposition"), par=agent).exists()


@transaction.atomic
def proposer_levee(reprise: Reprise, *, motif: str, par: Utilisateur) -> None:
    """Un agent a lu l'opposition, et propose de la lever ; un autre la lèvera. Une opposition de plus efface cela.

    motif : ce qu'il a vérifié, relu par qui lèvera. Lève PermissionDenied si l'opposition est la sienne, ou contre ce
    qu'il a décidé ; GesteImpossible si elle n'attend personne, ou si sa levée est déjà proposée.
    """
    exiger_agent(reprise, Droit.APPROUVER_REPRISE, par)
    with franchir(reprise, "proposer_levee", par=par):
        if not reprise.a_lire or reprise.levee_proposee_par_id is not None:
            raise GesteImpossible("proposer_levee", reprise.etat)
        exiger(peut_lever(reprise, par), "lever une opposition à ce que vous avez décidé, ou la vôtre")
        reprise.levee_proposee_par, reprise.levee_proposee_le = par, timezone.now()
        dire(reprise, "proposer_levee", motif, par=par)


def _lever(reprise: Reprise, geste: str, motif: str, par: Utilisateur) -> None:
    """Sous le geste qui lève : un autre agent l'a proposé, et celui-ci n'a rien décidé avant."""
    if not reprise.a_lire or reprise.levee_proposee_par_id is None:
        raise GesteImpossible(geste, reprise.etat)
    exiger(peut_lever(reprise, par), "lever une opposition à ce que vous avez décidé, ou la vôtre")
    exiger(reprise.levee_proposee_par_id != par.pk, "lever ce que vous avez proposé de lever : un autre agent relit")
    reprise.levee_le, reprise.levee_par = timezone.now(), par
    dire(reprise, geste, motif, par=par)


@transaction.atomic
def lever_opposition(reprise: Reprise, *, motif: str, par: Utilisateur) -> None:
    """Un second agent lève l'opposition : la demande revient en examen, et rien ne s'y fera plus au bout d'un délai.

    La personne et qui s'est opposé le lisent (T18). Lève PermissionDenied, comme proposer_levee et si c'est lui qui
    l'a proposé ; GesteImpossible sans proposition.
    """
    exiger_agent(reprise, Droit.APPROUVER_REPRISE, par)
    with franchir(reprise, "lever_opposition", par=par):
        _lever(reprise, "lever_opposition", motif, par)
    avis.repondre(reprise, "reprise_reprend")
    avis.dire_aux_opposants(reprise)


@transaction.atomic
def lever_contestation(reprise: Reprise, *, motif: str, par: Utilisateur) -> None:
    """Un second agent maintient une reprise faite malgré l'opposition : le versement se rouvre.

    Lève comme lever_opposition.
    """
    exiger_agent(reprise, Droit.APPROUVER_REPRISE, par)
    with franchir(reprise, "lever_contestation", par=par):
        _lever(reprise, "lever_contestation", motif, par)
    contestations.accorder(reprise.etablissement, par=par)


@transaction.atomic
def proposer_annulation(reprise: Reprise, *, motif: str, par: Utilisateur) -> None:
    """Propose de défaire une reprise faite, pendant 30 jours ; un autre agent le fera. Lève comme examiner."""
    exiger_agent(reprise, Droit.APPROUVER_REPRISE, par)
    with franchir(reprise, "proposer_annulation", par=par):
        _exiger_delai(reprise, "proposer_annulation")
        if reprise.annulation_par_id is not None:
            raise GesteImpossible("proposer_annulation", reprise.etat)
        reprise.annulation_par, reprise.annulation_le = par, timezone.now()
        dire(reprise, "proposer_annulation", motif, par=par)


@transaction.atomic
def refuser_annulation(reprise: Reprise, *, motif: str, par: Utilisateur) -> None:
    """Un autre agent ne la défait pas : la proposition tombe, et une autre se referait. Lève comme annuler."""
    exiger_agent(reprise, Droit.APPROUVER_REPRISE, par)
    with franchir(reprise, "refuser_annulation", par=par):
        if reprise.annulation_par_id is None:
            raise GesteImpossible("refuser_annulation", reprise.etat)
        exiger(reprise.annulation_par_id != par.pk, "répondre à ce que vous avez proposé : un autre agent relit")
        reprise.annulation_par = reprise.annulation_le = None
        dire(reprise, "refuser_annulation", motif, par=par)


@transaction.atomic
def annuler(reprise: Reprise, *, par: Utilisateur) -> None:
    """Défait une reprise : l'ancien titulaire retrouve son accès tel qu'il était, le nouveau le perd.

    Lève PermissionDenied si c'est l'agent qui l'a proposé, GesteImpossible après 30 jours ou sans proposition.
    """
    exiger_agent(reprise, Droit.APPROUVER_REPRISE, par)
    verrouiller_parents(reprise)
    with franchir(reprise, "annuler_reprise", par=par):
        _exiger_delai(reprise, "annuler_reprise")
        if reprise.annulation_par_id is None:
            raise GesteImpossible("annuler_reprise", reprise.etat)
        exiger(reprise.annulation_par_id != par.pk, "défaire ce que vous avez proposé de défaire")
        reprise.annulee_par, reprise.close_le = par, timezone.now()
        defaire.rendre(reprise, par=par)
    defaire.rendre_son_delai(reprise)
    defaire.rendre_l_entree(reprise)
    contestations.accorder(reprise.etablissement, par=par)
    avis.prevenir(reprise)
    garde = (
        reprise.etablissement.habilitations.actives().filter(utilisateur__in=reprise.comptes_de_qui_demande()).exists()
    )
    avis.repondre(reprise, "reprise_annulee", garde_un_acces=garde)


@transaction.atomic
def consulter(reprise: Reprise, *, par: Utilisateur, piece: Piece | None = None) -> None:
    """Laisse la trace qu'un agent a ouvert ce dossier, ou l'une de ses pièces (T21). Lève PermissionDenied."""
    exiger_agent(reprise, Droit.EXAMINER_REPRISE, par)
    details = {"piece": piece.pk} if piece else {}
    journaliser("consulter_reprise", sujet=reprise.sujet, par=par, reprise=reprise.pk, **details)


def _exiger_delai(reprise: Reprise, geste: str) -> None:
    if not reprise.peut_se_defaire:
        raise GesteImpossible(geste, reprise.etat)
