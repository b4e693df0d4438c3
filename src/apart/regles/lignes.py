"""La porte des lignes : le mois entier de millions de salariés, sans trace (docs/regles/lire-le-code.md).

Ce qui ne dépend que du profil et des dates est demandé une fois aux fonctions de la porte d'un cas, puis étendu aux
lignes, par les mêmes formules. Une ligne se coupe en mois, un mois en tranches où la loi ne change pas.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import NamedTuple

import numpy as np

from apart.regles import formules, nombres
from apart.regles.bareme import HorsBareme
from apart.regles.complements import connait_le_partage, seuil_de_remplacement
from apart.regles.conditions import Conditions
from apart.regles.formules import SANS_PLAFOND, Entiers, Masque, Tableaux, quotient
from apart.regles.heures import Structurelles, duree_retenue, plafond_de_la_periode, possibles
from apart.regles.horaire import ORDINAIRE, estimer_le_net, reserves_d_une_branche
from apart.regles.mois import lois_successives, mois_civils, poids
from apart.regles.parties import couper, distincts
from apart.regles.prelevements import PRELEVEMENTS, Residence, retenues
from apart.regles.reference import duree_mensuelle
from apart.regles.simulation import MINIMUM_MENSUEL, part_nette, residence_fiscale, sans_minimum_mensuel
from apart.regles.situations import Situation
from apart.regles.vecteurs import INCONNU, Lois, horaires

EPOQUE = date(1970, 1, 1).toordinal()
BLOC = 65_536  # lignes
PLUSIEURS = -1
UN_AN = 366  # jours
UN_MILLION = 10**6
MONTANT_MAXIMAL = UN_MILLION * 100  # centimes : les produits restent alors dans 64 bits


@dataclass(frozen=True, slots=True)
class Profil:
    """Ce qui, hors montants et dates, décide du calcul d'une ligne."""

    situation: Situation = ORDINAIRE
    duree_hebdomadaire: Decimal = Decimal(35)
    structurelles: Structurelles | None = None
    residence: Residence = Residence.METROPOLE


class Lignes(NamedTuple):
    """n lignes, une par salarié et par période : des tableaux de forme (n,)."""

    profils: Sequence[Profil]  # distincts
    profil: Entiers  # rang dans profils
    du: Entiers  # jours depuis le 1er janvier 1970
    au: Entiers  # compris ; plusieurs mois permis
    heures: Entiers  # chômées, centièmes d'heure
    remuneration: Entiers  # mensuelle, dix-millièmes d'euro : un taux horaire × les heures d'un mois tombe juste
    net: Entiers  # mensuel habituel, centimes ; -1 où il n'est pas donné
    maintien: Entiers  # millionièmes du brut ; -1 sans maintien
    cotisations: Entiers  # patronales, millionièmes du brut ; -1 si inconnues

    def prendre(self, rangs: Entiers) -> Lignes:
        """Celles de ces rangs."""
        return Lignes(self.profils, *(colonne[rangs] for colonne in self[1:]))


@dataclass(frozen=True, slots=True)
class LignesSimulees:
    """Par salarié, la somme des mois de la ligne : centimes, et centièmes d'heure. Sans valeur hors de `calculees`."""

    calculees: Masque  # faux : à la porte d'un cas de calculer la ligne, ou de dire pourquoi elle la refuse
    indemnite_horaire: Entiers  # PLUSIEURS si la loi en donne plusieurs
    allocation_horaire: Entiers  # de même
    indemnisables: Entiers
    indemnite: Entiers
    allocation: Entiers
    complement: Entiers
    salaire: Entiers
    cotisations: Entiers  # patronales ; 0 si leur taux n'est pas donné
    preleve: Entiers
    net: Entiers  # INCONNU si celui d'un mois ne s'estime pas
    reste_a_charge: Entiers
    cout: Entiers
    reserve: Entiers  # rang dans `reserves`
    reserves: list[tuple[str, ...]]  # de l'indemnité et de l'allocation ; celles du net sont à la porte d'un cas


