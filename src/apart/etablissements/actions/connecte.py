"""Ce qu'une personne connectée fait sans autre courriel : son adresse est prouvée, un lien n'ajouterait rien."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone

from apart.comptes.models import Utilisateur
from apart.etablissements.actions import adresse, mouvements
from apart.etablissements.actions.espace import CHAMPS_RELUS, OuvertureRefusee, creer_etablissement, exiger_place
from apart.etablissements.actions.rejoindre import prevenir_les_principaux
from apart.etablissements.etats import EtatRejoindre
from apart.etablissements.models import DemandeEspace, DemandeRejoindre, Etablissement, Habilitation, Preuve, Role
from apart.socle.acces import exiger
from apart.socle.models import journaliser, verrouiller


@transaction.atomic
def ajouter(saisie: DemandeEspace, *, par: Utilisateur) -> Habilitation:
    """Ouvre l'espace d'un établissement de plus à cette personne (R5122-26, 1°). Envoyé deux fois, ne le fait qu'une.

    saisie : la demande que le formulaire a lue, pas enregistrée. Lève PermissionDenied si elle porte une autre adresse
    que la sienne, que rien ne prouve ; EspaceDejaOuvert, OuvertureRefusee.
    """
    personne = _soi(par, saisie.courriel_utilisateur)
    deja = personne.habilitations.actives().filter(etablissement__siret=saisie.siret).first()
    if deja:
        return deja
    exiger_place(personne)
    coordonnees = {nom: getattr(saisie, nom) for nom in CHAMPS_RELUS}
    etablissement = creer_etablissement(
        saisie.siret, coordonnees, est_a_confirmer=saisie.est_a_confirmer, par=personne
    )
    habilitation = Habilitation.objects.create(
        utilisateur=personne, etablissement=etablissement, role=Role.PRINCIPAL, preuve=Preuve.COURRIEL
    )
    mouvements.entrer(habilitation)
    journaliser("ouvrir_espace", sujet=etablissement.sujet, par=personne, preuve=Preuve.COURRIEL)
    adresse.envoyer(etablissement, par=personne)
    return habilitation


@transaction.atomic
def demander(saisie: DemandeRejoindre, *, par: Utilisateur) -> DemandeRejoindre:
    """Demande à rejoindre un établissement, et prévient ses principaux aussitôt. Une demande qui attend est gardée.

    saisie : la demande que le formulaire a lue, pas enregistrée. Lève PermissionDenied si elle porte une autre adresse
    que la sienne ; OuvertureRefusee si elle y est déjà, ou n'a plus de place.
    """
    personne = _soi(par, saisie.courriel)
    verrouiller(Etablissement.objects.filter(pk=saisie.etablissement_id)).get()
    if personne.habilitations.actives().filter(etablissement=saisie.etablissement_id).exists():
        raise OuvertureRefusee("Cet établissement est déjà dans votre espace.")
    exiger_place(personne)
    siennes = DemandeRejoindre.objects.filter(etablissement=saisie.etablissement_id, courriel=personne.courriel)
    if attend := siennes.filter(etat=EtatRejoindre.CONFIRMEE).first():
        return attend
    saisie.etat, saisie.confirmee_le = EtatRejoindre.CONFIRMEE, timezone.now()
    saisie.save(force_insert=True)
    journaliser("demander_a_rejoindre", sujet=saisie.sujet, par=personne, demande=saisie.pk)
    prevenir_les_principaux(saisie)
    return saisie


def _soi(par: Utilisateur, courriel: str) -> Utilisateur:
    """La personne, verrouillée et relue, si l'adresse tapée est la sienne."""
    personne = verrouiller(Utilisateur.objects.filter(pk=par.pk)).get()
    exiger(
        personne.is_active and personne.courriel == courriel,
        "employer une adresse qui n'est pas la vôtre",
    )
    return personne
