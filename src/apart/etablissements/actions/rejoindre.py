"""« Demander à rejoindre » un établissement : l'adresse prouvée, un utilisateur principal répond dans son espace."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils import timezone

from apart.comptes.actions import jetons, secours
from apart.comptes.actions.recuperation import lien_public
from apart.comptes.jetons import Demande, JetonRefuse, Raison
from apart.comptes.limites import MOTIF_COURRIEL
from apart.comptes.models import Jeton, JetonQuerySet, Usage, Utilisateur
from apart.courriels.actions import mettre_en_file
from apart.courriels.limites import peut_recevoir
from apart.etablissements.actions.espace import (
    DUREE_DEMANDE,
    Ouverture,
    annoncer_habilitation,
    annoncer_identifiant,
    creer_personne,
    exiger_place,
)
from apart.etablissements.models import DemandeRejoindre, Etablissement, Habilitation, Preuve, Role
from apart.socle.acces import exiger
from apart.socle.models import journaliser
from apart.socle.saisies import telephone_lisible

DUREE_ADMISSION = timedelta(days=7)
CONSERVATION_TRANCHEE = timedelta(days=30)  # de quoi renouveler un lien d'admission expiré


@transaction.atomic
def deposer(etablissement: Etablissement, **champs: Any) -> DemandeRejoindre:
    """Garde la demande d'une personne (nom, prenom, telephone, courriel), avant que son adresse soit prouvée."""
    demande = DemandeRejoindre.objects.create(etablissement=etablissement, **champs)
    journaliser("demander_a_rejoindre", sujet=f"etablissement:{etablissement.siret}", demande=demande.pk)
    return demande


@transaction.atomic
def envoyer_lien(demande: DemandeRejoindre, *, attente: Demande | None = None) -> None:
    """Envoie à la personne le lien et le code qui prouvent son adresse ; personne d'autre n'est prévenu avant."""
    sujet = f"etablissement:{demande.etablissement.siret}"
    if demande.confirmee_le or not peut_recevoir(demande.courriel, motif=MOTIF_COURRIEL):
        journaliser("retenir_lien_rejoindre", sujet=sujet, demande=demande.pk)
        return
    journaliser("envoyer_lien_rejoindre", sujet=sujet, demande=demande.pk)
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


@transaction.atomic
def renouveler_lien(secret: str) -> None:
    """Renvoie un lien mort à la même adresse. Sans effet si le lien est inconnu."""
    demande = _demande_d_un_lien_mort(secret)
    if demande and demande.est_acceptee:
        _envoyer_admission(demande)
    elif demande:
        envoyer_lien(demande)


def suite_du_lien(secret: str) -> str:
    """Ce qu'est devenue la demande d'un lien mort qui n'a plus à en donner un autre, en une phrase ; vide sinon."""
    demande = _demande_d_un_lien_mort(secret)
    if demande is None or demande.confirmee_le is None:
        return ""
    if demande.est_acceptee is False:
        return "L'établissement a répondu à votre demande : sa réponse est dans votre messagerie."
    if not demande.est_acceptee:
        return "Votre demande est déjà transmise. La réponse de l'établissement vous arrivera par courriel."
    membre = Habilitation.objects.actives().filter(
        utilisateur__courriel=demande.courriel, etablissement=demande.etablissement
    )
    return "Vous êtes déjà entré dans cet espace. Connectez-vous avec votre identifiant." if membre.exists() else ""


def _demande_d_un_lien_mort(secret: str) -> DemandeRejoindre | None:
    liens = Jeton.objects.du_secret(secret, Usage.REJOINDRE, Usage.ADMISSION)
    return DemandeRejoindre.objects.filter(jetons__in=liens).first()


def demande_du_jeton(jeton: Jeton) -> DemandeRejoindre:
    """La demande qu'un jeton prouve ; lève JetonRefuse si elle a été effacée."""
    demande: DemandeRejoindre | None = jeton.demandes_rejoindre.first()
    if demande is None:
        raise JetonRefuse(Raison.INCONNU)
    return demande


@transaction.atomic
def confirmer(secret: str) -> DemandeRejoindre:
    """L'adresse est prouvée : prévient les utilisateurs principaux. Lève JetonRefuse."""
    jeton = jetons.verrouiller(Usage.REJOINDRE, secret)
    demande = demande_du_jeton(jeton)
    jetons.employer(jeton, freres=_freres(demande))
    demande.confirmee_le = timezone.now()
    demande.save(update_fields=["confirmee_le"])
    etablissement = demande.etablissement
    journaliser("confirmer_rejoindre", sujet=f"etablissement:{etablissement.siret}", demande=demande.pk)
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
                "courriel": demande.courriel,
                "telephone": telephone_lisible(demande.telephone),
            },
        )
    return demande


