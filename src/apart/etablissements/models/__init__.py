"""Établissements, habilitations et demandes ; et ce que devient, dans le temps, qui y a accès."""

from apart.etablissements.models.espace import (
    DERIVEES,
    INDEPENDANTES,
    PLAFOND_ETABLISSEMENTS,
    REVUE,
    Coordonnees,
    DemandeEspace,
    DemandeRejoindre,
    DemandeRejoindreQuerySet,
    Etablissement,
    EtablissementQuerySet,
    Habilitation,
    HabilitationQuerySet,
    Preuve,
    Role,
)
from apart.etablissements.models.preuve import DemandePreuve
from apart.etablissements.models.suivi import AppelRevue, MotifRetrait, OffreRole, RevueAcces

__all__ = [
    "DERIVEES",
    "INDEPENDANTES",
    "PLAFOND_ETABLISSEMENTS",
    "REVUE",
    "AppelRevue",
    "Coordonnees",
    "DemandeEspace",
    "DemandePreuve",
    "DemandeRejoindre",
    "DemandeRejoindreQuerySet",
    "Etablissement",
    "EtablissementQuerySet",
    "Habilitation",
    "HabilitationQuerySet",
    "MotifRetrait",
    "OffreRole",
    "Preuve",
    "RevueAcces",
    "Role",
]
