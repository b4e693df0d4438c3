"""Demander une reprise d'accès, confirmer son adresse, la suivre, l'abandonner."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from apart.comptes.actions import jetons
from apart.comptes.actions.recuperation import lien_public
from apart.comptes.jetons import Demande, JetonRefuse, Raison
from apart.comptes.models import Jeton, Usage, Utilisateur
from apart.courriels.actions import admettre, mettre_en_file
from apart.courriels.models import Demandeur, ObjetDemande
from apart.etablissements.models import Etablissement
from apart.pieces.actions import conserver_jusqu_au, oublier
from apart.repertoire.adresses import departement
from apart.repertoire.models import nom_public, trouver
from apart.reprises.actions.lettres import annuler_celles_de
from apart.reprises.etats import ATTENDENT_UN_AGENT, AVANCEES, EtatReprise
from apart.reprises.models import Lettre, PhraseReprise, PieceReprise, Reprise
from apart.reprises.models.reprise import DELAI_CONFIRMATION, DELAI_PREUVE, RepriseQuerySet
from apart.socle.acces import exiger
from apart.socle.models import journaliser, verrouiller

DUREE_SUIVI = timedelta(days=365)
CONSERVATION_DES_PIECES = timedelta(days=90)  # après la décision
ANNEE = timedelta(days=365.25)
PAR_MORCEAU = 200  # reprises effacées d'une transaction
CONSERVATION_SANS_PREUVE = timedelta(days=7)  # une demande jamais confirmée, une fois abandonnée


@contextmanager
def franchir(
    reprise: Reprise, geste: str, *, par: Utilisateur | None = None, **details: str | int | bool | None
) -> Iterator[None]:
    """Comme Dossier.franchir, l'établissement verrouillé d'abord ; la ligne du journal nomme la reprise.

    Une reprise qui finit n'attend plus sa lettre : elle s'annule.
    """
    with transaction.atomic():
        verrouiller_etablissement(reprise)
        with reprise.franchir(geste, par=par, reprise=reprise.pk, **details):
            if _change_de_main(reprise, geste):
                reprise.attend_depuis = timezone.now()
            yield
        if not reprise.est_en_cours:
            annuler_celles_de(reprise, par=par)


def _change_de_main(reprise: Reprise, geste: str) -> bool:
    """Ce n'est plus au même d'agir, ou une pièce se redemande : ce qu'il a de temps recommence.

    D'un agent à l'autre, non : la personne attend depuis la même heure.
    """
    vers = Reprise.TRANSITIONS[geste].vers
    change = vers is not None and (vers in ATTENDENT_UN_AGENT) != (reprise.etat in ATTENDENT_UN_AGENT)
    return change or geste in ("confirmer_reprise", "demander_piece")


def verrouiller_etablissement(reprise: Reprise) -> Etablissement:
    """Le parent d'abord (décision 0012) : deux reprises d'un établissement passent l'une après l'autre."""
    return verrouiller(Etablissement.objects.filter(pk=reprise.etablissement_id)).get()


def dire(
    reprise: Reprise, geste: str, texte: str, *, par: Utilisateur | None = None, adresse: str = ""
) -> PhraseReprise:
    """Garde une phrase sous le geste qu'elle accompagne. adresse : de qui s'oppose par un lien, sans se connecter."""
    return PhraseReprise.objects.create(reprise=reprise, geste=geste, texte=texte, par=par, adresse=adresse)


@transaction.atomic
def deposer(saisie: Reprise, *, par: Utilisateur | None = None) -> Reprise:
    """Garde la demande d'une personne, avant que son adresse soit prouvée ; elle ne bloque personne.

    saisie : ce que le formulaire a lu, pas enregistré. par : l'agent qui l'écrit au téléphone, au nom de l'appelant.
    """
    saisie.departement = lieu(saisie)
    saisie.etat, saisie.deposee_le, saisie.ouverte_par = EtatReprise.DEPOSEE, timezone.now(), par
    saisie.save(force_insert=True)
    journaliser("demander_reprise", sujet=saisie.sujet, par=par, reprise=saisie.pk)
    return saisie


def lieu(saisie: Reprise) -> str:
    """Le département d'où un agent l'examine : celui du répertoire.

    Pour un SIRET qui n'y est pas, celui de l'adresse que tient l'espace.
    """
    fiche = trouver(saisie.etablissement.siret)
    if fiche and (lu := departement(fiche.code_postal, fiche.code_commune)):
        return lu
    return departement(saisie.etablissement.code_postal)


@transaction.atomic
def envoyer_lien(
    reprise: Reprise, *, attente: Demande | None = None, demandeur: Demandeur = Demandeur.INCONNU
) -> bool:
    """Envoie à la personne le lien et le code qui prouvent son adresse ; personne d'autre n'est prévenu avant.

    Rend faux si rien ne part : demande déjà confirmée ou abandonnée, ou message retenu (T15).
    """
    reprise.verrouiller()
    if reprise.etat != EtatReprise.DEPOSEE or not _admettre(reprise, demandeur):
        journaliser("retenir_lien_reprise", sujet=reprise.sujet, reprise=reprise.pk)
        return False
    journaliser("envoyer_lien_reprise", sujet=reprise.sujet, reprise=reprise.pk)
    emis = jetons.emettre(Usage.REPRISE, courriel=reprise.courriel, demande=attente)
    reprise.jetons.add(emis.jeton)
    mettre_en_file(
        "confirmer_reprise",
        a=reprise.courriel,
        siret=reprise.etablissement.siret,
        contexte={},  # rien de plus que le SIRET, public, à qui n'a encore rien prouvé (T17)
        secrets={"lien": lien_public("reprise-lien", emis.secret), "code": emis.code},
        expire_le=emis.jeton.expire_le,
    )
    return True


def _admettre(reprise: Reprise, demandeur: Demandeur) -> bool:
    siret = reprise.etablissement.siret
    return admettre(reprise.courriel, objet=ObjetDemande.ESPACE, demandeur=demandeur, pour=siret)


@transaction.atomic
def renouveler_lien(secret: str) -> bool:
    """Renvoie un lien mort à la même adresse ; faux si rien ne part."""
    reprise = _d_un_lien_mort(secret)
    return reprise is not None and envoyer_lien(reprise, demandeur=Demandeur.LIEN)


def suite_du_lien(secret: str) -> str:
    """Ce qu'est devenue la demande d'un lien mort qui n'a plus à en donner un autre, en une phrase ; vide sinon."""
    reprise = _d_un_lien_mort(secret)
    if reprise is None or reprise.etat == EtatReprise.DEPOSEE:
        return ""
    if reprise.etat == EtatReprise.ABANDONNEE and not _autres_confirmees(reprise).exists():
        return "Votre demande est abandonnée. Vous pouvez en faire une autre."
    return "Votre adresse est confirmée : le lien de suivi est dans le message que vous avez reçu ensuite."


