"""Ouvrir un espace : la demande, le message qui prouve l'adresse, l'ouverture (R5122-26, 1°)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from django.contrib.auth.password_validation import validate_password
from django.db import IntegrityError, transaction
from django.utils import timezone

from apart.comptes.actions import jetons, secours
from apart.comptes.actions.adresse import AdressePrise, exiger_libre
from apart.comptes.actions.recuperation import lien_public
from apart.comptes.identifiant import promis
from apart.comptes.jetons import Demande, JetonRefuse, Raison
from apart.comptes.models import Jeton, Usage, Utilisateur
from apart.courriels.actions import admettre, mettre_en_file
from apart.courriels.models import Demandeur, ObjetDemande
from apart.etablissements.actions import adresse, mouvements
from apart.etablissements.models import (
    PLAFOND_ETABLISSEMENTS,
    Coordonnees,
    DemandeEspace,
    Etablissement,
    Habilitation,
    Preuve,
    Role,
)
from apart.repertoire.models import nom_public
from apart.socle.models import journaliser, verrouiller

ADRESSE_QUITTEE = (
    "Un compte a quitté cette adresse il y a moins de 72 heures : elle lui reste réservée jusque-là. "
    "Connectez-vous à ce compte, ou revenez une fois ce délai passé."
)
DUREE_DEMANDE = timedelta(days=7)
# Ce que le répertoire ou le SIRET ne disent pas d'eux-mêmes.
CHAMPS_RELUS = {champ.name for champ in Coordonnees._meta.get_fields()} - {"siret", "est_a_confirmer"}


class EspaceDejaOuvert(Exception):
    """Cet établissement a un espace : il faut le rejoindre, pas l'ouvrir."""


class OuvertureRefusee(Exception):
    """La personne ne peut pas ouvrir cet espace ; le message dit pourquoi."""


@dataclass(frozen=True)
class Relue:
    """Ce que la personne a relu et choisi une fois son adresse prouvée : de ce qui précède, rien d'autre n'est cru."""

    etablissement: Mapping[str, str]  # CHAMPS_RELUS
    personne: Mapping[str, str]  # nom, prenom, telephone ; vide pour qui a déjà un identifiant
    mot_de_passe: str | None = None  # None pour qui a déjà un identifiant
    question: str = ""
    empreinte_reponse: str = ""


@dataclass(frozen=True)
class Ouverture:
    """Ce que montre la page « Votre espace est ouvert ». code_de_secours n'est montré qu'ici."""

    utilisateur: Utilisateur
    habilitation: Habilitation
    code_de_secours: str | None  # None pour une personne qui avait déjà un identifiant
    a_ecrit_a_l_etablissement: bool = False  # un message part pour vérifier l'adresse de l'établissement

    @property
    def etablissement(self) -> Etablissement:
        return self.habilitation.etablissement

    @property
    def est_principal(self) -> bool:
        return self.habilitation.role == Role.PRINCIPAL

    @property
    def attend_preuve(self) -> bool:
        return not self.habilitation.permet_paiement


@transaction.atomic
def deposer_demande(saisie: DemandeEspace, *, remplace: DemandeEspace | None = None) -> DemandeEspace:
    """Garde ce qui a été saisi pour ouvrir un espace, sept jours, en attendant la preuve de l'adresse.

    saisie : la demande que le formulaire a lue, pas encore enregistrée. remplace : celle que l'on corrige ; sa ligne
    est reprise, sauf ouverte entre-temps. Ne réserve pas le SIRET : une adresse non prouvée ne bloque personne.
    """
    corrigee = verrouiller(DemandeEspace.objects.filter(pk=remplace.pk, ouverte_le=None)).first() if remplace else None
    saisie.pk = corrigee.pk if corrigee else None
    saisie.cgu_acceptees_le = corrigee.cgu_acceptees_le if corrigee else timezone.now()
    saisie.deposee_le, saisie.ouverte_le = timezone.now(), None
    saisie.save()
    journaliser("deposer_demande_espace", sujet=saisie.sujet, demande=saisie.pk)
    return saisie


