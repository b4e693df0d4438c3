"""Jours ouvrés : du lundi au vendredi, hors jours fériés de l'article L3133-1 du code du travail."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

from django.utils import timezone

FIXES = ((1, 1), (5, 1), (5, 8), (7, 14), (8, 15), (11, 1), (11, 11), (12, 25))
FIN_DE_JOURNEE = time(18, 0)


def paques(annee: int) -> date:
    """Le dimanche de Pâques (calendrier grégorien, algorithme de Meeus)."""
    a, (b, c) = annee % 19, divmod(annee, 100)
    d, e = divmod(b, 4)
    g = (8 * b + 13) // 25
    h = (19 * a + b - d - g + 15) % 30
    i, k = divmod(c, 4)
    j = (32 + 2 * e + 2 * i - h - k) % 7
    m = (a + 11 * h + 22 * j) // 451
    mois, jour = divmod(h + j - 7 * m + 114, 31)
    return date(annee, mois, jour + 1)


def est_ferie(jour: date) -> bool:
    """Lundi de Pâques, Ascension, lundi de Pentecôte et les huit fêtes à date fixe."""
    return (jour.month, jour.day) in FIXES or (jour - paques(jour.year)).days in {1, 39, 50}


def est_ouvre(jour: date) -> bool:
    return jour.weekday() < 5 and not est_ferie(jour)


def echeance(depart: datetime, jours_ouvres: int) -> datetime:
    """18 h à Paris, au terme du nombre de jours ouvrés qui suivent le jour de départ."""
    jour, restants = timezone.localdate(depart), jours_ouvres
    while restants:
        jour += timedelta(days=1)
        restants -= est_ouvre(jour)
    return timezone.make_aware(datetime.combine(jour, FIN_DE_JOURNEE))