def simuler_lignes(lignes: Lignes) -> LignesSimulees:
    """Chaque ligne, comme simulation.simuler d'un groupe d'une seule période (docs/regles/totaux-du-mois.md).

    Une ligne que la loi refuse, ou que les tableaux ne prennent pas (docs/regles/lire-le-code.md), a `calculees` faux.
    Lève ValueError si les tableaux n'ont pas la même longueur.
    """
    n = len(lignes.profil)
    if {colonne.shape for colonne in lignes[1:]} != {(n,)}:
        raise ValueError("Les tableaux doivent avoir une seule dimension, et la même longueur.")
    montants = {nom: np.zeros(n, np.int64) for nom in LignesSimulees.__slots__[1:-1]}
    sorties = LignesSimulees(calculees=np.zeros(n, np.bool_), reserves=[()], **montants)
    reserves = _Reserves(sorties.reserves)
    for debut in range(0, n, BLOC):
        rangs = np.arange(debut, min(debut + BLOC, n))
        rangs = rangs[_plausibles(lignes.prendre(rangs))]
        if len(rangs):
            _simuler(lignes.prendre(rangs), rangs, sorties, reserves)
    return sorties


def _plausibles(d: Lignes) -> Masque:
    """Celles que les tableaux prennent : ni dates renversées, ni nombre hors de toute mesure."""
    bornes = (
        (d.du, date.min.toordinal() - EPOQUE, d.au),
        (d.au, d.du, np.minimum(d.du + UN_AN, date.max.toordinal() - EPOQUE)),
        (d.heures, 0, UN_MILLION),
        (d.remuneration, 0, MONTANT_MAXIMAL * 100),
        (d.net, -1, MONTANT_MAXIMAL),
        (d.maintien, -1, UN_MILLION),
        (d.cotisations, -1, UN_MILLION),
    )
    prises: Masque = np.all([(moins <= valeur) & (valeur <= plus) for valeur, moins, plus in bornes], axis=0)
    return prises


# --- Ce que l'on demande une fois ---


class _Loi(NamedTuple):
    """Une partie d'un mois où la loi ne change pas."""

    poids: int
    seuil: int  # centimes : le complément suit jusque-là le régime de l'indemnité ; SANS_PLAFOND avant le partage
    conditions: Conditions


class _Mois(NamedTuple):
    """Un mois, ou sa part, d'un profil. Heures en centièmes, seuils en centimes."""

    poids: int
    contrat: int
    retenue: int
    diviseur: int
    possible: int
    part_nette: int  # dix-millionièmes du brut ; INCONNU si elle ne s'estime pas
    seuil: int  # d'écrêtement
    parts: tuple[int, ...]  # de chaque prélèvement, cent-millionièmes
    lois: tuple[_Loi, ...]
    sans_minimum: bool  # simulation.MINIMUM_MENSUEL


@lru_cache(maxsize=20_000)
def _plan(profil: Profil, du: date, au: date) -> tuple[_Mois, ...]:
    """Les mois d'une période ; aucun si la loi la refuse à ce profil."""
    bornes = mois_civils(du, au)
    residence = residence_fiscale(profil.situation, profil.residence)
    try:
        return tuple(
            _Mois(
                poids_du_mois,
                *_heures(*dates, profil.duree_hebdomadaire, profil.structurelles),
                *_argent(dates[1], residence),
                _lois(profil.situation, *dates),
                sans_minimum_mensuel(profil.situation, dates[0]),
            )
            for dates, poids_du_mois in zip(bornes, poids(bornes), strict=True)
        )
    except (HorsBareme, ValueError):
        return ()


@lru_cache(maxsize=20_000)
def _heures(du: date, au: date, duree: Decimal, structurelles: Structurelles | None) -> tuple[int, int, int, int]:
    """Heures du contrat et de la durée retenue, d'un mois plein de celle-ci, et celles que l'on peut chômer."""
    retenue, _ = duree_retenue(du, duree, structurelles=structurelles)
    contees = (plafond_de_la_periode(du, au, duree), plafond_de_la_periode(du, au, retenue), duree_mensuelle(retenue))
    if contees[2] <= 0:
        raise ValueError("La durée du travail doit être positive.")
    contrat, retenues_, diviseur = map(nombres.centiemes, contees)
    return contrat, retenues_, diviseur, int(possibles(du, au, duree).scaleb(2))


@lru_cache(maxsize=2_000)
def _argent(au: date, residence: Residence) -> tuple[int, int, tuple[int, ...]]:
    """Ce dont un mois a besoin pour ses montants nets."""
    part, lues = part_nette(au.replace(day=1)), retenues(au, residence)
    return (
        INCONNU if part is None else nombres.entier(part, 7),
        nombres.centiemes(lues.seuil),
        tuple(nombres.entier(lues.parts.get(nom, Decimal()), 8) for nom in PRELEVEMENTS),
    )


