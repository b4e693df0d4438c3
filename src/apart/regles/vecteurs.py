"""Indemnité et allocation de millions d'heures chômées, sans trace, par les mêmes formules qu'un cas.

Une table donne, pour chaque période du barème et chaque situation, les nombres de la loi ; chaque ligne y lit les
siens. Le travail se fait par blocs qui tiennent dans le cache du processeur. Le mois entier est dans lignes.py.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import date
from functools import lru_cache
from typing import cast

import numpy as np
from numpy.typing import NDArray

from apart.regles import formules
from apart.regles.bareme import HorsBareme, bareme
from apart.regles.conditions import Conditions, changements, conditions
from apart.regles.formules import Entiers, Exceptions, Masque, Nombres, Tableaux
from apart.regles.horaire import estimer_le_net, net_manquant
from apart.regles.situations import Situation

BLOC = 16_384  # lignes : 128 Kio par tableau
INCONNU = -1
JAMAIS = 10**12  # centimes
EPOQUE = date(1970, 1, 1).toordinal()


class LignesHorsBareme(HorsBareme):
    """Des lignes dont la loi n'est pas connue : leurs rangs (à partir de 0), et ce qui manque à la première."""

    def __init__(self, rangs: NDArray[np.int64], refus: HorsBareme) -> None:
        super().__init__(str(refus), cle=refus.cle, jour=refus.jour)
        self.rangs = rangs


@dataclass(frozen=True, slots=True)
class MontantsEnLignes:
    """Une ligne par ligne donnée, en centimes : par heure, puis pour les heures données."""

    indemnite_horaire: Entiers
    allocation_horaire: Entiers
    indemnite: Entiers
    allocation: Entiers


def montants(
    situations: Sequence[Situation],
    situation: NDArray[np.integer],
    jour: NDArray[np.datetime64] | NDArray[np.integer],
    taux_horaire: Entiers,
    heures: Entiers,
    net_horaire: Entiers | None = None,
) -> MontantsEnLignes:
    """Indemnité et allocation de n lignes (R5122-18, D5122-13) ; tous les tableaux ont la forme (n,).

    situations : les situations distinctes ; situation : leur rang pour chaque ligne.
    jour : la date de l'heure chômée (datetime64[D], ou jours depuis le 1er janvier 1970).
    taux_horaire : centimes, positif. heures : centièmes d'heure. net_horaire : centimes, -1 où il n'est pas donné.
    Lève LignesHorsBareme si la loi d'une ligne n'est pas connue ; ValueError si les formes diffèrent.
    """
    jours = _en_jours(jour)
    _exiger_une_forme(situation, jours, taux_horaire, heures, net_horaire)
    table = _table(tuple(situations))
    sorties = MontantsEnLignes(*(np.empty(len(jours), np.int64) for _ in range(4)))
    a_refaire = [np.empty(0, np.int64)]
    for debut in range(0, len(jours), BLOC):
        bloc = slice(debut, debut + BLOC)
        case, taux = table.case_de(jours[bloc], situation[bloc]), taux_horaire[bloc]
        _ranger(sorties, bloc, ordinaires(table.cases, case, taux), heures[bloc])
        net = None if net_horaire is None else net_horaire[bloc]
        a_refaire.append(np.flatnonzero(a_part(table.cases, case, taux, net)) + debut)
    restantes = np.concatenate(a_refaire)
    for debut in range(0, len(restantes), BLOC):
        rangs = restantes[debut : debut + BLOC]
        case, net = table.case_de(jours[rangs], situation[rangs]), None if net_horaire is None else net_horaire[rangs]
        lus = particulieres(table.cases, case, taux_horaire[rangs], net)
        if lus.refusees.any():
            _refuser(table.situations, situation, jours, rangs[lus.refusees])
        _ranger(sorties, rangs, lus, heures[rangs])
    return sorties


def _ranger(sorties: MontantsEnLignes, lignes: slice | Entiers, lus: Horaires, heures: Entiers) -> None:
    sorties.indemnite_horaire[lignes], sorties.allocation_horaire[lignes] = lus.due, lus.versee
    sorties.indemnite[lignes] = formules.total(lus.due, heures)
    sorties.allocation[lignes] = formules.total(lus.versee, heures)


def periodes(jour: NDArray[np.datetime64] | NDArray[np.integer]) -> NDArray[np.int64]:
    """Le rang de la période du barème de chaque jour : deux jours du même rang ont les mêmes nombres."""
    return _table((Situation(),)).periode_du_jour(_en_jours(jour))


