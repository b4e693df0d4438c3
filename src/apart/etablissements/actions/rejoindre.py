"""« Demander à rejoindre » un établissement : l'adresse prouvée, un utilisateur principal répond dans son espace."""

from __future__ import annotations

from contextlib import AbstractContextManager
from datetime import timedelta

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from apart.comptes.actions import jetons, secours
from apart.comptes.actions.recuperation import lien_public
from apart.comptes.jetons import Demande, JetonRefuse, Raison
from apart.comptes.models import Jeton, JetonQuerySet, Usage, Utilisateur
from apart.comptes.retenue import exiger_qui_repond
from apart.courriels.actions import admettre, mettre_en_file
from apart.courriels.models import Demandeur, ObjetDemande
from apart.courriels.neutralite import Adresse
from apart.etablissements.actions import mouvements
from apart.etablissements.actions.espace import (
    DUREE_DEMANDE,
    Ouverture,
    annoncer_habilitation,
    annoncer_identifiant,
    creer_personne,
    exiger_place,
)
from apart.etablissements.actions.preuves import fonder
from apart.etablissements.etats import EtatRejoindre
from apart.etablissements.models import DemandeRejoindre, Etablissement, Habilitation, Preuve, Role
from apart.etablissements.preuves import peser
from apart.socle.acces import exiger
from apart.socle.models import journaliser, verrouiller, verrouiller_noms
from apart.socle.saisies import courriel_lisible
from apart.socle.telephones import telephone_lisible

DUREE_ADMISSION = timedelta(days=7)
CONSERVATION_TRANCHEE = timedelta(days=30)  # de quoi renouveler un lien d'admission expiré


@transaction.atomic
def deposer(etablissement: Etablissement, *, nom: str, prenom: str, telephone: str, courriel: str) -> DemandeRejoindre:
    """Garde la demande d'une personne, avant que son adresse soit prouvée."""
    demande = DemandeRejoindre.objects.create(
        etablissement=etablissement, nom=nom, prenom=prenom, telephone=telephone, courriel=courriel
    )
    journaliser("demander_a_rejoindre", sujet=demande.sujet, demande=demande.pk)
    return demande


@transaction.atomic
def envoyer_lien(
    demande: DemandeRejoindre, *, attente: Demande | None = None, demandeur: Demandeur = Demandeur.INCONNU
) -> bool:
    """Envoie à la personne le lien et le code qui prouvent son adresse ; personne d'autre n'est prévenu avant.

    Rend faux si rien ne part : demande déjà confirmée, ou message retenu (T15).
    """
    demande.verrouiller()
    if demande.etat != EtatRejoindre.DEPOSEE or not _admettre(demande, demandeur):
        journaliser("retenir_lien_rejoindre", sujet=demande.sujet, demande=demande.pk)
        return False
    journaliser("envoyer_lien_rejoindre", sujet=demande.sujet, demande=demande.pk)
    emis = jetons.emettre(Usage.REJOINDRE, courriel=demande.courriel, demande=attente)
    demande.jetons.add(emis.jeton)
    mettre_en_file(
        "confirmer_rejoindre",
        a=demande.courriel,
        siret=demande.etablissement.siret,
        contexte={},  # rien de plus que le SIRET, public, à qui n'est pas encore admis
        secrets={"lien": lien_public("rejoindre-lien", emis.secret), "code": emis.code},
        expire_le=emis.jeton.expire_le,
    )
    return True


def _admettre(demande: DemandeRejoindre, demandeur: Demandeur) -> bool:
    """Les places d'un établissement ne se dépensent qu'en liens qui y mènent : chacun sert à la personne."""
    siret = demande.etablissement.siret
    return admettre(demande.courriel, objet=ObjetDemande.ESPACE, demandeur=demandeur, pour=siret)


@transaction.atomic
def renouveler_lien(secret: str) -> bool:
    """Renvoie un lien mort à la même adresse ; faux si rien ne part."""
    demande = _demande_d_un_lien_mort(secret)
    if demande is None:
        return False
    demande.verrouiller()
    if demande.etat != EtatRejoindre.ACCEPTEE:
        return envoyer_lien(demande, demandeur=Demandeur.LIEN)
    est_admis = _admettre(demande, Demandeur.LIEN)
    if est_admis:
        journaliser("renvoyer_admission", sujet=demande.sujet, demande=demande.pk)
        _envoyer_admission(demande)
    return est_admis


SUITES = {
    EtatRejoindre.CONFIRMEE: "Votre demande est déjà transmise. La réponse de l'établissement viendra par courriel.",
    EtatRejoindre.REFUSEE: "L'établissement a répondu à votre demande : sa réponse est dans votre messagerie.",
    EtatRejoindre.ENTREE: "Vous êtes déjà entré dans cet espace. Connectez-vous avec votre identifiant.",
    EtatRejoindre.ANNULEE: (
        "L'établissement est revenu sur son accord : ce lien n'ouvre plus rien. Si vous devez y entrer, parlez-en à "
        "l'un de ses utilisateurs principaux, puis demandez de nouveau à le rejoindre."
    ),
}


