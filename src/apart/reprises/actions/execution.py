"""Faire passer l'accès d'une personne à l'autre, s'y opposer, le défaire."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone

from apart.comptes.actions import jetons, secours, sessions
from apart.comptes.actions.recuperation import lien_public
from apart.comptes.jetons import Demande, JetonRefuse
from apart.comptes.jetons import Raison as Refus
from apart.comptes.models import Jeton, Usage, Utilisateur
from apart.comptes.models.personne import UtilisateurQuerySet
from apart.comptes.retenue import AdresseRetenue
from apart.courriels.actions import admettre, mettre_en_file
from apart.courriels.models import Demandeur, ObjetDemande
from apart.etablissements.actions import mouvements, personnes, preuves
from apart.etablissements.actions.espace import (
    Ouverture,
    annoncer_habilitation,
    annoncer_identifiant,
    creer_personne,
    exiger_place,
)
from apart.etablissements.models import Habilitation, MotifRetrait, Preuve, Role
from apart.etablissements.preuves import peser
from apart.reprises.actions import avis, contestations
from apart.reprises.actions.demande import (
    dire,
    franchir,
    garder_apres_decision,
    reprise_du_jeton,
    verrouiller_etablissement,
)
from apart.reprises.etats import EN_COURS, PROPOSEES, EtatReprise
from apart.reprises.models import Reprise
from apart.reprises.models.reprise import DELAI_OPPOSITION, DUREE_ENTREE
from apart.socle.acces import exiger
from apart.socle.automate import GesteImpossible
from apart.socle.models import journaliser

RETENUE = "L'adresse de cette demande vient de reprendre un autre accès : elle ne peut pas en reprendre un second"

DEFAITE_DEPUIS_PEU = (
    "Deux agents viennent de défaire la reprise de cette personne : pendant trente jours, aucune preuve ne rend cet "
    "accès aussitôt. Reste une attestation de l'employeur, que deux agents liront."
)


class DefaiteDepuisPeu(PermissionDenied):
    """Une reprise de la même boîte vient d'être défaite ; le message dit ce qui reste."""


class DejaProposee(Exception):
    """Une autre reprise est déjà proposée à cet établissement : une à la fois."""


def exiger_seule(reprise: Reprise) -> None:
    """Lue sous le verrou de l'établissement. Une preuve à relever ne prend la place de personne. Lève DejaProposee."""
    if reprise.est_releve:
        return
    autres = Reprise.objects.filter(etablissement=reprise.etablissement_id, etat__in=PROPOSEES, est_releve=False)
    if autres.exclude(pk=reprise.pk).exists():
        raise DejaProposee


def titulaire(reprise: Reprise) -> Habilitation | None:
    """L'accès qui finira : celui du seul utilisateur principal. S'ils sont plusieurs, rien ne dit qui est parti.

    Qui entre alors les voit, et retire lui-même qui n'a plus à y être. Relever sa preuve ne remplace personne.
    """
    if reprise.est_releve:
        return None
    principales = list(
        reprise.etablissement.habilitations.principales()
        .filter(utilisateur__is_active=True)
        .exclude(utilisateur__in=reprise.comptes_de_qui_demande())
        .select_related("utilisateur")
        .order_by("pk")
    )
    return principales[0] if len(principales) == 1 else None


def exiger_adresse_libre(reprise: Reprise) -> None:
    """Lève AdresseRetenue si la boîte de qui demande a repris un autre accès depuis moins de 24 heures (T38)."""
    if fin := reprise.retenue_jusqu_au:
        raise AdresseRetenue(RETENUE, fin)


def exiger_pas_defaite(reprise: Reprise) -> None:
    """La trêve d'une reprise défaite vaut aussi pour ce qui se ferait aussitôt. Lève DefaiteDepuisPeu."""
    if reprise.vient_d_etre_defaite:
        raise DefaiteDepuisPeu(DEFAITE_DEPUIS_PEU)


