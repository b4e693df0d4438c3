"""Ce qu'un attaquant fait contre la reprise d'accès : les gestes que partagent ses essais."""

from __future__ import annotations

from datetime import timedelta

import time_machine
from django.utils import timezone

from apart.comptes.models import Utilisateur
from apart.etablissements.actions import rejoindre
from apart.etablissements.etats import EtatRejoindre
from apart.etablissements.models import (
    DemandeRejoindre,
    Etablissement,
    Habilitation,
    MotifRetrait,
    Preuve,
    Role,
)
from apart.pieces.recues import examiner
from apart.reprises.actions import agents, avis, execution, preuves
from apart.reprises.actions.pieces import joindre
from apart.reprises.models import PieceAttendue, Reprise
from tests.monde import personne
from tests.reprises.gens import agent, reprise

MARIE, X = "marie.durand@boulangerie.fr", "x@evil.fr"
Y, YVES = "y@evil.fr", "yves@boulangerie.fr"
RETRAIT, CODE = MotifRetrait.DEPART, Preuve.COURRIEL_ETABLISSEMENT
PLAFOND = "apart.etablissements.actions.espace.PLAFOND_ETABLISSEMENTS"


def acces(qui: Utilisateur, ou: Etablissement) -> Habilitation:
    return Habilitation.objects.actives().get(utilisateur=qui, etablissement=ou)


def paie(qui: Utilisateur, ou: Etablissement) -> bool:
    return acces(qui, ou).permet_paiement


def actif(qui: Utilisateur, ou: Etablissement) -> Habilitation | None:
    return Habilitation.objects.actives().filter(utilisateur=qui, etablissement=ou).first()


def lien(r: Reprise, adresse: str) -> str:
    return avis._lien(r, adresse, timedelta(days=30)).rstrip("/").rpartition("/")[2]


def relue(r: Reprise) -> Reprise:
    return Reprise.objects.get(pk=r.pk)


def echoir() -> None:
    with time_machine.travel(timezone.now() + timedelta(hours=73)):
        preuves.executer_les_echues()


def imposteur(ou: Etablissement, preuve: Preuve = CODE) -> tuple[Utilisateur, Reprise]:
    """X a repris l'accès par une reprise faite, et a laissé passer les 24 heures où il ne répond de personne."""
    x = personne("X", "X", X)
    r = reprise(ou, courriel=X)
    execution.executer(r, preuve)
    Utilisateur.objects.filter(pk=x.pk).update(adresse_posee_le=None)
    return (x, r)


def demander_a_entrer(ou: Etablissement, courriel: str) -> DemandeRejoindre:
    """Son adresse confirmée, elle attend la réponse d'un principal."""
    return DemandeRejoindre.objects.create(
        etablissement=ou,
        nom="Y",
        prenom="C",
        telephone="+33611",
        courriel=courriel,
        etat=EtatRejoindre.CONFIRMEE,
        confirmee_le=timezone.now(),
    )


def admettre(ou: Etablissement, par: Utilisateur, courriel: str = Y) -> Utilisateur:
    y = personne("Y", "Y", courriel)
    rejoindre.accepter(demander_a_entrer(ou, courriel), par=par)
    return y


def defaire(r: Reprise) -> None:
    agents.proposer_annulation(r, motif="m", par=Utilisateur.objects.par_courriel("paul@asp.fr") or agent("Paul"))
    agents.annuler(r, par=Utilisateur.objects.par_courriel("sophie@asp.fr") or agent("Sophie"))


def lever(r: Reprise) -> None:
    """Deux agents, qui n'ont rien décidé d'autre, lisent l'opposition et la lèvent."""
    agents.proposer_levee(relue(r), motif="Elle a quitté l'entreprise.", par=agent("Nadia"))
    geste = agents.lever_contestation if relue(r).executee_le else agents.lever_opposition
    geste(relue(r), motif="Départ confirmé.", par=agent("Omar"))


def piece(r: Reprise, *attendues: PieceAttendue) -> None:
    """Le même fichier sous chacun de ces noms ; sans nom, un extrait du registre."""
    noms = attendues or (PieceAttendue.REGISTRE,)
    joindre(r, {attendue: [examiner("kbis.pdf", b"%PDF-1.4\nbonjour\n%%EOF")] for attendue in noms})


def simple(ou: Etablissement, courriel: str, valeur: int = 1) -> Habilitation:
    return Habilitation.objects.create(
        utilisateur=personne("S", "S", courriel), etablissement=ou, role=Role.MEMBRE, preuve=valeur, valeur=valeur
    )
