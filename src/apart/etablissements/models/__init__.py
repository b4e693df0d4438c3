"""Établissements, habilitations et demandes."""

from apart.etablissements.models.espace import (
    DERIVEES,
    PLAFOND_ETABLISSEMENTS,
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

__all__ = [
    "DERIVEES",
    "PLAFOND_ETABLISSEMENTS",
    "Coordonnees",
    "DemandeEspace",
    "DemandePreuve",
    "DemandeRejoindre",
    "DemandeRejoindreQuerySet",
    "Etablissement",
    "EtablissementQuerySet",
    "Habilitation",
    "HabilitationQuerySet",
    "Preuve",
    "Role",
]
