"""Tourner les pages par clé : ce qui arrive ou part pendant qu'on lit ne fait ni revoir ni sauter une ligne.

Une page désigne la ligne d'où elle part, jamais un nombre de lignes à passer, que la base devrait toutes lire.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Generic, TypeVar

from django.db import models
from django.db.models import Func, Value
from django.db.models.lookups import GreaterThan, LessThan

L = TypeVar("L", bound=models.Model)
PAR_NUMERO = re.compile(r"(apres|avant)-([0-9]{1,18})", re.ASCII)
INSTANT_ET_NUMERO = r"([0-9]{15,17})-([0-9]{1,18})"  # ce par quoi finit toute clé ; l'instant en microsecondes


class Rangee(Func):
    """Plusieurs valeurs comparées ensemble, dans l'ordre : ROW(a, b) > ROW(1, 2) se lit dans un index."""

    function = "ROW"
    output_field = models.TextField()


@dataclass(frozen=True)
class Cle:
    """La place d'une ligne dans sa liste, et de quel côté lire. C'est elle qui voyage dans l'adresse."""

    sens: str  # « apres » ou « avant »
    rangs: tuple[int, ...]  # ce qui range avant l'instant, dans une liste qui en a
    instant: datetime
    pk: int

    def __str__(self) -> str:
        return "-".join(map(str, (self.sens, *self.rangs, round(self.instant.timestamp() * 1_000_000), self.pk)))

    @classmethod
    def lire(cls, texte: str, forme: re.Pattern[str]) -> Cle | None:
        """None pour tout ce que nous n'avons pas écrit : on montre alors le début."""
        lu = forme.fullmatch(texte)
        if lu is None:
            return None
        sens, *rangs, instant, pk = lu.groups()
        secondes, reste = divmod(int(instant), 1_000_000)
        moment = datetime.fromtimestamp(secondes, tz=UTC).replace(microsecond=reste)
        return cls(sens, tuple(map(int, rangs)), moment, int(pk))


@dataclass(frozen=True)
class Page(Generic[L]):
    """Une page d'une liste ; suivante, precedente : ce qui les ouvre, ou rien."""

    lignes: list[L]
    suivante: str
    precedente: str


@dataclass(frozen=True)
class Liste(Generic[L]):
    """Comment une liste se range : ordre, ses colonnes, toutes croissantes ou toutes décroissantes."""

    ordre: Sequence[models.Expression | models.F]
    place: Callable[[str, L], Cle]
    forme: re.Pattern[str]  # celle de ses clés
    est_decroissante: bool = False

    def page(self, lignes: models.QuerySet[L], demandee: str, *, par_page: int) -> Page[L]:
        """La page que désigne une clé, la première si elle n'en est pas une. lignes : déjà rangées dans cet ordre."""
        cle = Cle.lire(demandee, self.forme)
        lues = lignes.filter(self.au_dela(cle)) if cle else lignes
        return _tourner(lues, cle.sens if cle else "", par_page, lambda sens, ligne: str(self.place(sens, ligne)))

    def au_dela(self, cle: Cle) -> models.Lookup[bool]:
        vers_le_haut = (cle.sens == "apres") is not self.est_decroissante
        comparer: Callable[..., models.Lookup[bool]] = GreaterThan if vers_le_haut else LessThan
        valeurs = (*map(Value, cle.rangs), Value(cle.instant, models.DateTimeField()), Value(cle.pk))
        return comparer(Rangee(*self.ordre), Rangee(*valeurs))


@dataclass(frozen=True)
class ParNom(Generic[L]):
    """Une liste dans l'ordre des noms. Sa clé est le numéro d'une ligne : aucun nom ne voyage dans une adresse."""

    noms: Sequence[str]  # ses colonnes de texte, croissantes ; le numéro départage

    def page(self, lignes: models.QuerySet[L], demandee: str, *, par_page: int) -> Page[L]:
        """La page que désigne une clé, la première si sa ligne n'est plus là."""
        lu = PAR_NUMERO.fullmatch(demandee)
        repere = lignes.filter(pk=int(lu[2])).values_list(*self.noms, "pk").first() if lu else None
        sens = lu[1] if lu and repere else ""
        rangees = lignes.order_by(*self.noms, "pk")
        if repere:
            comparer: Callable[..., models.Lookup[bool]] = GreaterThan if sens == "apres" else LessThan
            valeurs = (Value(valeur) for valeur in repere)
            rangees = rangees.filter(comparer(Rangee(*self.noms, "pk"), Rangee(*valeurs)))
        return _tourner(rangees, sens, par_page, lambda autre, ligne: f"{autre}-{ligne.pk}")


def _tourner(lues: models.QuerySet[L], sens: str, par_page: int, adresse: Callable[[str, L], str]) -> Page[L]:
    """lues : rangées, du bon côté de la clé. sens : vide, au début de la liste."""
    a_rebours = sens == "avant"
    montrees = list((lues.reverse() if a_rebours else lues)[: par_page + 1])
    reste, montrees = len(montrees) > par_page, montrees[:par_page]
    if a_rebours:
        montrees.reverse()
    return Page(
        montrees,
        suivante=adresse("apres", montrees[-1]) if montrees and (reste or a_rebours) else "",
        precedente=adresse("avant", montrees[0]) if montrees and (reste if a_rebours else sens) else "",
    )
