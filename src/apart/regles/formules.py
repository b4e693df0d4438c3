"""Les formules horaires, écrites une seule fois, pour un cas comme pour des millions de lignes.

Tout est entier : taux horaires et montants en centimes, plafonds en millièmes d'euro, taux en dix-millièmes. Rien
n'est arrondi avant la fin, et la fin est demi-supérieure.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

Entiers = NDArray[np.int64]
N = TypeVar("N", int, Entiers)

DIVISEUR = 100_000  # millièmes d'euro × dix-millièmes → centimes
SANS_PLAFOND = 10**12  # millièmes d'euro : un milliard d'euros de l'heure


class Arithmetique(Protocol[N]):
    """Ce que Python et numpy n'écrivent pas de la même façon."""

    def minimum(self, a: N, b: N, /) -> N: ...
    def maximum(self, a: N, b: N, /) -> N: ...
    def choisir(self, condition: Any, si: N, sinon: N, /) -> N: ...


class Cas:
    """Un cas : des entiers de Python."""

    minimum = staticmethod(min)
    maximum = staticmethod(max)

    @staticmethod
    def choisir(condition: Any, si: int, sinon: int, /) -> int:
        return si if condition else sinon


class Tableaux:
    """Des lignes : des tableaux d'int64."""

    minimum = staticmethod(np.minimum)
    maximum = staticmethod(np.maximum)
    choisir = staticmethod(np.where)


@dataclass(frozen=True, slots=True)
class Nombres:
    """Ce que la loi fixe pour une situation à une date : des entiers, ou des tableaux d'entiers, une ligne chacun."""

    indemnite_taux: Any
    indemnite_plafond: Any
    indemnite_plancher: Any
    allocation_taux: Any
    allocation_plafond: Any
    allocation_plancher: Any


@dataclass(frozen=True, slots=True)
class Exceptions:
    """Ce qui s'écarte du calcul ordinaire ; 0 ou 1, sauf le SMIC (centimes)."""

    smic: Any
    formation: Any  # l'indemnité est la rémunération nette antérieure
    plafond_net: Any  # le plancher de l'indemnité ne dépasse pas la rémunération nette habituelle
    alternant: Any  # sous le SMIC, l'indemnité est la rémunération, et l'allocation l'indemnité
    sans_plancher: Any  # sous le SMIC, pas de plancher, ni d'indemnité ni d'allocation
    bornee_par_indemnite: Any  # alternants au forfait : l'allocation ne dépasse pas l'indemnité
    bornee_par_remuneration: Any  # Mayotte


def proportion(taux_horaire: N, taux: N, plafond: N, o: Arithmetique[N]) -> N:
    """Le taux appliqué à la rémunération horaire retenue, au centime : demi-supérieur (7,175 → 7,18)."""
    return (taux * o.minimum(taux_horaire * 10, plafond) + DIVISEUR // 2) // DIVISEUR


def indemnite(taux_horaire: N, n: Nombres, o: Arithmetique[N]) -> N:
    """Indemnité horaire due au salarié, en centimes (R5122-18) : taux, plafond, arrondi, puis plancher.

    Le plancher ne dépasse jamais la rémunération.
    """
    selon_taux = proportion(taux_horaire, n.indemnite_taux, n.indemnite_plafond, o)
    return o.maximum(selon_taux, o.minimum(taux_horaire, n.indemnite_plancher))


def allocation(taux_horaire: N, n: Nombres, o: Arithmetique[N]) -> N:
    """Allocation horaire versée à l'employeur, en centimes (D5122-13). Le forfait d'avant 2020 est un plancher sans
    taux.
    """
    return o.maximum(proportion(taux_horaire, n.allocation_taux, n.allocation_plafond, o), n.allocation_plancher)


def indemnite_particuliere(taux_horaire: N, net: N, n: Nombres, e: Exceptions, o: Arithmetique[N]) -> N:
    """L'indemnité quand la situation s'écarte de l'ordinaire. net : rémunération nette habituelle, centimes."""
    selon_taux = proportion(taux_horaire, n.indemnite_taux, n.indemnite_plafond, o)
    plancher = o.minimum(taux_horaire, n.indemnite_plancher)
    plancher = o.choisir(sous_smic(taux_horaire, e.sans_plancher, e.smic), plancher * 0, plancher)
    plancher = o.choisir(e.plafond_net, o.minimum(plancher, net), plancher)
    due = o.choisir(e.formation, net, o.maximum(selon_taux, plancher))
    return o.choisir(sous_smic(taux_horaire, e.alternant, e.smic), taux_horaire, due)


def allocation_particuliere(taux_horaire: N, due: N, n: Nombres, e: Exceptions, o: Arithmetique[N]) -> N:
    """L'allocation quand la situation s'écarte de l'ordinaire. due : l'indemnité, centimes."""
    selon_taux = proportion(taux_horaire, n.allocation_taux, n.allocation_plafond, o)
    plancher = o.choisir(sous_smic(taux_horaire, e.sans_plancher, e.smic), selon_taux, n.allocation_plancher)
    montant = o.maximum(selon_taux, plancher)
    montant = o.choisir(e.bornee_par_indemnite, o.minimum(montant, due), montant)
    montant = o.choisir(e.bornee_par_remuneration, o.minimum(montant, taux_horaire), montant)
    return o.choisir(sous_smic(taux_horaire, e.alternant, e.smic), due, montant)


def sous_smic(taux_horaire: N, drapeau: N, smic: N) -> Any:
    """Vrai si la situation distingue les rémunérations inférieures au SMIC, et que celle-ci l'est."""
    return (drapeau != 0) & (taux_horaire < smic)


def total(montant_horaire: N, heures: N) -> N:
    """Montant horaire (centimes) × heures (centièmes), en centimes, demi-supérieur."""
    return (montant_horaire * heures + 50) // 100
