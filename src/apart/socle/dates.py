"""Les dates comme on les écrit en français."""

from __future__ import annotations

from datetime import date, datetime

from django.utils import timezone
from django.utils.formats import date_format


def heure(moment: datetime) -> str:
    """« 11 h 02, heure de Paris », suivi de « , le 1er décembre 2026 » si ce n'est pas aujourd'hui."""
    local = timezone.localtime(moment)
    dite = f"{local.hour} h {local.minute:02d}, heure de Paris"
    return dite if local.date() == timezone.localdate() else f"{dite}, le {jour(local)}"


def jour(moment: date, forme: str = "j F Y") -> str:
    """« 1er décembre 2026 », « lundi 23 novembre » avec forme="l j F" ; à l'heure de Paris."""
    local = timezone.localtime(moment) if isinstance(moment, datetime) else moment
    if local.day == 1:
        forme = forme.replace("j", r"1\e\r", 1)
    return date_format(local, forme)
