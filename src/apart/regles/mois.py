"""Les totaux d'un mois, ou de toute période : par sous-période où rien ne change (docs/regles/totaux-du-mois.md)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise

from apart.regles import formules, nombres
from apart.regles.conditions import conditions
from apart.regles.francais import jour_en_lettres
from apart.regles.heures import jours_ouvres
from apart.regles.horaire import ORDINAIRE, MontantHoraire, montant_horaire
from apart.regles.situations import Situation

ZERO = Decimal()


@dataclass(frozen=True, slots=True)
class Periode:
    """Des heures chômées entre deux dates comprises."""

    du: date
    au: date
    heures: Decimal

    def __post_init__(self) -> None:
        if self.au < self.du:
            raise ValueError(
                f"La période finit le {jour_en_lettres(self.au)}, avant de commencer le {jour_en_lettres(self.du)}."
            )
        if self.heures < 0:
            raise ValueError("Un nombre d'heures ne peut pas être négatif.")


@dataclass(frozen=True, slots=True)
class Ligne:
    """Une sous-période, ses heures et ce qu'elles valent, en euros."""

    periode: Periode
    horaire: MontantHoraire
    indemnite: Decimal
    allocation: Decimal


@dataclass(frozen=True, slots=True)
class Totaux:
    """La somme des sous-périodes, en euros et en heures."""

    lignes: tuple[Ligne, ...]

    @property
    def heures(self) -> Decimal:
        return sum((ligne.periode.heures for ligne in self.lignes), ZERO)

    @property
    def indemnite(self) -> Decimal:
        return sum((ligne.indemnite for ligne in self.lignes), ZERO)

    @property
    def allocation(self) -> Decimal:
        return sum((ligne.allocation for ligne in self.lignes), ZERO)

    @property
    def reste_a_charge(self) -> Decimal:
        return self.indemnite - self.allocation

    @property
    def reserves(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(phrase for ligne in self.lignes for phrase in ligne.horaire.reserves))


def totaliser(
    taux_horaire: Decimal,
    periodes: Sequence[Periode],
    situation: Situation = ORDINAIRE,
    *,
    net_horaire: Decimal | None = None,
) -> Totaux:
    """Indemnité et allocation de plusieurs périodes, en euros : Σ montant horaire × heures, arrondi par sous-période.

    Les heures d'une période que la loi coupe en deux se partagent selon les jours ouvrés.
    Lève ValueError si deux périodes se chevauchent, HorsBareme si la loi d'un jour n'est pas connue.
    """
    refuser_les_chevauchements(periodes)
    lignes = [
        _ligne(taux_horaire, partie, situation, net_horaire)
        for periode in sorted(periodes, key=lambda p: p.du)
        for partie in decouper(periode, situation)
    ]
    return Totaux(tuple(lignes))


def _ligne(taux_horaire: Decimal, periode: Periode, situation: Situation, net_horaire: Decimal | None) -> Ligne:
    horaire = montant_horaire(taux_horaire, periode.du, situation, net_horaire=net_horaire)
    heures = nombres.centiemes(periode.heures)
    return Ligne(
        periode,
        horaire,
        indemnite=_total(horaire.indemnite, heures),
        allocation=_total(horaire.allocation, heures),
    )


def _total(montant: Decimal, heures: int) -> Decimal:
    return nombres.depuis_centiemes(formules.total(nombres.centiemes(montant), heures))


def refuser_les_chevauchements(periodes: Sequence[Periode]) -> None:
    """Lève ValueError si deux périodes ont un jour en commun."""
    triees = sorted(periodes, key=lambda p: p.du)
    for avant, apres in pairwise(triees):
        if apres.du <= avant.au:
            raise ValueError(
                f"Deux périodes se chevauchent : l'une finit le {jour_en_lettres(avant.au)}, l'autre commence le "
                f"{jour_en_lettres(apres.du)}."
            )


def decouper(periode: Periode, situation: Situation = ORDINAIRE) -> tuple[Periode, ...]:
    """La même période, coupée là où un nombre de la loi change pour cette situation."""
    if conditions(situation, periode.du).au >= periode.au:
        return (periode,)
    parties = []
    du = periode.du
    while du <= periode.au:
        au = min(conditions(situation, du).au, periode.au)
        parties.append((du, au))
        du = au + timedelta(days=1)
    return repartir(periode.heures, parties)


def par_mois(periode: Periode) -> tuple[Periode, ...]:
    """La même période, coupée à chaque mois civil."""
    parties = []
    du = periode.du
    while du <= periode.au:
        au = min((du.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1), periode.au)
        parties.append((du, au))
        du = au + timedelta(days=1)
    return repartir(periode.heures, parties)


def repartir(heures: Decimal, parties: Sequence[tuple[date, date]]) -> tuple[Periode, ...]:
    """Des heures partagées entre des parties selon leurs jours ouvrés (calendaires s'il n'y en a aucun), au centième.

    La somme est exacte : les centièmes qui restent vont aux parties dont le reste est le plus grand.
    """
    poids = [jours_ouvres(du, au) for du, au in parties]
    if not any(poids):
        poids = [(au - du).days + 1 for du, au in parties]
    total, centiemes = sum(poids), nombres.centiemes(heures)
    parts = [centiemes * p // total for p in poids]
    restes = sorted(range(len(parts)), key=lambda i: (-(centiemes * poids[i] % total), i))
    for i in restes[: centiemes - sum(parts)]:
        parts[i] += 1
    return tuple(
        Periode(du, au, nombres.depuis_centiemes(part)) for (du, au), part in zip(parties, parts, strict=True)
    )