@lru_cache(maxsize=20_000)
def _lois(situation: Situation, du: date, au: date) -> tuple[_Loi, ...]:
    lois = lois_successives(situation, du, au)
    bornes = [bornes for bornes, _ in lois]
    return tuple(_Loi(p, _seuil(debut), loi) for p, ((debut, _), loi) in zip(poids(bornes), lois, strict=True))


def _seuil(jour: date) -> int:
    if not connait_le_partage(jour):
        return SANS_PLAFOND
    return nombres.centiemes(seuil_de_remplacement(jour)[0])


# --- Les réserves ---


class _Reserves:
    """Des suites de phrases, chacune désignée par son rang."""

    def __init__(self, dites: list[tuple[str, ...]]) -> None:
        self.dites = dites
        self.rangs = {phrases: rang for rang, phrases in enumerate(dites)}

    def demander(self, phrases: Callable[[int], tuple[str, ...]], *cles: Entiers | Masque) -> Entiers:
        """Le rang des phrases de chaque ligne, demandées une fois par combinaison de clés."""
        premiers, rangs = distincts(*cles)
        return np.array([self._rang(phrases(premier)) for premier in premiers], np.int64).take(rangs)

    def _rang(self, phrases: tuple[str, ...]) -> int:
        if phrases not in self.rangs:
            self.rangs[phrases] = len(self.dites)
            self.dites.append(phrases)
        return self.rangs[phrases]

    def unir(self, a: Entiers, b: Entiers) -> Entiers:
        """Les phrases de l'une puis de l'autre, sans répétition."""
        return self.demander(lambda i: tuple(dict.fromkeys((*self.dites[a[i]], *self.dites[b[i]]))), a, b)

    def reunir(self, suite: Entiers, premieres: Entiers) -> Entiers:
        """Les phrases de toutes les parties de chaque ligne."""
        reunies, tailles = suite[premieres], np.diff(premieres, append=len(suite))
        for rang in range(1, int(tailles.max())):
            lignes = np.flatnonzero(tailles > rang)
            reunies[lignes] = self.unir(reunies[lignes], suite[premieres[lignes] + rang])
        return reunies


# --- Calculer ---


def _simuler(d: Lignes, places: Entiers, sorties: LignesSimulees, reserves: _Reserves) -> None:
    """Un bloc de lignes plausibles ; places : leurs rangs dans les sorties."""
    premiers, plan = distincts(d.profil, d.du, d.au)
    plans = [_plan(d.profils[d.profil[i]], _jour(d.du[i]), _jour(d.au[i])) for i in premiers]
    connues = np.flatnonzero(np.array([len(p) for p in plans]).take(plan))
    if len(connues) == 0:
        return
    bloc = _Bloc(d.prendre(connues), plans, plan[connues])
    places = places[connues]
    sorties.calculees[places] = bloc.calculees()
    for nom, montants in bloc.montants().items():
        getattr(sorties, nom)[places] = montants
    sorties.reserve[places] = bloc.reserves(reserves)


def _jour(jour: np.int64) -> date:
    return date.fromordinal(int(jour) + EPOQUE)


