"""Un numéro à longueur fixe : texte de chiffres en Python, entier dans la base."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper


class NumeroField(models.CharField):
    """SIRET (14 chiffres) ou SIREN (9) : deux fois plus compact qu'un texte, et les zéros de tête reviennent."""

    def db_type(self, connection: BaseDatabaseWrapper) -> str:
        return "integer" if (self.max_length or 0) <= 9 else "bigint"

    def from_db_value(self, valeur: int | None, *_: object) -> str | None:
        return None if valeur is None else f"{valeur:0{self.max_length}d}"

    def get_prep_value(self, valeur: Any) -> int | None:
        return None if valeur is None else int(valeur)
