"""Les formules, écrites une seule fois, pour un cas comme pour des millions de lignes.

Celles de l'heure sont entières : taux horaires et montants en centimes, plafonds en millièmes d'euro, taux en
dix-millièmes. Rien n'est arrondi avant la fin, et la fin est demi-supérieure. Chacune rend aussi sa branche : ce qui a
joué. Celles du mois prennent des euros décimaux, ou des tableaux de centimes.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from enum import IntFlag
from typing import Generic, Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

Entiers = NDArray[np.int64]
Masque = NDArray[np.bool_]
Condition = bool | int | Masque | Entiers
T = TypeVar("T")
N = TypeVar("N", int, Entiers)
M = TypeVar("M", Decimal, Entiers)

DIVISEUR = 100_000  # millièmes d'euro × dix-millièmes → centimes
SANS_PLAFOND = 10**12  # millièmes d'euro : un milliard d'euros de l'heure


class Branche(IntFlag):
    """Ce qui a joué dans un montant horaire ; rien : le seul taux. Le plus grand l'emporte sur les autres."""

    PLANCHER = 1
    NET = 2  # relevée à la rémunération nette habituelle, inférieure au plancher
    FORMATION = 4
    ALTERNANT = 8  # sous le SMIC
    SANS_PLANCHER = 16
    BORNEE_PAR_INDEMNITE = 32
    BORNEE_PAR_REMUNERATION = 64


class Bornes(Protocol[T]):
    """Ce que Python et numpy n'écrivent pas de la même façon."""

    @property
    def zero(self) -> T: ...
    def minimum(self, a: T, b: T, /) -> T: ...
    def maximum(self, a: T, b: T, /) -> T: ...


class Arithmetique(Bornes[T], Protocol[T]):
    """Avec de quoi choisir, ligne par ligne, et dire ce qui a joué : la branche où la condition est vraie, sinon 0."""

    def choisir(self, condition: Condition, si: T, sinon: T, /) -> T: ...
    def drapeau(self, condition: Condition, branche: Branche, /) -> T: ...


class Cas:
    """Un cas : des entiers de Python."""

    zero = 0
    minimum = staticmethod(min)
    maximum = staticmethod(max)

    @staticmethod
    def choisir(condition: Condition, si: int, sinon: int, /) -> int:
        return si if condition else sinon

    @staticmethod
    def drapeau(condition: Condition, branche: Branche, /) -> int:
        return branche if condition else 0


class Euros:
    """Un cas : des euros ou des heures, décimaux."""

    zero = Decimal()
    minimum = staticmethod(min)
    maximum = staticmethod(max)


class Tableaux:
    """Des lignes : des tableaux d'int64."""

    zero = np.zeros((), np.int64)
    minimum = staticmethod(np.minimum)
    maximum = staticmethod(np.maximum)

    @staticmethod
    def choisir(condition: Condition, si: Entiers, sinon: Entiers, /) -> Entiers:
        return np.where(condition, si, sinon)

    @staticmethod
    def drapeau(condition: Condition, branche: Branche, /) -> Entiers:
        return np.multiply(condition, branche, dtype=np.int64)


@dataclass(frozen=True, slots=True)
class Nombres(Generic[N]):
    """Ce que la loi fixe pour une situation à une date : des entiers, ou des tableaux d'entiers, une ligne chacun."""

    indemnite_taux: N
    indemnite_plafond: N
    indemnite_plancher: N
    allocation_taux: N
    allocation_plafond: N
    allocation_plancher: N


@dataclass(frozen=True, slots=True)
class Exceptions(Generic[N]):
    """Ce qui s'écarte du calcul ordinaire : 0 si la règle ne vaut pas ; sinon 1, ou le SMIC (centimes) qu'elle lit."""

    formation: N  # l'indemnité est la rémunération nette antérieure
    plafond_net: N  # le plancher de l'indemnité ne dépasse pas la rémunération nette habituelle
    alternant: N  # sous ce SMIC, l'indemnité est la rémunération, et l'allocation l'indemnité
    sans_plancher: N  # sous ce SMIC, pas de plancher, ni d'indemnité ni d'allocation
    bornee_par_indemnite: N  # alternants au forfait : l'allocation ne dépasse pas l'indemnité
    bornee_par_remuneration: N  # Mayotte