def suite_du_lien(secret: str) -> str:
    """Ce qu'est devenue la demande d'un lien mort qui n'a plus à en donner un autre, en une phrase ; vide sinon."""
    demande = _demande_d_un_lien_mort(secret)
    return SUITES.get(EtatRejoindre(demande.etat), "") if demande else ""


def _demande_d_un_lien_mort(secret: str) -> DemandeRejoindre | None:
    liens = Jeton.objects.du_secret(secret, Usage.REJOINDRE, Usage.ADMISSION)
    return DemandeRejoindre.objects.filter(jetons__in=liens).first()


def demande_du_jeton(jeton: Jeton) -> DemandeRejoindre:
    """La demande qu'un jeton prouve ; lève JetonRefuse si elle a été effacée."""
    demande: DemandeRejoindre | None = jeton.demandes_rejoindre.first()
    if demande is None:
        raise JetonRefuse(Raison.INCONNU)
    return demande


def _demande_en_attente(jeton: Jeton, geste: str) -> DemandeRejoindre:
    """La demande de ce lien, verrouillée ; si elle n'attend plus ce geste, le lien a déjà servi."""
    demande = demande_du_jeton(jeton)
    demande.verrouiller()
    if not demande.peut(geste):
        raise JetonRefuse(Raison.EMPLOYE)
    return demande


@transaction.atomic
def confirmer(secret: str, *, nom: str, prenom: str, telephone: str) -> DemandeRejoindre:
    """L'adresse est prouvée : prévient les utilisateurs principaux. Lève JetonRefuse.

    nom, prenom, telephone : relus après la preuve ; ceux de la demande, un autre a pu les taper.
    """
    jeton = jetons.verrouiller(Usage.REJOINDRE, secret)
    demande = _demande_en_attente(jeton, "confirmer_rejoindre")
    with _franchir(demande, "confirmer_rejoindre"):
        demande.confirmee_le = timezone.now()
        demande.nom, demande.prenom, demande.telephone = nom, prenom, telephone
    jetons.employer(jeton, freres=_freres(demande))
    prevenir_les_principaux(demande)
    return demande


def prevenir_les_principaux(demande: DemandeRejoindre) -> None:
    etablissement = demande.etablissement
    for habilitation in etablissement.habilitations.principales().select_related("utilisateur"):
        mettre_en_file(
            "rejoindre_a_decider",
            a=habilitation.utilisateur.courriel,
            utilisateur=habilitation.utilisateur,
            siret=etablissement.siret,
            contexte={
                "denomination": etablissement.denomination,
                "prenom": demande.prenom,
                "nom": demande.nom,
                "courriel": Adresse(courriel_lisible(demande.courriel)),
                "telephone": telephone_lisible(demande.telephone),
            },
        )


@transaction.atomic
def accepter(demande: DemandeRejoindre, *, par: Utilisateur) -> None:
    """Un utilisateur principal accepte : la personne entre tout de suite, ou reçoit de quoi choisir son mot de passe.

    Lève PermissionDenied si par n'est pas principal, GesteImpossible s'il y a déjà une réponse, OuvertureRefusee
    au-delà de 200 établissements, que l'on compte sous le verrou de la personne ; AdresseRetenue si par vient lui-même
    de reprendre un accès (T38).
    """
    connue = verrouiller(Utilisateur.objects.filter(courriel=demande.courriel)).first()
    _trancher(demande, "accepter_rejoindre", par=par)
    exiger_qui_repond(par)
    if connue:
        exiger_place(connue)
        _entrer(demande, connue)
    else:
        _envoyer_admission(demande)


@transaction.atomic
def refuser(demande: DemandeRejoindre, *, par: Utilisateur) -> None:
    """Un utilisateur principal refuse ; la personne est prévenue.

    Lève PermissionDenied si par n'est pas principal, GesteImpossible s'il y a déjà une réponse.
    """
    _trancher(demande, "refuser_rejoindre", par=par)
    mettre_en_file(
        "rejoindre_refuse",
        a=demande.courriel,
        siret=demande.etablissement.siret,
        contexte={},
    )


@transaction.atomic
def annuler_admission(demande: DemandeRejoindre, *, par: Utilisateur) -> None:
    """Un utilisateur principal revient sur un accord pas encore employé : le lien meurt, la personne est prévenue.

    Lève PermissionDenied si par n'est pas principal, GesteImpossible si la personne est entrée entre-temps.
    """
    verrouiller_noms(demande.courriel)  # qui ouvre le lien au même instant passe avant, ou après (décision 0012)
    list(verrouiller(Utilisateur.objects.filter(courriel=demande.courriel)))
    _trancher(demande, "annuler_admission", par=par)
    Jeton.objects.vivants().filter(demandes_rejoindre=demande).update(annule_le=timezone.now())
    mettre_en_file(
        "admission_annulee",
        a=demande.courriel,
        siret=demande.etablissement.siret,
        contexte={"denomination": demande.etablissement.denomination},
    )


