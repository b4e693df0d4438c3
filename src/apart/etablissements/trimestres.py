"""Les trimestres civils, à Paris : la revue des accès se fait une fois dans chacun."""

from __future__ import annotations

from datetime import date, datetime, time

from django.utils import timezone

RANGS = ("premier", "deuxième", "troisième", "quatrième")


def trimestre(jour: date) -> date:
    """Le premier jour du trimestre de ce jour."""
    return date(jour.year, jour.month - (jour.month - 1) % 3, 1)


def suivant(debut: date) -> date:
    """Le premier jour du trimestre d'après ; debut : celui d'un trimestre."""
    return date(debut.year + debut.month // 10, (debut.month + 3) % 12, 1)


def minuit(debut: date) -> datetime:
    """L'instant où commence ce jour, à Paris."""
    return timezone.make_aware(datetime.combine(debut, time.min))


def en_lettres(debut: date) -> str:
    """« premier trimestre 2027 »."""
    return f"{RANGS[(debut.month - 1) // 3]} trimestre {debut.year}"
