"""Les champs d'un formulaire qui se lisent comme une case : une date, un moment, comme on les écrit."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.forms.utils import from_current_timezone

from apart.tableaux import cellules

JOUR, MOMENT = "%Y-%m-%d", "%Y-%m-%dT%H:%M"  # ceux du navigateur


class ChampDate(forms.DateField):
    """« 24/11/2026 », « 24 novembre 2026 », ou celle du navigateur. manque : la phrase d'un champ vide."""

    widget = forms.DateInput(format=JOUR, attrs={"type": "date"})

    def __init__(self, *, manque: str = "", **options: Any) -> None:
        super().__init__(error_messages={"required": manque}, **options)

    def to_python(self, value: Any) -> date | None:
        try:
            return cellules.lire_date(value) if cellules.se_voit(value) else None
        except ValueError as refus:
            raise ValidationError(str(refus), code="invalid") from refus


class ChampMoment(forms.DateTimeField):
    """Un jour et une heure, à l'heure de Paris : « 24/11/2026 9 h 30 », ou celui du navigateur."""

    widget = forms.DateTimeInput(format=MOMENT, attrs={"type": "datetime-local"})

    def __init__(self, *, manque: str = "", **options: Any) -> None:
        super().__init__(error_messages={"required": manque}, **options)

    def to_python(self, value: Any) -> datetime | None:
        try:
            lu = cellules.lire_moment(value) if cellules.se_voit(value) else None
        except ValueError as refus:
            raise ValidationError(str(refus), code="invalid") from refus
        return from_current_timezone(lu) if lu else None