@transaction.atomic
def executer(
    reprise: Reprise, preuve: Preuve, *, garant: Utilisateur | None = None, par: Utilisateur | None = None
) -> None:
    """L'ancien titulaire perd cet établissement, le nouveau le reçoit, tous sont prévenus : d'un seul tenant.

    Sous verrouiller_parents. preuve, garant : ce sur quoi elle repose. Une demande qui ne fait que relever une preuve
    ne touche à aucun accès. Lève GesteImpossible si l'état ne le permet pas (opposée, déjà faite), AdresseRetenue.
    """
    if reprise.est_releve:
        _relever(reprise, preuve, par=par)
        return
    exiger_adresse_libre(reprise)
    if par is None:
        exiger_pas_defaite(reprise)
    _exiger_sans_pause(reprise)
    with franchir(reprise, "executer_reprise", par=par, preuve=int(preuve)):
        reprise.preuve, reprise.garant, reprise.acces_avant = preuve, garant, _photographier(reprise)
        reprise.remplace, reprise.executee_le = _qui_part(reprise), timezone.now()
        if par:
            reprise.approuvee_par = par
        if reprise.remplace:
            congedier(reprise.remplace, cause=reprise.cause)
        personne = Utilisateur.objects.par_courriel(reprise.courriel)
        if personne:
            _habiliter(reprise, personne)
    contestations.accorder(reprise.etablissement)
    garder_apres_decision(reprise)
    _finir_les_autres(reprise)
    avis.prevenir(reprise)
    if personne:
        annoncer_habilitation(_faite(reprise))
        avis.repondre(reprise, "reprise_faite")
    else:
        personnes.attendre_quelqu_un(reprise.etablissement, timezone.now() + DUREE_ENTREE)
        envoyer_entree(reprise)


def _exiger_sans_pause(reprise: Reprise) -> None:
    """Une autre demande de la même boîte est en pause : celle-ci n'en fait pas le tour. Lève GesteImpossible (T18)."""
    if reprise.siennes().exclude(pk=reprise.pk).filter(etat=EtatReprise.OPPOSEE).exists():
        raise GesteImpossible("executer_reprise", EtatReprise.OPPOSEE)


def _qui_part(reprise: Reprise) -> Habilitation | None:
    """Si elle a été annoncée, la personne prévenue et elle seule : qui est entré depuis ne saurait pas s'y opposer.

    Elle, si elle tient encore le rôle : passée simple membre, il n'y a plus rien à lui reprendre.
    """
    if reprise.etat not in PROPOSEES:
        return titulaire(reprise)
    annoncee = reprise.remplace
    return annoncee if annoncee and annoncee.au is None and annoncee.role == Role.PRINCIPAL else None


def _relever(reprise: Reprise, preuve: Preuve, *, par: Utilisateur | None) -> None:
    """Pose la preuve 6 sur l'habilitation, sans rien d'autre ; poser prévient chacun, sous le même toit."""
    exiger(preuve == Preuve.REPRESENTANT, "relever cette preuve autrement que par une attestation")
    with franchir(reprise, "executer_reprise", par=par, preuve=int(preuve)):
        reprise.preuve, reprise.executee_le, reprise.approuvee_par = preuve, timezone.now(), par
        reprise.fondement = preuves.poser(_faite(reprise), preuve, par=par)
    contestations.accorder(reprise.etablissement)
    garder_apres_decision(reprise)


def _photographier(reprise: Reprise) -> list[dict[str, Any]]:
    """Qui avait accès, et sous quel rôle, juste avant : ce que défaire rend. Chaque preuve a sa propre histoire."""
    return [
        {
            "habilitation": h.pk,
            "utilisateur": h.utilisateur_id,
            "role": h.role,
            "role_pris_le": h.role_pris_le.isoformat() if h.role_pris_le else None,
        }
        for h in reprise.etablissement.habilitations.actives().order_by("pk")
    ]


