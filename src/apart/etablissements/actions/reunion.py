"""Réunir deux comptes d'une même personne : ses établissements sous un seul, l'autre fermé (décision 0022)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from apart.comptes.actions import jetons, sessions
from apart.comptes.actions.adresse import personne_du_lien
from apart.comptes.actions.recuperation import lien_public
from apart.comptes.jetons import JetonRefuse, Raison, lire
from apart.comptes.models import Jeton, Usage, Utilisateur
from apart.courriels.actions import mettre_en_file
from apart.etablissements.actions import mouvements
from apart.etablissements.actions.preuves import repeser
from apart.etablissements.etats import EtatPreuve
from apart.etablissements.models import (
    PLAFOND_ETABLISSEMENTS,
    RANGS,
    DemandePreuve,
    Etablissement,
    Fondement,
    Habilitation,
    MotifRetrait,
    Preuve,
    Reunion,
    Role,
)
from apart.socle.acces import exiger
from apart.socle.chiffrement import empreinte
from apart.socle.models import journaliser, verrouiller, verrouiller_noms

# Ce qui, dans un module du dessus, empêche de toucher à qui a accès ici : rend la phrase, vide si rien. Rempli par
# apart.config.
EMPECHEMENTS: list[Callable[[QuerySet[Etablissement]], str]] = []


class ReunionRefusee(Exception):
    """Ces deux comptes ne se réunissent pas maintenant ; le message dit pourquoi."""


@transaction.atomic
def prouver(secret: str, *, garde_l_autre: bool, par: Utilisateur) -> Reunion:
    """Le second compte est prouvé, par son adresse et son mot de passe : un dernier lien part à l'adresse du premier.

    secret : le lien reçu à l'adresse du second. L'appelant a vérifié son mot de passe et son second facteur.
    garde_l_autre : c'est lui qui reste. Lève JetonRefuse, ReunionRefusee, PermissionDenied si par n'a pas demandé ce
    lien : sans quoi on ferait donner à quelqu'un son mot de passe pour lui prendre ses établissements.
    """
    jeton = jetons.verrouiller(Usage.NOUVELLE_ADRESSE, secret)
    demandeur = personne_du_lien(jeton)
    exiger(par == demandeur, "réunir des comptes que vous n'avez pas demandé à réunir")
    autre = compte_de_l_adresse(jeton)
    exiger_possible(demandeur, autre)
    reunion = Reunion.objects.create(
        demandeur=demandeur,
        autre=autre,
        garde=autre if garde_l_autre else demandeur,
        empreinte_autre=empreinte(autre.password),
    )
    jetons.employer(jeton, freres=demandeur.jetons.all())
    journaliser("demander_reunion", sujet=demandeur.sujet, par=par, autre=autre.pk)
    _ecrire_lien(reunion)
    return reunion


def _ecrire_lien(reunion: Reunion) -> None:
    demandeur = reunion.demandeur
    emis = jetons.emettre(Usage.REUNION, courriel=demandeur.courriel, utilisateur=demandeur)
    reunion.jetons.add(emis.jeton)
    mettre_en_file(
        "reunion_a_confirmer",
        a=demandeur.courriel,
        utilisateur=demandeur,
        contexte={},
        secrets={"lien": lien_public("reunion-lien", emis.secret)},
        expire_le=emis.jeton.expire_le,
    )


@transaction.atomic
def renouveler_lien(secret: str) -> bool:
    """Renvoie un lien que la messagerie a retenu plus longtemps qu'il ne valait ; faux s'il n'a plus d'objet."""
    ancien = Jeton.objects.du_secret(secret, Usage.REUNION).filter(employe_le=None, annule_le=None).first()
    if ancien is None:
        return False
    try:
        reunion = reunion_du_lien(ancien)
    except JetonRefuse:
        return False
    if reunion.demandeur.courriel != ancien.courriel:
        return False
    _ecrire_lien(reunion)
    return True


@transaction.atomic
def reunir(secret: str) -> Reunion:
    """Les deux adresses sont prouvées : un compte reçoit les établissements de l'autre, qui se ferme.

    Un établissement qu'ils avaient tous deux garde le rôle et la preuve les plus forts. Ce que l'un garantissait à
    l'autre ne vaut plus rien ; ce qu'il garantissait à d'autres continue. Aucun retour. Lève JetonRefuse,
    ReunionRefusee.
    """
    reunion = reunion_du_lien(lire(Usage.REUNION, secret))
    les_deux = Utilisateur.objects.filter(pk__in=[reunion.demandeur_id, reunion.autre_id])
    verrouiller_noms(*les_deux.values_list("courriel", flat=True))
    list(verrouiller(les_deux))
    jeton = jetons.verrouiller(Usage.REUNION, secret)
    reunion = reunion_du_lien(jeton)
    garde, ferme = reunion.garde, reunion.ferme
    ou = Etablissement.objects.filter(pk__in=_les_leurs(les_deux))
    list(verrouiller(ou))
    exiger_possible(garde, ferme)
    for habilitation in verrouiller(Habilitation.objects.actives().filter(utilisateur=ferme)):
        _porter(habilitation, garde)
    _changer_de_garant(ou, de=ferme, vers=garde)
    for etablissement in ou.order_by("pk"):
        repeser(etablissement)
    jetons.employer(jeton, freres=Jeton.objects.filter(reunions=reunion))
    _fermer(reunion)
    journaliser("reunir_comptes", sujet=garde.sujet, par=garde, ferme=ferme.pk)
    for compte in (garde, ferme):
        mettre_en_file("comptes_reunis", a=compte.courriel, utilisateur=garde, contexte={"est_garde": compte == garde})
    return reunion


def reunion_du_lien(jeton: Jeton) -> Reunion:
    """Celle que ce lien conclut. Lève JetonRefuse si elle ne se fait plus : faite, ou un mot de passe a changé."""
    reunion = jeton.reunions.select_related("demandeur", "autre", "garde").first()
    if reunion is None or reunion.faite_le or reunion.empreinte_autre != empreinte(reunion.autre.password):
        raise JetonRefuse(Raison.SANS_OBJET)
    return reunion


def compte_de_l_adresse(jeton: Jeton) -> Utilisateur:
    """Le compte qui a l'adresse que ce lien prouve. Lève ReunionRefusee s'il n'y en a pas."""
    autre = Utilisateur.objects.par_courriel(jeton.courriel)
    if autre is None:
        raise ReunionRefusee("Aucun compte n'a plus cette adresse. Recommencez.")
    return autre


