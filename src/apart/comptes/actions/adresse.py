"""Changer l'adresse de son compte, et la reprendre à qui l'a détournée (T38, décision 0022)."""

from __future__ import annotations

import secrets
from dataclasses import dataclass

from allauth.mfa.models import Authenticator
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from apart.comptes.actions import jetons, recuperation, sessions
from apart.comptes.actions.recuperation import lien_public, tenir
from apart.comptes.actions.second_facteur import annuler_demande
from apart.comptes.actions.secours import exiger_soi
from apart.comptes.jetons import Demande, JetonRefuse, Raison
from apart.comptes.models import ChangementAdresse, CodeSecours, Jeton, QuestionSecrete, Usage, Utilisateur
from apart.courriels.actions import admettre, mettre_en_file
from apart.courriels.models import Demandeur, ObjetDemande
from apart.courriels.neutralite import Adresse
from apart.socle.acces import exiger
from apart.socle.models import journaliser

# Ce qui, parti à une adresse d'une personne, ouvre un compte ou fait entrer quelque part : une adresse qui change le
# tue. Restent de quoi s'opposer, de quoi revenir, le suivi, et ce qui ne prouve que la boîte d'un établissement.
OUVRENT = (
    Usage.CREATION,
    Usage.MOT_DE_PASSE,
    Usage.REJOINDRE,
    Usage.ADMISSION,
    Usage.REPRISE,
    Usage.ENTREE,
    Usage.NOUVELLE_ADRESSE,
)
COORDONNEES_D_AGENT = "changer ici les coordonnées d'un agent : elles viennent de son service"
C_EST_LA_VOTRE = "C'est déjà l'adresse de votre compte."


class AdressePrise(Exception):
    """Cette adresse est celle d'un autre compte, ou peut lui revenir. Ne se dit qu'à qui prouve qu'il la lit."""

    def __init__(self, autre: Utilisateur) -> None:
        super().__init__(autre.pk)
        self.autre = autre


@dataclass(frozen=True)
class Retour:
    """L'adresse d'avant est remise ; secret : de quoi choisir aussitôt un nouveau mot de passe."""

    utilisateur: Utilisateur
    secret: str


@transaction.atomic
def demander(utilisateur: Utilisateur, *, courriel: str, par: Utilisateur, demande: Demande | None = None) -> None:
    """Envoie à cette adresse de quoi prouver qu'on la lit, et le dit à celle d'aujourd'hui. Rien d'autre ne change.

    Fait la même chose que l'adresse ait un compte ou non (T3). Celle que la personne avait il y a moins de 72 heures
    reçoit de quoi la remettre. Lève PermissionDenied (un autre, ou un agent), ValidationError si c'est déjà la sienne.
    """
    utilisateur = tenir(utilisateur)
    exiger_la_sienne(utilisateur, par)
    if courriel == utilisateur.courriel:
        raise ValidationError(C_EST_LA_VOTRE, code="la_sienne")
    journaliser("demander_adresse", sujet=utilisateur.sujet, par=par)
    objet = ObjetDemande.NOUVELLE_ADRESSE
    if not admettre(courriel, objet=objet, demandeur=Demandeur.INCONNU, pour=str(utilisateur.pk)):
        journaliser("retenir_adresse", sujet=utilisateur.sujet, par=par)
        return
    if d_avant := utilisateur.changements_adresse.defaisables().filter(ancienne=courriel).first():
        recuperation.ecrire_retour(d_avant)
        return
    _ecrire_lien(utilisateur, courriel, demande)
    mettre_en_file(
        "adresse_demandee",
        a=utilisateur.courriel,
        utilisateur=utilisateur,
        contexte={"nouvelle": Adresse(courriel), "le": timezone.now()},
    )


def _ecrire_lien(utilisateur: Utilisateur, courriel: str, demande: Demande | None = None) -> None:
    emis = jetons.emettre(Usage.NOUVELLE_ADRESSE, courriel=courriel, utilisateur=utilisateur, demande=demande)
    mettre_en_file(
        "nouvelle_adresse",
        a=courriel,
        contexte={},
        secrets={"lien": lien_public("nouvelle-adresse-lien", emis.secret), "code": emis.code},
        expire_le=emis.jeton.expire_le,
    )


