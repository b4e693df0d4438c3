"""Une boulangerie dont la titulaire est partie, un collègue, et Léa qui demande à reprendre l'accès."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.utils import timezone

from apart.administrations.models import RoleAgent
from apart.comptes.models import Utilisateur
from apart.etablissements.models import Etablissement, Habilitation, Preuve, Role
from apart.reprises.actions import demande
from apart.reprises.etats import EtatReprise
from apart.reprises.models import Raison, Reprise
from tests.administrations.fabriques import affecter
from tests.comptes.fabriques import equiper
from tests.monde import etablissement, habiliter, personne

SIRET = "73282932000074"
LEA = "lea.blanc@boulangerie.fr"
SAISIE = {
    "raison": Raison.PARTIE,
    "explication": "Marie Durand est partie en septembre.",
    "nom": "Blanc",
    "prenom": "Léa",
    "fonction": "gérante",
    "telephone": "06 11 22 33 44",
    "courriel": LEA,
}


def boulangerie(*, adresse_prouvee: bool = True) -> Etablissement:
    """Son adresse, contact@boulangerie.fr, est à elle : vérifiée, et à aucun membre."""
    ouverte = etablissement(SIRET, "Boulangerie du Lac")
    ouverte.cree_le = timezone.now() - timedelta(days=60)
    ouverte.courriel_prouve_le = timezone.now() if adresse_prouvee else None
    ouverte.save()
    return ouverte


def tenir(ou: Etablissement, *, preuve: Preuve = Preuve.LETTRE) -> Habilitation:
    """Marie, utilisatrice principale, partie depuis."""
    marie = personne("Durand", "Marie", "marie.durand@boulangerie.fr")
    ou.courriel_pose_par = marie
    ou.save(update_fields=["courriel_pose_par"])
    habilitation = habiliter(marie, ou)
    habilitation.preuve = habilitation.valeur = preuve
    habilitation.save()
    return habilitation


def collegue(ou: Etablissement, *, preuve: Preuve = Preuve.LETTRE) -> Habilitation:
    """Victor, membre, encore là."""
    victor = personne("Petit", "Victor", "victor.petit@boulangerie.fr")
    return Habilitation.objects.create(
        utilisateur=victor, etablissement=ou, role=Role.MEMBRE, preuve=preuve, valeur=preuve
    )


def reprise(ou: Etablissement, etat: EtatReprise = EtatReprise.CONFIRMEE, **champs: Any) -> Reprise:
    """Celle de Léa, son adresse confirmée."""
    saisie = Reprise(etablissement=ou, **{**SAISIE, "telephone": "+33611223344", **champs})
    deposee = demande.deposer(saisie)
    if etat != EtatReprise.DEPOSEE:
        deposee.etat, deposee.confirmee_le = etat, timezone.now()
        deposee.save()
    return deposee


def lea() -> Utilisateur:
    return Utilisateur.objects.get(courriel=LEA)


def agent(prenom: str, *departements: str, role: RoleAgent = RoleAgent.ASSISTANCE) -> Utilisateur:
    """Un agent au travail, national sans département."""
    qui = personne("Martin", prenom, f"{prenom.lower()}@asp.fr", est_agent=True)
    return equiper(affecter(qui, role, *departements))