@transaction.atomic
def envoyer_lien(
    demande: DemandeEspace, *, attente: Demande | None = None, demandeur: Demandeur = Demandeur.INCONNU
) -> bool:
    """Envoie le lien et le code qui prouvent l'adresse. Le texte change si cette adresse a déjà un identifiant.

    Rend faux si rien ne part : espace ouvert entre-temps, ou message retenu (T15).
    """
    demande = verrouiller(DemandeEspace.objects.filter(pk=demande.pk)).get()
    courriel = demande.courriel_utilisateur
    if demande.ouverte_le or not admettre(
        courriel, objet=ObjetDemande.ESPACE, demandeur=demandeur, pour=demande.siret
    ):
        journaliser("retenir_lien_espace", sujet=demande.sujet, demande=demande.pk)
        return False
    journaliser("envoyer_lien_espace", sujet=demande.sujet, demande=demande.pk)
    connu = Utilisateur.objects.par_courriel(courriel)
    emis = jetons.emettre(Usage.CREATION, courriel=courriel, utilisateur=connu, demande=attente)
    demande.jetons.add(emis.jeton)
    mettre_en_file(
        "ajouter_etablissement" if connu else "ouvrir_espace",
        a=courriel,
        utilisateur=connu,
        siret=demande.siret,
        contexte={"denomination": nom_public(demande.siret)},
        secrets={"lien": lien_public("ouvrir-lien", emis.secret), "code": emis.code},
        expire_le=emis.jeton.expire_le,
    )
    return True


@transaction.atomic
def renouveler_lien(secret: str) -> bool:
    """Renvoie un lien à l'adresse d'un lien mort, tant que la demande est gardée ; faux si rien ne part."""
    jeton = Jeton.objects.du_secret(secret, Usage.CREATION).first()
    demande = jeton.demandes_espace.filter(courriel_utilisateur=jeton.courriel).first() if jeton else None
    return demande is not None and envoyer_lien(demande, demandeur=Demandeur.LIEN)


def a_deja_ouvert(secret: str) -> bool:
    """Vrai si ce lien mort appartient à une demande dont l'espace est ouvert : un nouveau lien n'y ferait rien."""
    jeton = Jeton.objects.du_secret(secret, Usage.CREATION).first()
    siennes = (
        jeton.demandes_espace.filter(courriel_utilisateur=jeton.courriel) if jeton else DemandeEspace.objects.none()
    )
    return siennes.filter(ouverte_le__isnull=False).exists()


def demande_du_jeton(jeton: Jeton, *, a_verrouiller: bool = False) -> DemandeEspace:
    """La demande qu'un jeton d'ouverture prouve ; lève JetonRefuse si elle a été effacée, ou si son adresse a changé
    depuis : un lien ne prouve que l'adresse qui l'a reçu (T11).
    """
    siennes = jeton.demandes_espace.all()
    demande: DemandeEspace | None = (verrouiller(siennes) if a_verrouiller else siennes).first()
    if demande is None:
        raise JetonRefuse(Raison.INCONNU)
    if demande.courriel_utilisateur != jeton.courriel:
        raise JetonRefuse(Raison.REMPLACE)
    return demande


@transaction.atomic
def ouvrir(secret: str, *, relue: Relue) -> Ouverture:
    """Ouvre l'espace à son premier utilisateur, une fois son courriel prouvé (R5122-26, 1°).

    relue : ce qu'elle a vu, corrigé et choisi ; la demande ne donne plus que le SIRET et l'adresse prouvée. Lève
    JetonRefuse, EspaceDejaOuvert si quelqu'un a été plus rapide, OuvertureRefusee, ValidationError (mot de passe).
    """
    jeton = jetons.verrouiller(Usage.CREATION, secret)
    demande = demande_du_jeton(jeton, a_verrouiller=True)
    utilisateur, est_nouveau = _personne(demande, relue, secret)
    etablissement = creer_etablissement(
        demande.siret, relue.etablissement, est_a_confirmer=demande.est_a_confirmer, par=utilisateur
    )
    habilitation = Habilitation.objects.create(
        utilisateur=utilisateur, etablissement=etablissement, role=Role.PRINCIPAL, preuve=Preuve.COURRIEL
    )
    mouvements.entrer(habilitation)
    jetons.employer(jeton, freres=Jeton.objects.filter(demandes_espace__siret=demande.siret))
    demande.ouverte_le = timezone.now()
    demande.save(update_fields=["ouverte_le"])
    journaliser("ouvrir_espace", sujet=etablissement.sujet, par=utilisateur, preuve=Preuve.COURRIEL)
    code = _accueillir(utilisateur, relue, siret=demande.siret) if est_nouveau else None
    annoncer_habilitation(habilitation)
    return Ouverture(utilisateur, habilitation, code, adresse.envoyer(etablissement, par=utilisateur))


