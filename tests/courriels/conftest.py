"""Deux gabarits d'essai, et des raccourcis pour mettre en file."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings as reglages
from django.utils import timezone
from pytest_django.fixtures import Settings

from apart.courriels.actions import mettre_en_file
from apart.courriels.models import Courriel

SECRET = "x7Tq9-LmPzR4wYb2NcVd8sKf3hJg6uEaX1oQ5iBtM0k"
CODE = "K7MP-2QXV"


@pytest.fixture(autouse=True)
def _gabarits(settings: Settings) -> None:
    dossiers = [*settings.TEMPLATES[0]["DIRS"], Path(__file__).parent / "templates"]
    settings.TEMPLATES = [{**settings.TEMPLATES[0], "DIRS": dossiers}]


def lien() -> str:
    return f"{reglages.URL_PUBLIQUE}/mot-de-passe-oublie/lien/{SECRET}/"


def en_file(a: str = "marie@exemple.fr", **contexte: object) -> Courriel:
    """Un message avec lien et code, valable 60 minutes."""
    return mettre_en_file(
        "essai",
        a=a,
        contexte={"denomination": "Café des Halles", **contexte},
        secrets={"lien": lien(), "code": CODE},
        siret="73282932000074",
        expire_le=timezone.now() + timedelta(minutes=60),
    )


def avis(a: str = "marie@exemple.fr", titre: str = "votre espace est ouvert") -> Courriel:
    """Un message sans secret ni heure limite."""
    return mettre_en_file("avis", a=a, contexte={"titre": titre})