# --- La table ---


@dataclass(frozen=True, slots=True)
class Cases:
    """Des jeux de nombres de la loi, en colonnes : assez peu pour tenir dans le cache."""

    nombres: Nombres[Entiers]
    exceptions: Exceptions[Entiers]
    particulieres_sous: Entiers  # centimes : le taux horaire sous lequel une exception peut jouer, net non donné
    lit_le_net: Entiers
    net_estime: Entiers

    @classmethod
    def de(cls, lois: Sequence[Conditions | None]) -> Cases:
        """Une case par loi, dans l'ordre ; None pour celle que l'on ne connaît pas."""
        nombres, exceptions, *autres = zip(*(CASE_INCONNUE if c is None else _case(c) for c in lois), strict=True)
        return cls(
            Nombres(*(np.array([getattr(n, f.name) for n in nombres], np.int64) for f in fields(Nombres))),
            Exceptions(*(np.array([getattr(e, f.name) for e in exceptions], np.int64) for f in fields(Exceptions))),
            *(np.array(colonne, np.int64) for colonne in autres),
        )


Case = tuple[Nombres[int], Exceptions[int], int, int, int]
# Quel que soit le taux horaire, l'indemnité y est négative.
CASE_INCONNUE: Case = (Nombres(1, -(10**9), -1, 0, 0, 0), Exceptions(0, 0, 0, 0, 0, 0), JAMAIS, 0, INCONNU)


def _case(c: Conditions) -> Case:
    estime = INCONNU if c.net_estime is None else c.net_estime
    return c.nombres, c.exceptions, _particulieres_sous(c), int(c.lit_le_net), estime


def _particulieres_sous(c: Conditions) -> int:
    n, e = c.nombres, c.exceptions
    if e.formation or e.bornee_par_indemnite or (e.plafond_net and c.net_estime is None):
        return JAMAIS
    au_net = 0
    if e.plafond_net and c.net_estime:  # au-delà, le net estimé atteint le plancher, à un centime d'arrondi près
        au_net = n.indemnite_plancher * 10_000_000 // c.net_estime + 2
    return max(e.alternant, e.sans_plancher, e.bornee_par_remuneration * n.allocation_plancher, au_net)


@dataclass(frozen=True, slots=True)
class _Table:
    """La case de chaque jour et de chaque situation.

    case : rang de la case, pour période × nombre de situations + situation.
    """

    situations: tuple[Situation, ...]
    premier_jour: int
    periode: NDArray[np.int16]  # de chaque jour, du premier au dernier connu ; une case de plus de chaque côté
    case: NDArray[np.int16]
    cases: Cases

    def periode_du_jour(self, jours: NDArray[np.integer]) -> Entiers:
        return self.periode.take(jours - self.premier_jour, mode="clip").astype(np.int64)

    def case_de(self, jours: NDArray[np.integer], situation: NDArray[np.integer]) -> Entiers:
        rang = self.periode_du_jour(jours) * len(self.situations) + situation
        return self.case.take(rang).astype(np.int64)


@lru_cache(maxsize=64)
def _table(situations: tuple[Situation, ...]) -> _Table:
    debuts = [jour for jour in changements() if jour <= bareme().connu_jusqu_au]
    toutes = [_conditions_ou_rien(s, jour) for jour in [*debuts, None] for s in situations]
    distinctes = {_chiffres(c): c for c in toutes}
    rangs = {chiffres: rang for rang, chiffres in enumerate(distinctes)}
    return _Table(
        situations=situations,
        premier_jour=debuts[0].toordinal() - 1 - EPOQUE,
        periode=_periode_de_chaque_jour(debuts),
        case=np.array([rangs[_chiffres(c)] for c in toutes], np.int16),
        cases=Cases.de(list(distinctes.values())),
    )


def _chiffres(c: Conditions | None) -> tuple[object, ...] | None:
    return None if c is None else c.chiffres


def _conditions_ou_rien(situation: Situation, jour: date | None) -> Conditions | None:
    if jour is None:  # la période de tout ce qui est hors du barème
        return None
    try:
        return conditions(situation, jour)
    except HorsBareme:
        return None


