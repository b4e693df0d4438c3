"""Effacer ce qui n'a plus à être gardé (docs : pages « Données personnelles »)."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone

from apart.comptes.models import Acces, EchecConnexion, FacteurPerdu, Jeton, Session

CONSERVATION_JETON = timedelta(hours=24)  # après sa fin : le temps de dire « ce lien a déjà servi »
CONSERVATION_ACCES = timedelta(days=365)


def purger_jetons() -> int:
    """Efface les jetons expirés depuis plus de 24 heures ; rend leur nombre."""
    return Jeton.objects.filter(expire_le__lt=timezone.now() - CONSERVATION_JETON).delete()[0]


def purger_acces() -> int:
    """Efface les accès de plus de 12 mois ; rend leur nombre."""
    return Acces.objects.filter(le__lt=timezone.now() - CONSERVATION_ACCES).delete()[0]


def purger_facteurs_perdus() -> int:
    """Efface les demandes de second facteur perdu finies depuis plus de 12 mois ; rend leur nombre."""
    finies = FacteurPerdu.objects.filter(finie_le__lt=timezone.now() - CONSERVATION_ACCES)
    return finies.delete()[0]


def purger_echecs() -> int:
    """Efface les échecs de connexion de plus de 24 heures ; rend leur nombre."""
    return EchecConnexion.objects.perimes().delete()[0]


def purger_sessions() -> int:
    """Efface les sessions finies ; rend leur nombre."""
    return Session.objects.filter(expire_date__lt=timezone.now()).delete()[0]