def proportion(taux_horaire: N, taux: N, plafond: N, o: Arithmetique[N]) -> N:
    """Le taux appliqué à la rémunération horaire retenue, au centime : demi-supérieur (7,175 → 7,18)."""
    return (taux * o.minimum(taux_horaire * 10, plafond) + DIVISEUR // 2) // DIVISEUR


def indemnite(
    taux_horaire: N, n: Nombres[N], o: Arithmetique[N], e: Exceptions[N] | None = None, net: N | None = None
) -> tuple[N, N]:
    """Indemnité horaire due au salarié, en centimes (R5122-18), et sa branche : taux, plafond, arrondi, puis plancher.

    Le plancher ne dépasse jamais la rémunération. e : les exceptions, si l'une peut jouer ; il faut alors net, la
    rémunération nette habituelle, en centimes.
    """
    selon_taux = proportion(taux_horaire, n.indemnite_taux, n.indemnite_plafond, o)
    plancher = o.minimum(taux_horaire, n.indemnite_plancher)
    if e is None or net is None:
        return o.maximum(selon_taux, plancher), o.drapeau(plancher > selon_taux, Branche.PLANCHER)
    sans_plancher, sous_smic = taux_horaire < e.sans_plancher, taux_horaire < e.alternant
    au_net = (e.plafond_net != 0) & (net < plancher)
    plancher = o.choisir(sans_plancher, plancher * 0, o.choisir(au_net, net, plancher))
    relevee = plancher > selon_taux
    due = o.choisir(sous_smic, taux_horaire, o.choisir(e.formation, net, o.maximum(selon_taux, plancher)))
    branche = o.drapeau(relevee, Branche.PLANCHER) | o.drapeau(relevee & au_net, Branche.NET)
    branche = branche | o.drapeau(sans_plancher, Branche.SANS_PLANCHER)
    return due, branche | o.drapeau(e.formation, Branche.FORMATION) | o.drapeau(sous_smic, Branche.ALTERNANT)


def allocation(
    taux_horaire: N, n: Nombres[N], o: Arithmetique[N], e: Exceptions[N] | None = None, due: N | None = None
) -> tuple[N, N]:
    """Allocation horaire versée à l'employeur, en centimes (D5122-13), et sa branche. Le forfait d'avant 2020 est un
    plancher sans taux.

    e : les exceptions, si l'une peut jouer ; il faut alors due, l'indemnité, en centimes.
    """
    selon_taux = proportion(taux_horaire, n.allocation_taux, n.allocation_plafond, o)
    montant = o.maximum(selon_taux, n.allocation_plancher)
    branche = o.drapeau(n.allocation_plancher > selon_taux, Branche.PLANCHER)
    if e is None or due is None:
        return montant, branche
    sans_plancher, sous_smic = taux_horaire < e.sans_plancher, taux_horaire < e.alternant
    montant = o.choisir(sans_plancher, selon_taux, montant)
    par_indemnite = (e.bornee_par_indemnite != 0) & (due < montant)
    montant = o.choisir(par_indemnite, due, montant)
    par_remuneration = (e.bornee_par_remuneration != 0) & (taux_horaire < montant)
    montant = o.choisir(sous_smic, due, o.choisir(par_remuneration, taux_horaire, montant))
    branche = branche | o.drapeau(sans_plancher, Branche.SANS_PLANCHER) | o.drapeau(sous_smic, Branche.ALTERNANT)
    bornes = o.drapeau(par_indemnite, Branche.BORNEE_PAR_INDEMNITE)
    return montant, branche | bornes | o.drapeau(par_remuneration, Branche.BORNEE_PAR_REMUNERATION)


def total(montant_horaire: N, heures: N) -> N:
    """Montant horaire (centimes) × heures (centièmes), en centimes, demi-supérieur."""
    return (montant_horaire * heures + 50) // 100


def quotient(dividende: N, diviseur: N | int) -> N:
    """Au plus proche, demi-supérieur, sans flottant : pour des nombres positifs."""
    return (2 * dividende + diviseur) // (2 * diviseur)


# --- Le mois ---


def perdues(chomees: M, contrat: M, retenue: M, o: Bornes[M]) -> M:
    """Parmi les heures chômées d'une période, celles que la rémunération payait : les heures du contrat au-delà de la
    durée retenue sont chômées en premier, et n'en retirent rien.
    """
    return o.maximum(o.zero, chomees - o.maximum(o.zero, contrat - retenue))


def part_de_remplacement(verse: M, due: M, seuil: M, o: Bornes[M]) -> M:
    """La part d'un complément qui suit le régime de l'indemnité due : jusqu'au seuil (ord. 2020-346, art. 11)."""
    return o.minimum(verse, o.maximum(o.zero, seuil - due))


def ecretement(dus: M, revenu: M, seuil: M, o: Bornes[M]) -> M:
    """Ce qui est prélevé de ce qui est dû, sans que salaire net et indemnité descendent sous le seuil (D242-13)."""
    return o.maximum(o.zero, o.minimum(dus, revenu - seuil))
