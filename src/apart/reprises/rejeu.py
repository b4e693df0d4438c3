"""Rejouer ce qui s'est passé à un établissement sans ce que l'on défait : qui y serait, et qui y aurait décidé.

Sans base : on remonte les mouvements jusqu'à l'instant voulu, puis on les rejoue. Ne compte que ce qui vient du
système, de la personne elle-même, ou de quelqu'un qui, là, y était bien utilisateur principal (décision 0020).
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from apart.etablissements.models import RANGS, Role, Sorte

ENTRE, SORT, ROLE = Sorte.ENTRE, Sorte.SORT, Sorte.ROLE
PRINCIPAL, MEMBRE, TIERS = Role.PRINCIPAL, Role.MEMBRE, Role.TIERS


@dataclass(frozen=True)
class Pas:
    """Un mouvement, tel que la base l'a gardé (etablissements.models.Mouvement)."""

    qui: int
    acces: int
    sorte: str
    le: datetime
    decide_le: datetime
    par: int | None = None
    role_avant: str = ""
    pris_le_avant: datetime | None = None
    role_apres: str = ""
    cause: str = ""


@dataclass(frozen=True)
class Place:
    """L'accès d'une personne, son rôle, et quand elle l'a pris, si personne ne l'a désignée."""

    acces: int
    role: str
    pris_le: datetime | None = None


@dataclass(frozen=True)
class Usurpation:
    """De tel instant à tel autre, ce que cette personne a pris ne compte pas, ni ce qu'elle a décidé.

    cause : celle des mouvements de la reprise défaite ; vide, un rôle pris à cet instant sur une preuve défaite.
    """

    qui: int | None
    depuis: datetime
    jusqu_a: datetime
    cause: str = ""


@dataclass
class Rejeu:
    """Le résultat : les places d'aujourd'hui, et de quoi savoir qui décidait, ou était là, à chaque instant."""

    depuis: datetime
    places: dict[int, Place]
    usurpations: tuple[Usurpation, ...]
    instants: list[datetime] = field(default_factory=list)
    etats: list[dict[int, str]] = field(default_factory=list)

    def role_de(self, qui: int, a: datetime) -> str:
        """Son rôle à cet instant ; vide s'il n'y était pas, ou l'usurpait."""
        if any(u.qui == qui and u.depuis <= a <= u.jusqu_a for u in self.usurpations):
            return ""
        rang = bisect_right(self.instants, a) - 1
        return self.etats[max(rang, 0)].get(qui, "")

    def decidait(self, qui: int | None, a: datetime) -> bool:
        """Une décision d'avant compte toujours ; celle d'après, si elle est d'un principal à cet instant."""
        return a < self.depuis or qui is None or self.role_de(qui, a) == PRINCIPAL

    def y_etait(self, qui: int | None, a: datetime) -> bool:
        return a < self.depuis or qui is None or self.role_de(qui, a) != ""

    def noter(self, le: datetime) -> None:
        self.instants.append(le)
        self.etats.append({qui: place.role for qui, place in self.places.items()})


def debut(depuis: datetime, usurpations: Iterable[Usurpation]) -> datetime:
    """D'où rejouer : ce qu'on a défait depuis, et qui avait commencé avant, n'a pas à compter non plus."""
    restantes = list(usurpations)
    while plus_tot := [u.depuis for u in restantes if u.depuis < depuis <= u.jusqu_a]:
        depuis = min(plus_tot)
    return depuis


def remonter(places: Mapping[int, Place], pas: Iterable[Pas]) -> dict[int, Place]:
    """Les places d'avant ces pas, rangés du plus ancien au plus récent."""
    avant = dict(places)
    for un in reversed(list(pas)):
        if un.sorte == ENTRE:
            avant.pop(un.qui, None)
        elif un.sorte == SORT:
            avant[un.qui] = Place(un.acces, un.role_avant, un.pris_le_avant)
        elif un.qui in avant:
            avant[un.qui] = replace(avant[un.qui], role=un.role_avant, pris_le=un.pris_le_avant)
    return avant


def rejouer(
    places: Mapping[int, Place], pas: Iterable[Pas], usurpations: Iterable[Usurpation], *, depuis: datetime
) -> Rejeu:
    """places : celles d'aujourd'hui, par personne. pas : tous ceux d'ici depuis cet instant, dans leur ordre."""
    suite, toutes = list(pas), tuple(usurpations)
    rejeu = Rejeu(depuis, remonter(places, suite), toutes)
    rejeu.noter(depuis)
    for un in suite:
        if not _vient_de_ce_qui_est_defait(un, toutes) and _compte(rejeu, un):
            _faire(rejeu.places, un)
            rejeu.noter(un.le)
    return rejeu


def _vient_de_ce_qui_est_defait(un: Pas, usurpations: Iterable[Usurpation]) -> bool:
    if un.cause.startswith("defaite:"):
        return True
    prises = {(u.qui, u.depuis) for u in usurpations if not u.cause}
    est_prise = un.sorte == ROLE and un.par is None and (un.qui, un.le) in prises
    return est_prise or (un.cause != "" and un.cause in {u.cause for u in usurpations})


def _compte(rejeu: Rejeu, un: Pas) -> bool:
    if un.par != un.qui or un.sorte == ENTRE:
        return rejeu.decidait(un.par, un.decide_le)
    baisse = un.qui in rejeu.places and RANGS[Role(un.role_apres or TIERS)] < RANGS[Role(rejeu.places[un.qui].role)]
    return un.sorte == SORT or baisse or rejeu.decidait(un.par, un.decide_le)


def _faire(places: dict[int, Place], un: Pas) -> None:
    """Qui entre alors qu'il n'était pas sorti garde son premier accès ; principal, s'il l'est de l'un des deux."""
    deja = places.get(un.qui)
    if un.sorte == SORT:
        places.pop(un.qui, None)
    elif deja is None:
        if un.sorte == ENTRE:
            places[un.qui] = Place(un.acces, un.role_apres)
    elif un.sorte == ROLE:
        est_pris = un.par is None and not un.cause and un.role_apres == PRINCIPAL
        places[un.qui] = replace(deja, role=un.role_apres, pris_le=un.le if est_pris else None)
    elif un.role_apres == PRINCIPAL != deja.role:
        places[un.qui] = replace(deja, role=un.role_apres, pris_le=None)