@transaction.atomic
def renouveler_lien(secret: str) -> bool:
    """Renvoie un lien que la messagerie a retenu plus longtemps qu'il ne valait ; faux s'il n'a plus d'objet.

    Celle d'aujourd'hui sait déjà la demande : elle n'en est pas prévenue deux fois.
    """
    ancien = Jeton.objects.du_secret(secret, Usage.NOUVELLE_ADRESSE).filter(employe_le=None, annule_le=None).first()
    if ancien is None or ancien.utilisateur is None:
        return False
    elle = tenir(ancien.utilisateur)
    ouvert = elle.is_active and not elle.est_agent and elle.courriel != ancien.courriel
    objet = ObjetDemande.NOUVELLE_ADRESSE
    if not ouvert or not admettre(ancien.courriel, objet=objet, demandeur=Demandeur.LIEN, pour=str(elle.pk)):
        return False
    _ecrire_lien(elle, ancien.courriel)
    return True


@transaction.atomic
def changer(secret: str, *, session: str | None = None) -> ChangementAdresse:
    """Donne au compte l'adresse que ce lien prouve : autres sessions et liens en attente meurent, chacun le sait.

    L'adresse d'avant reçoit de quoi la remettre, 72 heures. session : clé de celle à garder. Lève JetonRefuse
    (aussi si le compte est fermé, ou devenu celui d'un agent), AdressePrise.
    """
    jeton = jetons.verrouiller(Usage.NOUVELLE_ADRESSE, secret)
    utilisateur = personne_du_lien(jeton)
    exiger_libre(jeton.courriel, pour=utilisateur)
    fait = ChangementAdresse.objects.create(
        utilisateur=utilisateur, ancienne=utilisateur.courriel, nouvelle=jeton.courriel, demande_le=jeton.emis_le
    )
    jetons.employer(jeton, freres=utilisateur.jetons.all())
    _poser(utilisateur, jeton.courriel)
    sessions.fermer_toutes(utilisateur, sauf=session)
    journaliser("changer_adresse", sujet=utilisateur.sujet, par=utilisateur, changement=fait.pk)
    recuperation.ecrire_retour(fait)
    _annoncer("adresse_posee", fait, a=fait.nouvelle)
    return fait


@transaction.atomic
def revenir(secret: str) -> Retour:
    """Remet l'adresse d'avant, sans se connecter : plus personne n'est dans le compte, son mot de passe est à choisir.

    Part avec : ce qui s'y est ajouté depuis la demande (second facteur, question, téléphone), le code de secours, et
    les changements d'après, que leurs propres liens ne refont pas. Lève JetonRefuse.
    """
    jeton = jetons.verrouiller(Usage.RETOUR_ADRESSE, secret)
    fait = changement_du_lien(jeton)
    utilisateur = fait.utilisateur
    quittees = {utilisateur.courriel, fait.nouvelle}
    suivants = utilisateur.changements_adresse.faits().filter(pk__gte=fait.pk)
    employes = Jeton.objects.vivants().filter(changements_adresse__in=suivants).values_list("pk", flat=True)
    Jeton.objects.filter(pk__in=[*employes]).exclude(pk=jeton.pk).update(annule_le=timezone.now())
    suivants.update(defait_le=timezone.now())
    jetons.employer(jeton, freres=Jeton.objects.filter(changements_adresse=fait))
    _poser(utilisateur, fait.ancienne)
    _oter_ce_qui_s_est_ajoute(utilisateur, fait)
    sessions.fermer_toutes(utilisateur)
    journaliser("remettre_adresse", sujet=utilisateur.sujet, changement=fait.pk)
    emis = jetons.emettre(Usage.MOT_DE_PASSE, courriel=fait.ancienne, utilisateur=utilisateur)
    mettre_en_file(
        "adresse_remise",
        a=fait.ancienne,
        utilisateur=utilisateur,
        contexte={},
        secrets={"lien": lien_public("mot-de-passe-lien", emis.secret)},
        expire_le=emis.jeton.expire_le,
    )
    for quittee in sorted(quittees):
        _annoncer("adresse_reprise", fait, a=quittee)
    return Retour(utilisateur, emis.secret)