class _Bloc:
    """Des lignes coupées en mois, et ces mois en tranches où la loi ne change pas."""

    def __init__(self, d: Lignes, plans: list[tuple[_Mois, ...]], plan: Entiers) -> None:
        self.table = [mois for suite in plans for mois in suite]
        self.mois = couper([[mois.poids for mois in suite] for suite in plans], plan, d.heures)
        self.remuneration, self.net, self.maintien, self.cotisations = map(self.mois.prendre, d[5:])
        contrat, retenue, self.diviseur, self.possible, *self.net_et_seuil = self._de_la_table(
            [mois[1:7] for mois in self.table]
        )
        self.perdues = formules.perdues(self.mois.heures, contrat, retenue, Tableaux)
        self.payables = np.minimum(self.perdues, retenue)
        self.net_donne = (self.net >= 0) & (self.remuneration > 0)
        self._indemniser()

    def _de_la_table(self, lues: Sequence[tuple[int, ...]]) -> Entiers:
        """Des nombres de chaque mois de la table, en colonnes, un rang par mois du bloc."""
        return np.array(lues, np.int64).T.take(self.mois.cible, axis=1)

    def _indemniser(self) -> None:
        """Les tranches : indemnité, allocation et complément, par heure puis pour leurs heures."""
        poids_des_lois = [[loi.poids for loi in mois.lois] for mois in self.table]
        self.tranches = tranches = couper(poids_des_lois, self.mois.cible, self.payables)
        lois = [loi for mois in self.table for loi in mois.lois]
        rangs = {conditions: rang for rang, conditions in enumerate(dict.fromkeys(loi.conditions for loi in lois))}
        self.lois = list(rangs)
        self.loi = np.array([rangs[loi.conditions] for loi in lois]).take(tranches.cible)
        seuil = np.array([loi.seuil for loi in lois]).take(tranches.cible)
        par_heure = np.where(self.net < 0, INCONNU, quotient(self.net * 100, self.diviseur))
        taux = tranches.prendre(quotient(self.remuneration, self.diviseur))
        self.horaires = lus = horaires(Lois.de(self.lois), self.loi, taux, tranches.prendre(par_heure))
        maintien = tranches.prendre(self.maintien)
        verse = np.where(maintien < 0, 0, np.maximum(0, quotient(taux * maintien, UN_MILLION) - lus.due))
        remplacement = formules.part_de_remplacement(verse, lus.due, seuil, Tableaux)
        montants = (lus.due, lus.versee, remplacement, verse - remplacement)
        self.indemnite, self.allocation, self.remplacement, self.activite = (
            tranches.reduire(np.add, formules.total(montant, tranches.heures)) for montant in montants
        )

    def calculees(self) -> Masque:
        """Les lignes que la loi ne refuse pas : ni net qui manque, ni plus d'heures que le contrat."""
        sans_net = self.tranches.reduire(np.logical_or, self.horaires.sans_net)
        return ~self.mois.reduire(np.logical_or, sans_net | (self.mois.heures > self.possible))

    def montants(self) -> dict[str, Entiers]:
        """Les colonnes de LignesSimulees, une valeur par ligne."""
        part, seuil = self.net_et_seuil
        salaire = np.maximum(0, quotient(self.remuneration * (self.diviseur - self.perdues), self.diviseur * 100))
        brut = salaire + self.activite
        remplacement = self.indemnite + self.remplacement
        donne = quotient(brut * np.maximum(0, self.net) * 100, np.maximum(1, self.remuneration))
        revenu = remplacement + np.where(self.net_donne, donne, estimer_le_net(brut, np.maximum(0, part)))
        dus = quotient(remplacement * self._de_la_table([mois.parts for mois in self.table]), 10**8).sum(axis=0)
        preleve = formules.ecretement(dus, revenu, seuil, Tableaux)
        patronales = quotient(brut * np.maximum(0, self.cotisations), UN_MILLION)
        du_mois = {
            "indemnisables": self.payables,
            "indemnite": self.indemnite,
            "allocation": self.allocation,
            "complement": self.remplacement + self.activite,
            "salaire": salaire,
            "cotisations": patronales,
            "preleve": preleve,
            "net": revenu - preleve,
            "reste_a_charge": remplacement + self.activite - self.allocation,
            "cout": brut + remplacement + patronales - self.allocation,
        }
        sommes = {nom: self.mois.reduire(np.add, montant) for nom, montant in du_mois.items()}
        sans_net = self.mois.reduire(np.logical_or, ~self.net_donne & (part < 0))
        sommes["net"] = np.where(sans_net, INCONNU, sommes["net"])
        for nom, horaire in (("indemnite", self.horaires.due), ("allocation", self.horaires.versee)):
            moindre, plus_grand = (
                self.mois.reduire(f, self.tranches.reduire(f, horaire)) for f in (np.minimum, np.maximum)
            )
            sommes[f"{nom}_horaire"] = np.where(moindre == plus_grand, moindre, PLUSIEURS)
        return sommes

    def reserves(self, r: _Reserves) -> Entiers:
        """Le rang des réserves de chaque ligne : celles de ses tranches, puis celle de son premier mois."""
        lus, premiers = self.horaires, self.mois.cible.take(self.mois.premieres)
        depasse = lus.versee > lus.due
        des_tranches = r.demander(
            lambda i: reserves_d_une_branche(
                self.lois[self.loi[i]], int(lus.branche[i]), int(lus.branche_versee[i]), bool(depasse[i])
            ),
            *(self.loi, lus.branche, lus.branche_versee, depasse),
        )
        du_mois = r.demander(lambda i: (MINIMUM_MENSUEL,) if self.table[premiers[i]].sans_minimum else (), premiers)
        return r.unir(r.reunir(des_tranches, self.tranches.premieres.take(self.mois.premieres)), du_mois)
