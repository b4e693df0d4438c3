"""Lire la file du bureau par ses index : chercher des mots, et tourner les pages, en un temps qui ne grandit pas."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Func, Value
from django.db.models.lookups import GreaterThan, LessThan

if TYPE_CHECKING:
    from apart.assistance.models import DemandeAssistance

PAR_PAGE = 25
COMPTEES = 1_000  # au-delà, la page dit « plus de » : compter un million de lignes coûterait plus que les montrer
CLE = re.compile(r"(?P<sens>apres|avant)-(?P<rang>[0-2])-(?P<instant>[0-9]{15,17})-(?P<pk>[0-9]{1,18})", re.ASCII)


class SansAccent(Func):
    """En minuscules, sans accent : la fonction SQL de la migration 0004, que portent les index."""

    function = "sans_accent"
    output_field = models.TextField()


class Rangee(Func):
    """Plusieurs valeurs comparées ensemble, dans l'ordre : ROW(a, b) > ROW(1, 2) se lit dans un index."""

    function = "ROW"
    output_field = models.TextField()


@dataclass(frozen=True)
class Cle:
    """La place d'une demande dans la file, et de quel côté lire. C'est elle qui voyage dans l'adresse."""

    sens: str  # « apres » ou « avant »
    rang: int
    attend_depuis: datetime
    pk: int

    def __str__(self) -> str:
        instant = round(self.attend_depuis.timestamp() * 1_000_000)
        return f"{self.sens}-{self.rang}-{instant}-{self.pk}"

    @classmethod
    def lire(cls, texte: str) -> Cle | None:
        """None pour tout ce que nous n'avons pas écrit : on montre alors le début."""
        lu = CLE.fullmatch(texte)
        if lu is None:
            return None
        secondes, reste = divmod(int(lu["instant"]), 1_000_000)
        moment = datetime.fromtimestamp(secondes, tz=UTC).replace(microsecond=reste)
        return cls(lu["sens"], int(lu["rang"]), moment, int(lu["pk"]))

    def condition(self, ordre: Sequence[models.Expression | models.F]) -> models.Lookup[bool]:
        comparer: Callable[..., models.Lookup[bool]] = GreaterThan if self.sens == "apres" else LessThan
        valeurs = (Value(self.rang), Value(self.attend_depuis, models.DateTimeField()), Value(self.pk))
        return comparer(Rangee(*ordre), Rangee(*valeurs))


@dataclass(frozen=True)
class Page:
    """Une page de la file ; suivante, precedente : ce qui les ouvre, ou rien."""

    lignes: list[DemandeAssistance]
    nombre: int
    suivante: str
    precedente: str

    @property
    def est_comptee(self) -> bool:
        return self.nombre <= COMPTEES
