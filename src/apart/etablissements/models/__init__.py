"""Établissements, habilitations et demandes ; et ce que devient, dans le temps, qui y a accès."""

from apart.etablissements.models.espace import (
    DERIVEES,
    INDEPENDANTES,
    PAR_ENTREE,
    PLAFOND_ETABLISSEMENTS,
    RANGS,
    Coordonnees,
    DemandeEspace,
    DemandeRejoindre,
    DemandeRejoindreQuerySet,
    Etablissement,
    EtablissementQuerySet,
    Habilitation,
    HabilitationQuerySet,
    MotifRetrait,
    Preuve,
    Role,
)
from apart.etablissements.models.mouvement import Mouvement, Sorte
from apart.etablissements.models.preuve import DemandePreuve, Fondement
from apart.etablissements.models.reunion import Reunion
from apart.etablissements.models.suivi import AppelRevue, OffreRole, RevueAcces

__all__ = [
    "DERIVEES",
    "INDEPENDANTES",
    "PAR_ENTREE",
    "PLAFOND_ETABLISSEMENTS",
    "RANGS",
    "AppelRevue",
    "Coordonnees",
    "DemandeEspace",
    "DemandePreuve",
    "DemandeRejoindre",
    "DemandeRejoindreQuerySet",
    "Etablissement",
    "EtablissementQuerySet",
    "Fondement",
    "Habilitation",
    "HabilitationQuerySet",
    "MotifRetrait",
    "Mouvement",
    "OffreRole",
    "Preuve",
    "Reunion",
    "RevueAcces",
    "Role",
    "Sorte",
]
