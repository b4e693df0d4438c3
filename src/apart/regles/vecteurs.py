"""La porte des lignes : indemnité et allocation de millions de lignes, sans trace, par les mêmes formules.

Une table donne, pour chaque période du barème et chaque situation, les nombres de la loi ; chaque ligne y lit les
siens. Le travail se fait par blocs qui tiennent dans le cache du processeur.
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
from apart.regles.bareme import HorsBareme
from apart.regles.conditions import FIN, Conditions, changements, conditions
from apart.regles.formules import Entiers, Exceptions, Nombres, Tableaux
from apart.regles.horaire import estimer_le_net, net_manquant
from apart.regles.situations import Situation

BLOC = 16_384  # lignes : 128 Kio par tableau
INCONNU = -1
# Les nombres d'une case dont la loi n'est pas connue : quel que soit le taux horaire, l'indemnité y est négative.
CASE_INCONNUE = {"indemnite_taux": 1, "indemnite_plafond": -(10**9), "indemnite_plancher": -1}
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
    lignes = _Lignes(situation, jours, taux_horaire, heures, net_horaire)
    sorties = MontantsEnLignes(*(np.empty(len(jours), np.int64) for _ in range(4)))
    exceptions = [_calculer(table, lignes, sorties, slice(d, d + BLOC)) for d in range(0, len(jours), BLOC)]
    a_refaire = np.concatenate([np.empty(0, np.int64), *exceptions])
    for debut in range(0, len(a_refaire), BLOC):
        _corriger(table, lignes, sorties, a_refaire[debut : debut + BLOC])
    return sorties


def periodes(jour: NDArray[np.datetime64] | NDArray[np.integer]) -> NDArray[np.int64]:
    """Le rang de la période du barème de chaque jour : deux jours du même rang ont les mêmes nombres."""
    return _table((Situation(),)).periode_du_jour(_en_jours(jour))


@dataclass(frozen=True, slots=True)
class _Lignes:
    """Les lignes reçues."""

    situation: NDArray[np.integer]
    jours: NDArray[np.integer]
    taux: Entiers
    heures: Entiers
    net: Entiers | None


# --- La table ---


@dataclass(frozen=True, slots=True)
class _Table:
    """Ce que la loi fixe, en colonnes : une case par jeu de nombres distinct, assez peu pour tenir dans le cache.

    case : rang de la case, pour période × nombre de situations + situation.
    """

    situations: tuple[Situation, ...]
    premier_jour: int
    periode: NDArray[np.int16]  # de chaque jour, du premier au dernier connu ; une case de plus de chaque côté
    case: NDArray[np.int16]
    nombres: Nombres
    exceptions: Exceptions
    ordinaire_des: Entiers
    net_estime: Entiers

    def periode_du_jour(self, jours: NDArray[np.integer]) -> NDArray[np.int64]:
        return self.periode.take(jours - self.premier_jour, mode="clip").astype(np.int64)

    def case_de(self, jours: NDArray[np.integer], situation: NDArray[np.integer]) -> NDArray[np.int64]:
        rang = self.periode_du_jour(jours) * len(self.situations) + situation
        return self.case.take(rang).astype(np.int64)


@lru_cache(maxsize=64)
def _table(situations: tuple[Situation, ...]) -> _Table:
    debuts = list(changements())
    toutes = [_conditions_ou_rien(s, jour) for jour in [*debuts, None] for s in situations]
    distinctes = {_chiffres(c): c for c in toutes}
    rangs = {chiffres: rang for rang, chiffres in enumerate(distinctes)}
    cases = list(distinctes.values())
    return _Table(
        situations=situations,
        premier_jour=debuts[0].toordinal() - 1 - EPOQUE,
        periode=_periode_de_chaque_jour(debuts),
        case=np.array([rangs[_chiffres(c)] for c in toutes], np.int16),
        nombres=Nombres(*(_colonne(cases, "nombres", f.name) for f in fields(Nombres))),
        exceptions=Exceptions(*(_colonne(cases, "exceptions", f.name) for f in fields(Exceptions))),
        ordinaire_des=np.array([0 if c is None else c.ordinaire_des for c in cases], np.int64),
        net_estime=np.array([INCONNU if c is None or c.net_estime is None else c.net_estime for c in cases], np.int64),
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
    dernier = FIN.toordinal()
    bornes = np.array([*(jour.toordinal() for jour in debuts), dernier + 1])
    connus = np.repeat(np.arange(len(debuts)), np.diff(bornes))
    return np.concatenate([[len(debuts)], connus, [len(debuts)]]).astype(np.int16)


def _colonne(cases: list[Conditions | None], groupe: str, nom: str) -> Entiers:
    """Une colonne de la table."""
    vide = CASE_INCONNUE.get(nom, 0)
    return np.array([vide if c is None else getattr(getattr(c, groupe), nom) for c in cases], np.int64)


# --- Le calcul ---


def _calculer(table: _Table, lignes: _Lignes, sorties: MontantsEnLignes, bloc: slice) -> NDArray[np.int64]:
    """Calcule un bloc par les formules ordinaires ; rend les rangs des lignes où une exception peut jouer."""
    taux, heures = lignes.taux[bloc], lignes.heures[bloc]
    case = table.case_de(lignes.jours[bloc], lignes.situation[bloc])
    n = Nombres(*(getattr(table.nombres, nom).take(case) for nom in Nombres.__slots__))
    due = formules.indemnite(taux, n, Tableaux)
    versee = formules.allocation(taux, n, Tableaux)
    if due.min() < 0:
        _refuser(table, lignes, np.flatnonzero(due < 0) + bloc.start)
    sorties.indemnite_horaire[bloc] = due
    sorties.allocation_horaire[bloc] = versee
    sorties.indemnite[bloc] = formules.total(due, heures)
    sorties.allocation[bloc] = formules.total(versee, heures)
    seuil = table.ordinaire_des.take(case)
    exceptions = taux < seuil
    if lignes.net is not None:
        exceptions |= (lignes.net[bloc] >= 0) & (seuil > 0)
    rangs: NDArray[np.int64] = np.flatnonzero(exceptions) + bloc.start
    return rangs


def _corriger(table: _Table, lignes: _Lignes, sorties: MontantsEnLignes, rangs: NDArray[np.int64]) -> None:
    """Refait quelques lignes par les formules particulières."""
    taux, heures = lignes.taux[rangs], lignes.heures[rangs]
    case = table.case_de(lignes.jours[rangs], lignes.situation[rangs])
    n = Nombres(*(getattr(table.nombres, nom).take(case) for nom in Nombres.__slots__))
    e = Exceptions(*(getattr(table.exceptions, nom).take(case) for nom in Exceptions.__slots__))
    net = _net(table, case, taux, None if lignes.net is None else lignes.net[rangs])
    manque = (net < 0) & ((e.formation | e.plafond_net) != 0)
    if manque.any():
        raise LignesHorsBareme(rangs[manque], net_manquant(_jour(lignes, rangs[manque][0])))
    due = formules.indemnite_particuliere(taux, net, n, e, Tableaux)
    versee = formules.allocation_particuliere(taux, due, n, e, Tableaux)
    sorties.indemnite_horaire[rangs] = due
    sorties.allocation_horaire[rangs] = versee
    sorties.indemnite[rangs] = formules.total(due, heures)
    sorties.allocation[rangs] = formules.total(versee, heures)


def _net(table: _Table, case: NDArray[np.int64], taux: Entiers, donne: Entiers | None) -> Entiers:
    """Le net donné, sinon estimé, sinon -1 ; en centimes."""
    part = table.net_estime.take(case)
    estime: Entiers = np.where(part < 0, INCONNU, estimer_le_net(taux, part))
    return estime if donne is None else np.where(donne < 0, estime, donne)


def _refuser(table: _Table, lignes: _Lignes, rangs: NDArray[np.int64]) -> None:
    """Dit ce qui manque à la première ligne refusée, avec la phrase de la porte d'un cas."""
    premiere = rangs[0]
    try:
        conditions(table.situations[int(lignes.situation[premiere])], _jour(lignes, premiere))
    except HorsBareme as refus:
        raise LignesHorsBareme(rangs, refus) from None
    raise ValueError(f"Ligne {premiere + 1} : le taux horaire ne peut pas être négatif.")


def _jour(lignes: _Lignes, rang: np.int64) -> date:
    return date.fromordinal(int(lignes.jours[rang]) + EPOQUE)


# --- Ce que l'on reçoit ---


def _en_jours(jour: NDArray[np.datetime64] | NDArray[np.integer]) -> NDArray[np.integer]:
    if np.issubdtype(jour.dtype, np.datetime64):
        return jour.astype("datetime64[D]").astype(np.int64)
    return cast("NDArray[np.integer]", jour)


def _exiger_une_forme(*tableaux: NDArray[np.generic] | None) -> None:
    formes = {t.shape for t in tableaux if t is not None}
    if len(formes) != 1 or len(formes.pop()) != 1:
        raise ValueError("Les tableaux doivent avoir une seule dimension, et la même longueur.")