def _autres_confirmees(reprise: Reprise) -> RepriseQuerySet:
    """Celles de la même boîte qui continuent ici, l'adresse prouvée."""
    return reprise.siennes().en_cours().exclude(etat=EtatReprise.DEPOSEE).exclude(pk=reprise.pk)


def _d_un_lien_mort(secret: str) -> Reprise | None:
    return Reprise.objects.filter(jetons__in=Jeton.objects.du_secret(secret, Usage.REPRISE)).first()


def reprise_du_jeton(jeton: Jeton) -> Reprise:
    """La reprise qu'un jeton prouve ; lève JetonRefuse si elle a été effacée."""
    reprise: Reprise | None = jeton.reprises.select_related("etablissement").first()
    if reprise is None:
        raise JetonRefuse(Raison.INCONNU)
    return reprise


@transaction.atomic
def confirmer(
    secret: str, *, raison: str, explication: str, nom: str, prenom: str, telephone: str, fonction: str
) -> str:
    """L'adresse est prouvée : la demande existe pour les agents. Rend le secret du suivi. Lève JetonRefuse.

    raison à fonction : relus après la preuve ; ceux de la demande, un autre a pu les taper.
    """
    jeton = jetons.verrouiller(Usage.REPRISE, secret)
    reprise = reprise_du_jeton(jeton)
    verrouiller_etablissement(reprise)
    reprise.verrouiller()
    if reprise.etat != EtatReprise.DEPOSEE:
        raise JetonRefuse(Raison.EMPLOYE)
    with franchir(reprise, "confirmer_reprise"):
        reprise.confirmee_le = timezone.now()
        reprise.raison, reprise.explication = raison, explication
        reprise.nom, reprise.prenom, reprise.telephone, reprise.fonction = nom, prenom, telephone, fonction
    jetons.employer(jeton, freres=Jeton.objects.filter(reprises__etablissement=reprise.etablissement_id))
    return _accueillir(reprise)