def _finir_les_autres(reprise: Reprise) -> None:
    """Une autre demande en cours ne se fait plus sur qui vient d'entrer ; un lien d'entrée d'avant meurt."""
    autres = Reprise.objects.filter(etablissement=reprise.etablissement_id, est_releve=False).exclude(pk=reprise.pk)
    for autre in autres.filter(etat__in=EN_COURS).exclude(etat=EtatReprise.DEPOSEE).order_by("pk"):
        with franchir(autre, "abandonner_reprise", cause="une_autre_faite"):
            autre.close_le, autre.devancee_par = timezone.now(), reprise
        garder_apres_decision(autre)
        avis.repondre(autre, "reprise_caduque")
    entrees = Jeton.objects.vivants().filter(reprises__in=autres, usage=Usage.ENTREE).values_list("pk", flat=True)
    Jeton.objects.filter(pk__in=list(entrees)).update(annule_le=timezone.now())


def congedier(habilitation: Habilitation, motif: MotifRetrait = MotifRetrait.REPRISE, *, cause: str) -> None:
    """Il perd cet établissement, et lui seul ; ses sessions et ses liens en attente meurent (T18)."""
    personnes.retirer(habilitation, par=None, motif=motif, cause=cause)
    sessions.fermer_toutes(habilitation.utilisateur)
    jetons.annuler_ceux_de(habilitation.utilisateur)


def _habiliter(reprise: Reprise, personne: Utilisateur) -> None:
    """Utilisateur principal, sur la preuve de la reprise. Un membre qui l'était déjà le devient, et garde mieux."""
    exiger_place(personne)
    personne.adresse_posee_le = timezone.now()
    personne.save(update_fields=["adresse_posee_le"])
    preuve = Preuve(reprise.preuve or Preuve.COURRIEL)
    deja = Habilitation.objects.actives().filter(utilisateur=personne, etablissement=reprise.etablissement).first()
    if deja:
        if deja.role != Role.PRINCIPAL:
            mouvements.changer(deja, Role.PRINCIPAL, cause=reprise.cause)
        reprise.fondement = preuves.poser(deja, preuve, accord_de=reprise.garant)
        reprise.habilitation = reprise.fondement.habilitation
        return
    pese = peser(preuve, reprise.etablissement, pour=personne, accord_de=reprise.garant)
    reprise.habilitation = Habilitation.objects.create(
        utilisateur=personne, etablissement=reprise.etablissement, role=Role.PRINCIPAL, **pese
    )
    mouvements.entrer(reprise.habilitation, cause=reprise.cause)
    reprise.fondement = preuves.fonder(reprise.habilitation, preuve, garant=pese["garant"])
    preuves.repeser(reprise.etablissement)


def _faite(reprise: Reprise) -> Habilitation:
    """L'habilitation que la reprise vient de donner."""
    if reprise.habilitation is None:
        raise ValueError("Cette reprise n'a encore donné aucun accès.")
    return reprise.habilitation


@transaction.atomic
def envoyer_entree(reprise: Reprise, *, demandeur: Demandeur = Demandeur.SERVICE) -> bool:
    """Envoie à qui n'a pas d'identifiant de quoi choisir son mot de passe et entrer ; faux si rien ne part."""
    siret = reprise.etablissement.siret
    if not admettre(reprise.courriel, objet=ObjetDemande.ESPACE, demandeur=demandeur, pour=siret):
        return False
    fin = (reprise.executee_le or timezone.now()) + DUREE_ENTREE  # un lien renvoyé ne les prolonge pas
    attente = Demande.maintenant()
    duree = fin - attente.deposee_le
    emis = jetons.emettre(Usage.ENTREE, courriel=reprise.courriel, demande=attente, duree=duree)
    reprise.jetons.add(emis.jeton)
    mettre_en_file(
        "reprise_entree",
        a=reprise.courriel,
        siret=siret,
        contexte={"denomination": reprise.etablissement.denomination},
        secrets={"lien": lien_public("reprise-entree-lien", emis.secret)},
        expire_le=emis.jeton.expire_le,
    )
    return True


