"""Une heure chômée de beaucoup de lignes à la fois, sans trace, par les mêmes formules qu'un cas.

Les nombres des lois rencontrées sont rangés en colonnes ; chaque ligne y lit les siens. Le mois est dans lignes.py.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from apart.regles import formules
from apart.regles.conditions import Conditions
from apart.regles.formules import Entiers, Exceptions, Masque, Nombres, Tableaux
from apart.regles.horaire import estimer_le_net

BLOC = 16_384  # lignes : 128 Kio par tableau
INCONNU = -1
JAMAIS = 10**12  # centimes


@dataclass(frozen=True, slots=True)
class Lois:
    """Ce que fixent des lois, une colonne par loi : assez peu pour tenir dans le cache du processeur."""

    nombres: Entiers  # une rangée par champ de formules.Nombres
    exceptions: Entiers  # une rangée par champ de formules.Exceptions
    ordinaire_des: Entiers  # centimes : le taux horaire dès lequel aucune exception ne joue, si le net n'est pas donné
    lit_le_net: Entiers
    net_estime: Entiers

    @classmethod
    def de(cls, lois: Sequence[Conditions]) -> Lois:
        """Dans l'ordre reçu."""
        estimes = [INCONNU if c.net_estime is None else c.net_estime for c in lois]
        rangees = (
            [[getattr(c.nombres, nom) for c in lois] for nom in Nombres.__slots__],
            [[getattr(c.exceptions, nom) for c in lois] for nom in Exceptions.__slots__],
            *([_ordinaire_des(c) for c in lois], [c.lit_le_net for c in lois], estimes),
        )
        return cls(*(np.array(rangee, np.int64) for rangee in rangees))


def _ordinaire_des(c: Conditions) -> int:
    n, e = c.nombres, c.exceptions
    if e.formation or (e.plafond_net and c.net_estime is None):
        return JAMAIS
    seuils = [e.alternant, e.sans_plancher, e.bornee_par_remuneration * n.allocation_plancher]
    if e.plafond_net and c.net_estime:  # au-delà, le net estimé atteint le plancher, à un centime d'arrondi près
        seuils.append(n.indemnite_plancher * 10_000_000 // c.net_estime + 2)
    if e.bornee_par_indemnite:  # au-delà, l'indemnité, alors sans plafond, dépasse le forfait
        seuils.append(n.allocation_plancher * 10_000 // n.indemnite_taux + 1)
    return max(seuils)


@dataclass(frozen=True, slots=True)
class Horaires:
    """Ce que vaut une heure de chaque ligne, en centimes, et ce qui a joué (formules.Branche)."""

    due: Entiers
    branche: Entiers
    versee: Entiers
    branche_versee: Entiers
    sans_net: Masque  # le calcul demande un net qui n'est pas donné et ne s'estime pas : sans valeur


def horaires(lois: Lois, loi: Entiers, taux: Entiers, net: Entiers) -> Horaires:
    """Indemnité et allocation d'une heure de n lignes (R5122-18, D5122-13) ; tous les tableaux ont la forme (n,).

    loi : son rang parmi les lois. taux : horaire, centimes, positif. net : habituel, horaire, centimes, -1 où il
    n'est pas donné. Toutes passent par les formules ordinaires ; celles où une exception peut jouer sont refaites.
    """
    due, branche, versee, branche_versee = np.empty((4, len(loi)), np.int64)
    for debut in range(0, len(loi), BLOC):
        bloc = slice(debut, debut + BLOC)
        n = Nombres(*lois.nombres.take(loi[bloc], axis=1, mode="clip"))  # un rang juste ne se vérifie pas
        due[bloc], branche[bloc] = formules.indemnite(taux[bloc], n, Tableaux)
        versee[bloc], branche_versee[bloc] = formules.allocation(taux[bloc], n, Tableaux)
    lus = Horaires(due, branche, versee, branche_versee, np.zeros(len(loi), np.bool_))
    seuil = lois.ordinaire_des.take(loi)
    rangs = np.flatnonzero((taux < seuil) | ((net >= 0) & (seuil > 0)))
    refaites = _particulieres(lois, loi[rangs], taux[rangs], net[rangs])
    for nom in Horaires.__slots__:
        getattr(lus, nom)[rangs] = getattr(refaites, nom)
    return lus


def _particulieres(lois: Lois, loi: Entiers, taux: Entiers, donne: Entiers) -> Horaires:
    n = Nombres(*lois.nombres.take(loi, axis=1))
    e = Exceptions(*lois.exceptions.take(loi, axis=1))
    part = lois.net_estime.take(loi)
    net = np.where(donne >= 0, donne, np.where(part < 0, INCONNU, estimer_le_net(taux, part)))
    due, branche = formules.indemnite(taux, n, Tableaux, e, net)
    versee, branche_versee = formules.allocation(taux, n, Tableaux, e, due)
    return Horaires(due, branche, versee, branche_versee, (net < 0) & (lois.lit_le_net.take(loi) != 0))