@transaction.atomic
def confirmer_connecte(reprise: Reprise, *, par: Utilisateur) -> str:
    """Comme confirmer, pour qui est connecté sous l'adresse de la demande : elle est déjà prouvée.

    Lève PermissionDenied si l'adresse n'est pas la sienne.
    """
    exiger(par.is_active and not par.est_agent and par.courriel == reprise.courriel, "confirmer cette demande")
    with franchir(reprise, "confirmer_reprise", par=par):
        reprise.confirmee_le = timezone.now()
    return _accueillir(reprise)


def _accueillir(reprise: Reprise) -> str:
    """Une seule demande ouverte par personne et par établissement. Rend le secret du suivi de celle qui continue.

    C'est celle dont un agent s'occupe déjà, ou qui attend un délai ou la lecture d'une opposition : la nouvelle
    s'arrête. Refaire sa demande ne contourne ni l'agent, ni la pause (T18). Sinon la dernière confirmée, que
    la lettre de l'ancienne suit, et l'appel d'un agent avec elle.
    """
    siennes = Reprise.objects.filter(
        etablissement=reprise.etablissement_id, courriel=reprise.courriel, est_releve=reprise.est_releve
    ).exclude(pk=reprise.pk)
    avancee = Q(etat__in=AVANCEES) | Q(etat=EtatReprise.CONFIRMEE, ouverte_par__isnull=False)
    if gardee := siennes.filter(avancee).order_by("-pk").first():
        abandonner(reprise, pour=gardee)
        journaliser("refaire_reprise", sujet=gardee.sujet, reprise=gardee.pk, refaite=reprise.pk)
        return _ecrire_le_suivi(gardee, est_gardee=True)
    remplacee = ""
    for ancienne in siennes.filter(etat__in=(EtatReprise.DEPOSEE, EtatReprise.CONFIRMEE)).order_by("pk"):
        remplacee = ancienne.numero if ancienne.confirmee_le else remplacee
        Lettre.objects.vivantes().filter(reprise=ancienne).update(reprise=reprise)
        if ancienne.ouverte_par_id and not reprise.ouverte_par_id:
            reprise.ouverte_par = ancienne.ouverte_par
            reprise.save(update_fields=["ouverte_par"])
        abandonner(ancienne, pour=reprise)
    return _ecrire_le_suivi(reprise, remplacee=remplacee)


def _ecrire_le_suivi(reprise: Reprise, *, est_gardee: bool = False, remplacee: str = "") -> str:
    """Envoie à la personne le lien de la demande qui continue, et ce que devient l'autre ; rend son secret."""
    secret = emettre_suivi(reprise)
    mettre_en_file(
        "reprise_confirmee",
        a=reprise.courriel,
        siret=reprise.etablissement.siret,
        contexte={
            "denomination": nom_public(reprise.etablissement.siret),
            "numero": reprise.numero,
            "quoi": reprise.quoi,
            "est_gardee": est_gardee,
            "remplacee": remplacee,
        },
        secrets={"lien": lien_public("reprise-suivi", secret)},
    )
    return secret