@transaction.atomic
def renouveler_entree(secret: str) -> bool:
    """Renvoie un lien d'entrée mort à la même adresse ; faux si rien ne part."""
    reprise = Reprise.objects.filter(jetons__in=Jeton.objects.du_secret(secret, Usage.ENTREE)).first()
    if reprise is None:
        return False
    reprise.verrouiller()
    if not reprise.attend_l_entree or not envoyer_entree(reprise, demandeur=Demandeur.LIEN):
        return False
    journaliser("renvoyer_entree", sujet=reprise.sujet, reprise=reprise.pk)
    return True


SANS_ENTREE = (
    "Ce lien n'ouvre plus cet accès : les sept jours pour entrer sont passés, ou quelqu'un d'autre l'a repris depuis. "
    "Faites une autre demande."
)


def entree_deja_faite(secret: str) -> str:
    """Ce qu'est devenu l'accès d'un lien d'entrée mort qui n'a plus à en donner un autre ; vide sinon."""
    reprise = Reprise.objects.filter(jetons__in=Jeton.objects.du_secret(secret, Usage.ENTREE)).first()
    if reprise and reprise.etat == EtatReprise.ANNULEE:
        return "Cette reprise d'accès a été défaite."
    if reprise and reprise.habilitation_id is not None:
        return "Vous êtes déjà entré dans cet espace. Connectez-vous avec votre identifiant."
    if reprise and not reprise.attend_l_entree:
        return SANS_ENTREE
    return ""


@transaction.atomic
def entrer(secret: str, *, mot_de_passe: str | None) -> Ouverture:
    """La personne choisit son mot de passe et entre dans l'espace qu'elle a repris.

    Lève JetonRefuse (aussi tant qu'une opposition attend un agent), ValidationError, OuvertureRefusee.
    """
    jeton = jetons.verrouiller(Usage.ENTREE, secret)
    reprise = reprise_du_jeton(jeton)
    verrouiller_etablissement(reprise)
    reprise.verrouiller()
    if not reprise.peut("entrer_par_reprise") or reprise.habilitation_id:
        raise JetonRefuse(Refus.EMPLOYE)
    if not reprise.attend_l_entree:
        raise JetonRefuse(Refus.EXPIRE, duree=DUREE_ENTREE)
    connue = Utilisateur.objects.par_courriel(reprise.courriel)
    personne = connue or Utilisateur(
        courriel=reprise.courriel, nom=reprise.nom, prenom=reprise.prenom, telephone=reprise.telephone
    )
    code = None
    if not connue:
        creer_personne(personne, mot_de_passe or "", secret=secret)
        annoncer_identifiant(personne, siret=reprise.etablissement.siret)
        code = secours.renouveler_code(personne, par=personne)
    with franchir(reprise, "entrer_par_reprise", par=personne):
        _habiliter(reprise, personne)
    contestations.accorder(reprise.etablissement)
    jetons.employer(jeton, freres=Jeton.objects.filter(reprises=reprise))
    personnes.attendre_quelqu_un(reprise.etablissement, None)
    habilitation = _faite(reprise)
    annoncer_habilitation(habilitation)
    return Ouverture(personne, habilitation, code)


@transaction.atomic
def ouvrir_opposition(reprise: Reprise, preuve: Preuve, *, garant: Utilisateur | None = None) -> None:
    """Elle se fera dans 72 heures si personne ne s'y oppose ; chacun est prévenu.

    Lève GesteImpossible si l'état ne le permet pas, DejaProposee.
    """
    exiger(not reprise.est_releve, "relever cette preuve autrement que par une attestation")
    with franchir(reprise, "ouvrir_opposition", preuve=int(preuve)):
        exiger_seule(reprise)
        reprise.preuve, reprise.garant = preuve, garant
        reprise.opposition_jusqu_au = timezone.now() + DELAI_OPPOSITION
        reprise.remplace = titulaire(reprise)
    avis.prevenir(reprise, duree=DELAI_OPPOSITION)