@transaction.atomic
def accepter(demande: DemandeRejoindre, *, par: Utilisateur) -> None:
    """Un utilisateur principal accepte : la personne entre tout de suite, ou reçoit de quoi choisir son mot de passe.

    Lève PermissionDenied si par n'est pas principal, OuvertureRefusee au-delà de 200 établissements.
    """
    _trancher(demande, par=par, est_acceptee=True)
    connue = Utilisateur.objects.par_courriel(demande.courriel)
    if connue:
        exiger_place(connue)
        _habiliter(demande, connue)
    else:
        _envoyer_admission(demande)


@transaction.atomic
def refuser(demande: DemandeRejoindre, *, par: Utilisateur) -> None:
    """Un utilisateur principal refuse ; la personne est prévenue. Lève PermissionDenied si par n'est pas principal."""
    _trancher(demande, par=par, est_acceptee=False)
    mettre_en_file(
        "rejoindre_refuse",
        a=demande.courriel,
        siret=demande.etablissement.siret,
        contexte={},
    )


def _trancher(demande: DemandeRejoindre, *, par: Utilisateur, est_acceptee: bool) -> None:
    est_principal = demande.etablissement.habilitations.principales().filter(utilisateur=par).exists()
    exiger(est_principal, "répondre à cette demande : il faut être utilisateur principal")
    verrouillee = DemandeRejoindre.objects.select_for_update().get(pk=demande.pk)
    exiger(verrouillee.confirmee_le is not None and verrouillee.traitee_le is None, "répondre deux fois à une demande")
    demande.traitee_le, demande.traitee_par, demande.est_acceptee = timezone.now(), par, est_acceptee
    demande.save(update_fields=["traitee_le", "traitee_par", "est_acceptee"])
    geste = "accepter_rejoindre" if est_acceptee else "refuser_rejoindre"
    journaliser(geste, sujet=f"etablissement:{demande.etablissement.siret}", par=par, demande=demande.pk)


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
    """La personne acceptée choisit son mot de passe et entre. Lève JetonRefuse, ValidationError."""
    jeton = jetons.verrouiller(Usage.ADMISSION, secret)
    demande = demande_du_jeton(jeton)
    connue = Utilisateur.objects.par_courriel(demande.courriel)
    personne = connue or Utilisateur(
        courriel=demande.courriel, nom=demande.nom, prenom=demande.prenom, telephone=demande.telephone
    )
    code = None
    if connue:
        exiger_place(connue)
    else:
        creer_personne(personne, mot_de_passe or "")
        annoncer_identifiant(personne, siret=demande.etablissement.siret)
        code = secours.renouveler_code(personne, par=personne)
    jetons.employer(jeton, freres=_freres(demande))
    return Ouverture(personne, _habiliter(demande, personne), code)


def purger_demandes() -> int:
    """Efface les demandes jamais confirmées depuis sept jours, et celles tranchées depuis 30 ; rend leur nombre."""
    maintenant = timezone.now()
    oubliees = Q(confirmee_le=None, deposee_le__lt=maintenant - DUREE_DEMANDE)
    tranchees = Q(traitee_le__lt=maintenant - CONSERVATION_TRANCHEE)
    return DemandeRejoindre.objects.filter(oubliees | tranchees).delete()[0]


def _freres(demande: DemandeRejoindre) -> JetonQuerySet:
    """Les jetons envoyés pour entrer dans le même établissement."""
    return Jeton.objects.filter(demandes_rejoindre__etablissement=demande.etablissement_id)


def _habiliter(demande: DemandeRejoindre, personne: Utilisateur) -> Habilitation:
    """Preuve 4 : l'accord d'un membre. Sans effet si la personne est déjà habilitée."""
    try:
        with transaction.atomic():
            habilitation = Habilitation.objects.create(
                utilisateur=personne, etablissement=demande.etablissement, role=Role.MEMBRE, preuve=Preuve.MEMBRE
            )
    except IntegrityError:
        return Habilitation.objects.actives().get(utilisateur=personne, etablissement=demande.etablissement)
    journaliser("entrer", sujet=f"etablissement:{demande.etablissement.siret}", par=personne, preuve=Preuve.MEMBRE)
    annoncer_habilitation(habilitation)
    return habilitation