def _personne(demande: DemandeEspace, relue: Relue, secret: str) -> tuple[Utilisateur, bool]:
    """La personne de cette adresse (verrouillée avec le jeton), créée si besoin ; et si elle vient de l'être."""
    connue = Utilisateur.objects.par_courriel(demande.courriel_utilisateur)
    if connue:
        exiger_place(connue)
        return connue, False
    personne = Utilisateur(courriel=demande.courriel_utilisateur, **relue.personne)
    creer_personne(personne, relue.mot_de_passe or "", secret=secret)
    return personne, True


def creer_personne(personne: Utilisateur, mot_de_passe: str, *, secret: str) -> None:
    """Enregistre une nouvelle personne avec son mot de passe, sous l'identifiant que promettait la page de ce lien.

    Lève ValidationError ; JetonRefuse si la personne existe ; OuvertureRefusee si un compte vient de quitter cette
    adresse, et peut encore la reprendre.
    """
    try:
        exiger_libre(personne.courriel)
    except AdressePrise as prise:
        if prise.autre.courriel == personne.courriel:  # la même personne a ouvert un autre lien au même instant
            raise JetonRefuse(Raison.EMPLOYE) from prise
        raise OuvertureRefusee(ADRESSE_QUITTEE) from prise
    personne.identifiant = Utilisateur.objects.libre(promis(secret))
    validate_password(mot_de_passe, personne)
    personne.set_password(mot_de_passe)
    try:
        with transaction.atomic():
            personne.save(force_insert=True)
    except IntegrityError as erreur:  # la même personne a ouvert un autre lien au même instant
        raise JetonRefuse(Raison.EMPLOYE) from erreur


def exiger_place(personne: Utilisateur) -> None:
    """Lève OuvertureRefusee si cette personne ne peut pas recevoir un établissement de plus."""
    if personne.est_agent or not personne.is_active:
        raise OuvertureRefusee("Cette adresse ne peut pas ouvrir d'espace d'employeur. Employez-en une autre.")
    if personne.habilitations.actives().count() >= PLAFOND_ETABLISSEMENTS:
        raise OuvertureRefusee(f"Un identifiant ouvre au plus {PLAFOND_ETABLISSEMENTS} établissements.")


def creer_etablissement(
    siret: str, coordonnees: Mapping[str, str], *, est_a_confirmer: bool, par: Utilisateur
) -> Etablissement:
    """Le premier arrivé crée l'établissement ; la contrainte d'unicité départage les autres.

    coordonnees : CHAMPS_RELUS, dites par une personne dont l'adresse est prouvée. Lève EspaceDejaOuvert.
    """
    champs = {nom: coordonnees[nom] for nom in CHAMPS_RELUS}
    try:
        with transaction.atomic():
            return Etablissement.objects.create(
                siret=siret, est_a_confirmer=est_a_confirmer, courriel_pose_par=par, **champs
            )
    except IntegrityError as erreur:
        raise EspaceDejaOuvert(siret) from erreur


def _accueillir(utilisateur: Utilisateur, relue: Relue, *, siret: str) -> str:
    """Première venue : question secrète si elle en a choisi une, code de secours, courriel de l'identifiant."""
    if relue.question:
        secours.enregistrer_question(
            utilisateur, question=relue.question, empreinte_reponse=relue.empreinte_reponse, par=utilisateur
        )
    annoncer_identifiant(utilisateur, siret=siret)
    return secours.renouveler_code(utilisateur, par=utilisateur)


def annoncer_identifiant(utilisateur: Utilisateur, *, siret: str) -> None:
    """Met en file le premier des deux messages de la note : l'identifiant."""
    mettre_en_file(
        "identifiant",
        a=utilisateur.courriel,
        utilisateur=utilisateur,
        siret=siret,
        contexte={"identifiant": utilisateur.identifiant_lisible},
    )


def annoncer_habilitation(habilitation: Habilitation) -> None:
    """Met en file le second message de la note : ce qui est ouvert déjà, et ce qui attend une preuve."""
    mettre_en_file(
        "habilitation",
        a=habilitation.utilisateur.courriel,
        utilisateur=habilitation.utilisateur,
        siret=habilitation.etablissement.siret,
        contexte={
            "denomination": habilitation.etablissement.denomination,
            "est_principal": habilitation.role == Role.PRINCIPAL,
            "attend_preuve": not habilitation.permet_paiement,
            "retenue": habilitation.utilisateur.adresse_retenue_jusqu_au,
        },
    )


def purger_demandes() -> int:
    """Efface les demandes d'espace jamais prouvées, ou prouvées, depuis plus de sept jours ; rend leur nombre."""
    return DemandeEspace.objects.filter(deposee_le__lt=timezone.now() - DUREE_DEMANDE).delete()[0]