@transaction.atomic
def s_opposer(secret: str, *, texte: str) -> Reprise:
    """Qui est prévenu s'oppose, sans se connecter. Met en pause et ne décide pas (T18). Lève JetonRefuse.

    Après coup, ou quand deux agents la proposent malgré une première, elle se dit sans rien arrêter ; pendant un délai
    au bout duquel tout se ferait seul, elle arrête toujours.
    """
    jeton = jetons.verrouiller(Usage.OPPOSITION_REPRISE, secret)
    reprise = reprise_du_jeton(jeton)
    verrouiller_etablissement(reprise)
    reprise.verrouiller()
    geste = _geste_d_opposition(reprise)
    if not reprise.peut(geste) or not _peut_s_opposer(reprise, jeton.courriel):
        raise JetonRefuse(Refus.SANS_OBJET)
    with franchir(reprise, geste):
        reprise.opposee_le = timezone.now()
        reprise.levee_proposee_le = reprise.levee_proposee_par = reprise.levee_par = None  # celle-ci n'est pas lue
    contestations.accorder(reprise.etablissement)
    jetons.employer(jeton, freres=Jeton.objects.filter(reprises=reprise))
    dire(reprise, geste, texte, adresse=jeton.courriel)
    if geste == "s_opposer":
        avis.repondre(reprise, "reprise_opposee")
    return reprise


def _geste_d_opposition(reprise: Reprise) -> str:
    return "s_opposer" if reprise.s_arrete_si_l_on_s_oppose else "contester"


def _peut_s_opposer(reprise: Reprise, adresse: str) -> bool:
    """Qui tient, tenait, ou va tenir l'accès ; un membre d'aujourd'hui ; l'établissement ; faite, qui y était.

    Changer d'adresse n'ôte pas son lien à l'ancienne : une session volée ferait taire la personne (T38).
    """
    etablissement, siens = reprise.etablissement, Utilisateur.objects.a_cette_adresse(adresse)
    if reprise.remplace and siens.filter(pk=reprise.remplace.utilisateur_id).exists():
        return True
    if etablissement.courriel == adresse and etablissement.courriel_prouve_le:
        return True
    if etablissement.habilitations.actives().filter(utilisateur__in=siens).exists():
        return True
    if Reprise.objects.attendent_l_entree(etablissement).filter(courriel=adresse).exists():
        return True
    return reprise.etat == EtatReprise.EXECUTEE and _y_etait_avant(reprise, siens)


def _y_etait_avant(reprise: Reprise, siens: UtilisateurQuerySet) -> bool:
    """Qui avait l'accès juste avant, même retiré depuis par qui l'a repris : trente jours. Pas qui est parti seul."""
    if reprise.annulable_jusqu_au is None or timezone.now() > reprise.annulable_jusqu_au:
        return False
    d_avant = Habilitation.objects.filter(pk__in=[ligne["habilitation"] for ligne in reprise.acces_avant])
    return d_avant.filter(utilisateur__in=siens).exclude(motif_fin=MotifRetrait.QUITTE).exists()


def reprise_a_opposer(jeton: Jeton) -> Reprise:
    """La reprise à laquelle ce lien permet encore de s'opposer. Lève JetonRefuse si elle est finie."""
    reprise = reprise_du_jeton(jeton)
    if not reprise.peut(_geste_d_opposition(reprise)) or not _peut_s_opposer(reprise, jeton.courriel):
        raise JetonRefuse(Refus.SANS_OBJET)
    return reprise


def opposition_deja_dite(secret: str) -> str:
    """Ce qu'est devenue la reprise d'un lien d'opposition mort, en une phrase ; vide si le lien est inconnu."""
    liens = Jeton.objects.du_secret(secret, Usage.OPPOSITION_REPRISE)
    reprise = Reprise.objects.filter(jetons__in=liens).first()
    if reprise is None:
        return ""
    if reprise.phrases.filter(adresse__in=liens.values("courriel")).exists() and reprise.a_lire:
        return "Votre opposition est enregistrée : un agent la lit."
    return f"Cette reprise d'accès est {reprise.get_etat_display()} : il n'y a plus à s'y opposer."