@transaction.atomic
def emettre_suivi(reprise: Reprise) -> str:
    """Crée un lien de suivi (un an) et rend son secret. Les précédents restent valables."""
    emis = jetons.emettre(Usage.SUIVI, courriel=reprise.courriel, duree=DUREE_SUIVI)
    reprise.jetons.add(emis.jeton)
    return emis.secret


def suivie(secret: str) -> Reprise | None:
    """La reprise que ce lien de suivi ouvre, ou None s'il est inconnu ou expiré. Ne change rien."""
    vivants = Jeton.objects.vivants().du_secret(secret, Usage.SUIVI)
    return Reprise.objects.select_related("etablissement").filter(jetons__in=vivants).first()


@transaction.atomic
def abandonner(reprise: Reprise, *, pour: Reprise | None = None) -> None:
    """La personne renonce. Lève GesteImpossible si c'est déjà fait, refusé ou fini.

    pour : la demande qui continue à sa place, quand elle en a fait deux.
    """
    with franchir(reprise, "abandonner_reprise", pour=pour.pk if pour else None):
        reprise.close_le = timezone.now()
    garder_apres_decision(reprise)


def garder_apres_decision(reprise: Reprise) -> None:
    """La décision est prise : ses pièces s'effaceront dans 90 jours. Dans la transaction du geste qui décide."""
    conserver_jusqu_au(reprise.pieces.all(), timezone.now() + CONSERVATION_DES_PIECES)


def expirer() -> int:
    """Abandonne ce qui n'a pas été confirmé en 48 heures, ni prouvé en 30 jours ; rend leur nombre. Rejouable."""
    echues = list(_echues().order_by("pk"))
    for reprise in echues:
        with transaction.atomic():
            verrouiller_etablissement(reprise)
            reprise.verrouiller()
            if _echues().filter(pk=reprise.pk).exists():  # rien ne l'a fait avancer, nulle lettre n'est partie
                abandonner(reprise)
    return len(echues)


def _echues() -> RepriseQuerySet:
    """Celles dont le temps est passé, maintenant."""
    maintenant = timezone.now()
    jamais_confirmees = Q(etat=EtatReprise.DEPOSEE, deposee_le__lt=maintenant - DELAI_CONFIRMATION)
    sans_preuve = Q(etat=EtatReprise.CONFIRMEE, confirmee_le__lt=maintenant - DELAI_PREUVE)
    attendues = Lettre.objects.vivantes().filter(reprise__isnull=False).values("reprise")  # un code peut arriver
    return Reprise.objects.filter(jamais_confirmees | sans_preuve).exclude(pk__in=attendues)


def purger() -> int:
    """Efface les demandes dont l'adresse n'a jamais été prouvée, sept jours après leur abandon ; rend leur nombre."""
    depuis = timezone.now() - CONSERVATION_SANS_PREUVE
    return Reprise.objects.filter(etat=EtatReprise.ABANDONNEE, confirmee_le=None, close_le__lt=depuis).delete()[0]


def purger_les_decisions() -> int:
    """Efface les reprises finies depuis DECISIONS_ANNEES, leurs phrases, la ligne de leurs pièces ; rend leur nombre.

    Le journal garde ce qui a été fait. Une pièce que la purge n'a pas encore vidée fait attendre la sienne.
    """
    depuis = timezone.now() - ANNEE * settings.DECISIONS_ANNEES
    pleines = PieceReprise.objects.filter(piece__effacee_le=None).values("reprise")
    finies = Reprise.objects.finies_avant(depuis).exclude(pk__in=pleines).order_by("pk").values_list("pk", flat=True)
    effacees = 0
    while lot := list(finies[:PAR_MORCEAU]):
        with transaction.atomic():
            pieces = list(PieceReprise.objects.filter(reprise__in=lot).values_list("piece", flat=True))
            Reprise.objects.filter(pk__in=lot).delete()
            oublier(pieces)
        effacees += len(lot)
    return effacees