def exiger_possible(un: Utilisateur, autre: Utilisateur) -> None:
    """Lève ReunionRefusee : un agent, un compte fermé, trop d'établissements, un accès contesté ou repris."""
    for compte in (un, autre):
        if compte.est_agent or not compte.is_active:
            raise ReunionRefusee("L'un de ces deux comptes ne peut pas être réuni à un autre.")
        if compte.changements_adresse.defaisables().exists():
            raise ReunionRefusee(
                "L'adresse d'un de ces comptes a changé il y a moins de 72 heures : attendez la fin de ce délai."
            )
    actives = Habilitation.objects.actives().filter(utilisateur__in=[un, autre])
    ou = Etablissement.objects.filter(pk__in=actives.values("etablissement"))
    if ou.count() > PLAFOND_ETABLISSEMENTS:
        raise ReunionRefusee(
            f"À eux deux, ces comptes ont plus de {PLAFOND_ETABLISSEMENTS} établissements. Quittez-en d'abord."
        )
    if contestee := actives.exclude(contestee_le=None).select_related("etablissement").first():
        raise ReunionRefusee(f"Votre accès à {contestee.etablissement} est contesté : attendez la réponse.")
    if phrase := next(filter(None, (empecher(ou) for empecher in EMPECHEMENTS)), ""):
        raise ReunionRefusee(phrase)


def _les_leurs(gens: QuerySet[Utilisateur]) -> list[int]:
    """Les établissements où l'un ou l'autre a, ou a eu, un accès."""
    return [*Habilitation.objects.filter(utilisateur__in=gens).values_list("etablissement", flat=True)]


