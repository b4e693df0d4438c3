"""Les gestes de qui change l'adresse de son compte, pour les tests."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.test import Client

from apart.comptes.models import Utilisateur
from tests.boite import Boite, Lettre

AVANT, APRES, ENCORE = "marie.durand@boulangerie.fr", "marie@exemple.fr", "autre@exemple.fr"
PAGE = "/mon-espace/securite/adresse/"
PROUVER, REVENIR = "/compte/adresse/", "/compte/adresse-d-avant/"
HEURE, JOUR = timedelta(hours=1), timedelta(days=1)


def secret(lettre: Lettre) -> str:
    """Ce que son lien porte."""
    return lettre.chemin.rstrip("/").rsplit("/", 1)[1]


def taper(client: Client, courriel: str = APRES) -> Any:
    return client.post(PAGE, {"courriel": courriel})


def recues(boite: Boite) -> dict[str, Lettre]:
    """Ce qui vient d'arriver, la dernière lettre de chaque adresse."""
    return {lettre.a: lettre for lettre in boite.recevoir()}


def prouver(lettre: Lettre, client: Client | None = None) -> Any:
    """Le lien ouvert d'un autre navigateur, et son bouton."""
    return (client or Client()).post(PROUVER, {"jeton": secret(lettre), "etape": "changer"}, follow=True)


def changer(client: Client, boite: Boite, courriel: str = APRES) -> dict[str, Lettre]:
    """Demande, prouve ; rend ce que chaque adresse a reçu du changement."""
    taper(client, courriel)
    prouver(recues(boite)[courriel])
    return recues(boite)


def revenir(lettre: Lettre) -> Any:
    return Client().post(REVENIR, {"jeton": secret(lettre)}, follow=True)


def adresse_de(marie: Utilisateur) -> str:
    return Utilisateur.objects.get(pk=marie.pk).courriel
