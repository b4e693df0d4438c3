"""Qui a accès à la boulangerie : des gens nommés d'après leur place."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.test import Client
from django.utils.timezone import now

from apart.comptes.models import Utilisateur
from apart.etablissements.models import Etablissement, Habilitation, Preuve, Role
from tests.boite import Lettre
from tests.monde import SIRET, etablissement, personne

PERSONNES = f"/etablissements/{SIRET}/personnes/"


def boulangerie() -> Etablissement:
    """Ouverte il y a un an : la revue du trimestre l'attend."""
    ou = Etablissement.objects.filter(siret=SIRET).first() or etablissement(SIRET, "Boulangerie du Lac")
    Etablissement.objects.filter(pk=ou.pk).update(cree_le=now() - timedelta(days=365))
    return Etablissement.objects.get(pk=ou.pk)


def habilite(prenom: str, role: Role = Role.MEMBRE, ou: Etablissement | None = None, **champs: Any) -> Habilitation:
    """Cette personne, dans la boulangerie par défaut ; champs : la preuve, le garant, depuis quand."""
    courriel = f"{prenom.lower()}@boulangerie.fr"
    qui = Utilisateur.objects.par_courriel(courriel) or personne("Durand", prenom, courriel)
    preuve = champs.setdefault("preuve", Preuve.COURRIEL)
    champs.setdefault("valeur", preuve)
    return Habilitation.objects.create(utilisateur=qui, etablissement=ou or boulangerie(), role=role, **champs)


def navigateur(qui: Habilitation | Utilisateur) -> Client:
    client = Client()
    client.force_login(qui.utilisateur if isinstance(qui, Habilitation) else qui)
    return client


def d_une_ligne(lettre: Lettre) -> str:
    """Son texte, sans les lignes où il est plié."""
    return " ".join(lettre.texte.split())


def relue(habilitation: Habilitation) -> Habilitation:
    return Habilitation.objects.get(pk=habilitation.pk)