def personne_du_lien(jeton: Jeton) -> Utilisateur:
    """La personne dont ce lien change l'adresse. Lève JetonRefuse si son compte ne le permet plus, ou l'a déjà."""
    elle = jeton.utilisateur
    if elle is None or not elle.is_active or elle.est_agent or elle.courriel == jeton.courriel:
        raise JetonRefuse(Raison.SANS_OBJET)
    return elle


def changement_du_lien(jeton: Jeton) -> ChangementAdresse:
    """Le changement que ce lien défait. Lève JetonRefuse s'il l'est déjà, si le compte est fermé, si un autre l'a."""
    fait = jeton.changements_adresse.select_related("utilisateur").first()
    if fait is None or fait.defait_le or not fait.utilisateur.is_active:
        raise JetonRefuse(Raison.SANS_OBJET)
    autres = Utilisateur.objects.filter(courriel=fait.ancienne).exclude(pk=fait.utilisateur_id)
    if autres.exists():
        raise JetonRefuse(Raison.SANS_OBJET)
    return fait


def exiger_libre(courriel: str, *, pour: Utilisateur | None = None) -> None:
    """Lève AdressePrise si un autre compte a cette adresse, ou l'a quittée depuis si peu qu'il peut la reprendre.

    pour : la personne qui la prend ; None, un compte qui s'ouvre.
    """
    if (autre := Utilisateur.objects.par_courriel(courriel)) and autre != pour:
        raise AdressePrise(autre)
    quittee = ChangementAdresse.objects.defaisables().filter(ancienne=courriel).exclude(utilisateur=pour)
    if fait := quittee.select_related("utilisateur").first():
        raise AdressePrise(fait.utilisateur)


def exiger_la_sienne(utilisateur: Utilisateur, par: Utilisateur) -> None:
    """Ce qu'une personne dit d'elle ne se change que par elle ; d'un agent, c'est son service qui le dit."""
    exiger_soi(utilisateur, par)
    exiger(utilisateur.is_active and not utilisateur.est_agent, COORDONNEES_D_AGENT)


def _poser(utilisateur: Utilisateur, courriel: str) -> None:
    """Aussitôt posée, elle ne reprend rien et ne répond de personne (comptes.retenue) ; les liens d'avant meurent."""
    des_deux = Q(utilisateur=utilisateur) | Q(courriel__in=(utilisateur.courriel, courriel))
    vivants = Jeton.objects.vivants().filter(des_deux, usage__in=OUVRENT)
    vivants.update(annule_le=timezone.now())
    annuler_demande(utilisateur, pourquoi="compte_change")
    utilisateur.courriel, utilisateur.adresse_posee_le = courriel, timezone.now()
    utilisateur.save(update_fields=["courriel", "adresse_posee_le"])


def _oter_ce_qui_s_est_ajoute(utilisateur: Utilisateur, fait: ChangementAdresse) -> None:
    """Rien de ce qu'aurait posé un intrus ne lui rend le compte, ni ne le ferme à la personne.

    Ce qui y était avant la demande reste : une messagerie piratée n'en retire pas le second facteur.
    """
    depuis = fait.demande_le
    Authenticator.objects.filter(user=utilisateur, created_at__gte=depuis).delete()
    QuestionSecrete.objects.filter(utilisateur=utilisateur, modifiee_le__gte=depuis).delete()
    CodeSecours.objects.filter(utilisateur=utilisateur).delete()
    if utilisateur.telephone_pose_le and utilisateur.telephone_pose_le >= depuis:
        utilisateur.telephone, utilisateur.telephone_pose_le = "", timezone.now()
    utilisateur.set_password(secrets.token_urlsafe(32))  # que personne ne connaît
    utilisateur.save(update_fields=["password", "telephone", "telephone_pose_le"])


def _annoncer(modele: str, fait: ChangementAdresse, *, a: str) -> None:
    mettre_en_file(modele, a=a, contexte={"le": timezone.now(), "gel_jusqu_au": fait.gel_jusqu_au})