def _porter(habilitation: Habilitation, garde: Utilisateur) -> None:
    """L'habilitation passe au compte gardé ; s'il en avait déjà une ici, la plus forte des deux reste."""
    ici = Habilitation.objects.actives().filter(etablissement=habilitation.etablissement_id, utilisateur=garde)
    sienne = verrouiller(ici).first()
    de = habilitation.utilisateur_id
    if sienne is None:
        sienne = habilitation
        mouvements.sortir(sienne, par=None, motif=MotifRetrait.REUNION)
        sienne.utilisateur = garde
        _sans_garant(sienne, {garde.pk})
        sienne.save()
        mouvements.entrer(sienne)
    else:
        _confondre(habilitation, sienne)
    sujet = habilitation.etablissement.sujet
    journaliser("reunir_acces", sujet=sujet, par=garde, de=de, habilitation=sienne.pk, role=sienne.role)


def _confondre(finie: Habilitation, sienne: Habilitation) -> None:
    """finie : celle du compte qui se ferme, là où l'autre a la sienne. Ses preuves suivent, à défaire comme avant."""
    maintenant = timezone.now()
    for demande in DemandePreuve.objects.filter(habilitation=finie, etat=EtatPreuve.DEPOSEE).order_by("pk"):
        with demande.franchir("abandonner_preuve", demande=demande.pk):
            demande.traitee_le = maintenant
    connues = set(finie.fondements.filter(retire_le=None).values_list("preuve", "garant"))
    if finie.preuve != Preuve.COURRIEL and (finie.preuve, finie.garant_id) not in connues:
        Fondement.objects.create(habilitation=sienne, preuve=finie.preuve, garant_id=finie.garant_id)
    finie.fondements.update(habilitation=sienne)
    finie.demandes_preuve.update(habilitation=sienne)
    sienne.du = min(sienne.du, finie.du)
    sienne.save()
    if RANGS[Role(finie.role)] > RANGS[Role(sienne.role)]:
        mouvements.changer(sienne, Role(finie.role), pris_le=finie.role_pris_le, cause=f"reunion:{finie.pk}")
    finie.au, finie.motif_fin = max(maintenant, finie.du), MotifRetrait.REUNION
    finie.finie_par_id = sienne.utilisateur_id
    finie.save(update_fields=["au", "motif_fin", "finie_par"])
    mouvements.sortir(finie, par=None, motif=MotifRetrait.REUNION)


def _sans_garant(habilitation: Habilitation, eux: set[int]) -> None:
    """Nul ne répond de soi-même : ce que l'un des deux comptes garantissait à l'autre tombe."""
    habilitation.fondements.filter(garant__in=eux, retire_le=None).update(retire_le=timezone.now())
    if habilitation.garant_id in eux:
        habilitation.preuve, habilitation.garant, habilitation.valeur = Preuve.COURRIEL, None, Preuve.COURRIEL


def _changer_de_garant(ou: QuerySet[Etablissement], *, de: Utilisateur, vers: Utilisateur) -> None:
    """Ce dont répondait le compte fermé, l'autre en répond ; sauf de lui-même."""
    for sienne in Habilitation.objects.filter(etablissement__in=ou, utilisateur=vers):
        _sans_garant(sienne, {de.pk, vers.pk})
        sienne.save(update_fields=["preuve", "garant", "valeur"])
    repoint: Any = {"garant": vers}
    Fondement.objects.filter(Q(habilitation__etablissement__in=ou), garant=de).exclude(
        habilitation__utilisateur__in=[de, vers]
    ).update(**repoint)
    Habilitation.objects.filter(etablissement__in=ou, garant=de).exclude(utilisateur__in=[de, vers]).update(**repoint)
    ou.filter(courriel_pose_par=de).update(courriel_pose_par=vers)


def _fermer(reunion: Reunion) -> None:
    """Le compte qui se ferme ne se connecte plus ; aucune session, aucun lien ne survit, ni à l'un ni à l'autre."""
    reunion.faite_le = timezone.now()
    reunion.save(update_fields=["faite_le"])
    reunion.ferme.is_active = False
    reunion.ferme.save(update_fields=["is_active"])
    for compte in (reunion.garde, reunion.ferme):
        jetons.annuler_ceux_de(compte)
        sessions.fermer_toutes(compte)
