"""Une boulangerie et ses gens, pour les essais des preuves : qui a prouvé quoi."""

from __future__ import annotations

from django.test import Client
from django.utils import timezone

from apart.comptes.models import Utilisateur
from apart.etablissements.models import DERIVEES, DemandePreuve, Etablissement, Habilitation, Preuve, Role
from tests.boite import Lettre
from tests.monde import etablissement, personne

SIRET = "73282932000074"
CONTACT = "contact@boulangerie.fr"


class Equipe:
    """Marie, principale, a prouvé par lettre et posé l'adresse de la boulangerie, que quelqu'un a vérifiée."""

    def __init__(self) -> None:
        self.ou = etablissement(SIRET, "Boulangerie du Lac")
        self.marie = self.entre("marie@boulangerie.fr", Preuve.LETTRE, role=Role.PRINCIPAL)
        Etablissement.objects.update(
            courriel=CONTACT, courriel_pose_par=self.marie.utilisateur, courriel_prouve_le=timezone.now()
        )
        self.ou.refresh_from_db()

    def entre(
        self,
        courriel: str,
        preuve: Preuve = Preuve.COURRIEL,
        *,
        garant: Utilisateur | None = None,
        valeur: int | None = None,
        role: Role = Role.MEMBRE,
    ) -> Habilitation:
        """Une personne de plus, et ce qu'elle a prouvé."""
        qui = personne("Durand", courriel.partition("@")[0].capitalize(), courriel)
        if valeur is None:
            valeur = Preuve.COURRIEL if preuve in DERIVEES and garant is None else preuve
        return Habilitation.objects.create(
            utilisateur=qui, etablissement=self.ou, role=role, preuve=preuve, garant=garant, valeur=valeur
        )


def relue(habilitation: Habilitation) -> Habilitation:
    return Habilitation.objects.select_related("utilisateur", "etablissement", "garant").get(pk=habilitation.pk)


def part(habilitation: Habilitation) -> None:
    Habilitation.objects.filter(pk=habilitation.pk).update(au=timezone.now())


def la_demande(habilitation: Habilitation) -> DemandePreuve:
    return DemandePreuve.objects.select_related("habilitation__etablissement").get(habilitation=habilitation)


def connecte(habilitation: Habilitation) -> Client:
    client = Client()
    client.force_login(habilitation.utilisateur)
    return client


def texte(lettre: Lettre) -> str:
    """Le texte d'un message, sur une ligne."""
    return " ".join(lettre.texte.split())