def _trancher(demande: DemandeRejoindre, geste: str, *, par: Utilisateur) -> None:
    """Les droits se lisent sous le verrou de l'établissement : un principal qu'on vient d'ôter ne répond plus."""
    etablissement = verrouiller(Etablissement.objects.filter(pk=demande.etablissement_id)).get()
    est_principal = etablissement.habilitations.qui_decident().filter(utilisateur=par).exists()
    exiger(par.is_active and est_principal, "répondre à cette demande : il faut être utilisateur principal")
    with _franchir(demande, geste, par=par):
        demande.traitee_le, demande.traitee_par = timezone.now(), par


def _franchir(
    demande: DemandeRejoindre, geste: str, *, par: Utilisateur | None = None
) -> AbstractContextManager[None]:
    """L'histoire s'écrit sur l'établissement : chaque ligne y nomme sa demande."""
    return demande.franchir(geste, par=par, demande=demande.pk)


def _envoyer_admission(demande: DemandeRejoindre) -> None:
    emis = jetons.emettre(Usage.ADMISSION, courriel=demande.courriel, duree=DUREE_ADMISSION)
    demande.jetons.add(emis.jeton)
    mettre_en_file(
        "admission",
        a=demande.courriel,
        siret=demande.etablissement.siret,
        contexte={"denomination": demande.etablissement.denomination},
        secrets={"lien": lien_public("admission-lien", emis.secret)},
        expire_le=emis.jeton.expire_le,
    )


@transaction.atomic
def entrer(secret: str, *, mot_de_passe: str | None) -> Ouverture:
    """La personne acceptée choisit son mot de passe et entre.

    Lève JetonRefuse, ValidationError, OuvertureRefusee.
    """
    jeton = jetons.verrouiller(Usage.ADMISSION, secret)
    # Qui a donné l'accord est peut-être retiré à l'instant : ce qu'il vaut se lit sous l'établissement.
    verrouiller(Etablissement.objects.filter(pk=demande_du_jeton(jeton).etablissement_id)).get()
    demande = _demande_en_attente(jeton, "entrer")
    connue = Utilisateur.objects.par_courriel(demande.courriel)  # verrouillée avec le jeton
    personne = connue or Utilisateur(
        courriel=demande.courriel, nom=demande.nom, prenom=demande.prenom, telephone=demande.telephone
    )
    code = None
    if connue:
        exiger_place(connue)
    else:
        creer_personne(personne, mot_de_passe or "", secret=secret)
        annoncer_identifiant(personne, siret=demande.etablissement.siret)
        code = secours.renouveler_code(personne, par=personne)
    habilitation = _entrer(demande, personne)
    jetons.employer(jeton, freres=_freres(demande))
    return Ouverture(personne, habilitation, code)


def purger_demandes() -> int:
    """Efface les demandes jamais confirmées depuis sept jours, et celles tranchées depuis 30 ; rend leur nombre."""
    maintenant = timezone.now()
    oubliees = Q(etat=EtatRejoindre.DEPOSEE, deposee_le__lt=maintenant - DUREE_DEMANDE)
    tranchees = Q(traitee_le__lt=maintenant - CONSERVATION_TRANCHEE)
    return DemandeRejoindre.objects.filter(oubliees | tranchees).delete()[0]


def _freres(demande: DemandeRejoindre) -> JetonQuerySet:
    """Les jetons envoyés pour entrer dans le même établissement."""
    return Jeton.objects.filter(demandes_rejoindre__etablissement=demande.etablissement_id)


def _entrer(demande: DemandeRejoindre, personne: Utilisateur) -> Habilitation:
    """Preuve 4 : l'accord d'un membre, qui vaut ce que vaut la sienne. Qui est déjà habilité garde ce qu'il a."""
    with _franchir(demande, "entrer", par=personne):
        pese = peser(Preuve.MEMBRE, demande.etablissement, pour=personne, accord_de=demande.traitee_par)
        habilitation, est_neuve = Habilitation.objects.actives().get_or_create(
            utilisateur=personne,
            etablissement=demande.etablissement,
            defaults={"role": Role.MEMBRE, **pese},
        )
    if est_neuve:
        mouvements.entrer(habilitation, par=demande.traitee_par, decide_le=demande.traitee_le)
        fonder(habilitation, Preuve.MEMBRE, garant=habilitation.garant)
        annoncer_habilitation(habilitation)
    return habilitation
