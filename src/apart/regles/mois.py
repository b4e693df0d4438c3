"""Les totaux d'un mois, ou de toute période : par sous-période où rien ne change (docs/regles/totaux-du-mois.md)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise

from apart.regles import formules, nombres
from apart.regles.conditions import Conditions, conditions
from apart.regles.francais import jour_en_lettres
from apart.regles.heures import dernier_du_mois, jours_ouvres
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
    parties = (partie for p in sorted(periodes, key=lambda p: p.du) for partie in decouper(p, situation))
    return Totaux(tuple(_ligne(taux_horaire, partie, situation, net_horaire) for partie in parties))


def _ligne(taux_horaire: Decimal, periode: Periode, situation: Situation, net_horaire: Decimal | None) -> Ligne:
    horaire = montant_horaire(taux_horaire, periode.du, situation, net_horaire=net_horaire)
    heures = nombres.centiemes(periode.heures)
    return Ligne(periode, horaire, _total(horaire.indemnite, heures), _total(horaire.allocation, heures))


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
    lois = lois_successives(situation, periode.du, periode.au)
    return repartir(periode.heures, [bornes for bornes, _ in lois]) if len(lois) > 1 else (periode,)


def lois_successives(situation: Situation, du: date, au: date) -> list[tuple[tuple[date, date], Conditions]]:
    """Les conditions de chaque jour entre deux dates comprises : celles d'une partie, avec ses bornes."""
    lois = []
    while du <= au:
        loi = conditions(situation, du)
        lois.append(((du, min(loi.au, au)), loi))
        du = loi.au + timedelta(days=1)
    return lois


def par_mois(periode: Periode) -> tuple[Periode, ...]:
    """La même période, coupée à chaque mois civil."""
    return repartir(periode.heures, mois_civils(periode.du, periode.au))


def mois_civils(du: date, au: date) -> list[tuple[date, date]]:
    """Les bornes de chaque mois civil entre deux dates comprises."""
    bornes = []
    while du <= au:
        bornes.append((du, min(dernier_du_mois(du), au)))
        du = bornes[-1][1] + timedelta(days=1)
    return bornes


def poids(parties: Sequence[tuple[date, date]]) -> list[int]:
    """Ce que chaque partie pèse dans un partage : ses jours ouvrés, ou calendaires si aucune n'en a."""
    ouvres = [jours_ouvres(du, au) for du, au in parties]
    return ouvres if any(ouvres) else [(au - du).days + 1 for du, au in parties]


def repartir(heures: Decimal, parties: Sequence[tuple[date, date]]) -> tuple[Periode, ...]:
    """Des heures partagées entre des parties selon leur poids, au centième.

    La somme est exacte : les centièmes qui restent vont aux parties dont le reste est le plus grand.
    """
    pesees = poids(parties)
    total, centiemes = sum(pesees), nombres.centiemes(heures)
    parts = [centiemes * p // total for p in pesees]
    restes = sorted(range(len(parts)), key=lambda i: (-(centiemes * pesees[i] % total), i))
    for i in restes[: centiemes - sum(parts)]:
        parts[i] += 1
    return tuple(Periode(*dates, nombres.depuis_centiemes(part)) for dates, part in zip(parties, parts, strict=True))
