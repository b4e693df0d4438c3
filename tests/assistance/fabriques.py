"""Des demandes d'assistance, pour les tests."""

from __future__ import annotations

import uuid
from dataclasses import replace
from typing import Any

from apart.assistance.actions.demandes import Depot, Saisie, deposer
from apart.assistance.models import Motif
from tests.preuves import preuve

SIRET = "73282932000074"
SAISIE = Saisie(
    siret=SIRET,
    denomination="Boulangerie du Lac",
    nom_complet="Durand Marie",
    telephone="+33102030405",
    courriel="marie.durand@boulangerie.fr",
    motif=Motif.HABILITATION,
    description="Ma collègue est partie et sa messagerie est fermée.",
    envoi=uuid.UUID(int=1),
)


def depot(**champs: Any) -> Depot:
    return deposer(replace(SAISIE, envoi=uuid.uuid4(), **champs))


def formulaire(**champs: str) -> dict[str, str]:
    """Ce qu'un visiteur envoie depuis /aide/assistance/, contrôle de sécurité compris."""
    saisi = {
        "siret": "732 829 320 00074",
        "denomination": "Boulangerie du Lac",
        "nom_complet": "Durand Marie",
        "telephone": "01 02 03 04 05",
        "courriel": "marie.durand@boulangerie.fr",
        "motif": "habilitation",
        "description": "Ma collègue est partie et sa messagerie est fermée.",
        "envoi": str(uuid.uuid4()),
    }
    return saisi | preuve("assistance") | champs