def _periode_de_chaque_jour(debuts: list[date]) -> NDArray[np.int16]:
    """Le rang de la période, jour par jour ; avant le premier jour et après le dernier, la période inconnue."""
    dernier = bareme().connu_jusqu_au.toordinal()
    bornes = np.array([*(jour.toordinal() for jour in debuts), dernier + 1])
    connus = np.repeat(np.arange(len(debuts)), np.diff(bornes))
    return np.concatenate([[len(debuts)], connus, [len(debuts)]]).astype(np.int16)


# --- Le calcul ---


@dataclass(frozen=True, slots=True)
class Horaires:
    """Ce que vaut une heure de chaque ligne, en centimes, et ce qui a joué (formules.Branche)."""

    due: Entiers
    branche: Entiers
    versee: Entiers
    branche_versee: Entiers
    refusees: Masque  # loi inconnue, taux négatif, ou net qui manque : sans valeur


def horaires(cases: Cases, case: Entiers, taux: Entiers, net: Entiers) -> Horaires:
    """Une heure de chaque ligne. case : son rang dans les cases ; taux, net (-1 s'il n'est pas donné) : centimes."""
    lus = ordinaires(cases, case, taux)
    rangs = np.flatnonzero(a_part(cases, case, taux, net))
    refaites = particulieres(cases, case[rangs], taux[rangs], net[rangs])
    for nom in Horaires.__slots__:
        getattr(lus, nom)[rangs] = getattr(refaites, nom)
    return lus


def ordinaires(cases: Cases, case: Entiers, taux: Entiers) -> Horaires:
    """Par les formules sans exception."""
    n = Nombres(*(getattr(cases.nombres, nom).take(case) for nom in Nombres.__slots__))
    sans_refus = np.zeros(len(taux), np.bool_)
    return Horaires(*formules.indemnite(taux, n, Tableaux), *formules.allocation(taux, n, Tableaux), sans_refus)


def a_part(cases: Cases, case: Entiers, taux: Entiers, net: Entiers | None) -> Masque:
    """Les lignes où une exception peut jouer, et celles à refuser."""
    seuil = cases.particulieres_sous.take(case)
    exceptions: Masque = taux < seuil
    return exceptions if net is None else exceptions | ((net >= 0) & (seuil > 0))


def particulieres(cases: Cases, case: Entiers, taux: Entiers, donne: Entiers | None) -> Horaires:
    """Par les formules et leurs exceptions."""
    n = Nombres(*(getattr(cases.nombres, nom).take(case) for nom in Nombres.__slots__))
    e = Exceptions(*(getattr(cases.exceptions, nom).take(case) for nom in Exceptions.__slots__))
    part = cases.net_estime.take(case)
    net = np.where(part < 0, INCONNU, estimer_le_net(taux, part))
    if donne is not None:
        net = np.where(donne < 0, net, donne)
    due, branche = formules.indemnite(taux, n, Tableaux, e, net)
    versee, branche_versee = formules.allocation(taux, n, Tableaux, e, due)
    refusees = (taux < 0) | (due < 0) | ((net < 0) & (cases.lit_le_net.take(case) != 0))
    return Horaires(due, branche, versee, branche_versee, refusees)


def _refuser(
    situations: tuple[Situation, ...],
    situation: NDArray[np.integer],
    jours: NDArray[np.integer],
    rangs: NDArray[np.int64],
) -> None:
    """Dit ce qui manque à la première ligne refusée, avec la phrase de la porte d'un cas."""
    premiere = rangs[0]
    jour = date.fromordinal(int(jours[premiere]) + EPOQUE)
    try:
        trouvees = conditions(situations[int(situation[premiere])], jour)
    except HorsBareme as refus:
        raise LignesHorsBareme(rangs, refus) from None
    if trouvees.lit_le_net:
        raise LignesHorsBareme(rangs, net_manquant(jour))
    raise ValueError(f"Ligne {premiere + 1} : le taux horaire ne peut pas être négatif.")


# --- Ce que l'on reçoit ---


def _en_jours(jour: NDArray[np.datetime64] | NDArray[np.integer]) -> NDArray[np.integer]:
    if np.issubdtype(jour.dtype, np.datetime64):
        return jour.astype("datetime64[D]").astype(np.int64)
    return cast("NDArray[np.integer]", jour)


def _exiger_une_forme(*tableaux: NDArray[np.generic] | None) -> None:
    formes = {t.shape for t in tableaux if t is not None}
    if len(formes) != 1 or len(formes.pop()) != 1:
        raise ValueError("Les tableaux doivent avoir une seule dimension, et la même longueur.")
