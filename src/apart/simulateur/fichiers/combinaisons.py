"""Ce que les règles disent d'une combinaison distincte (période, durée, situation…), gardé d'un fichier à l'autre.

Chaque fonction rend None, ou faux, quand la ligne doit être lue une à une. Le barème ne change pas en cours de route :
les réponses se gardent.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from functools import cached_property, lru_cache, partial

from apart.regles import complements, conditions, formules, nombres
from apart.regles.bareme import HorsBareme, bareme
from apart.regles.heures import Structurelles, duree_retenue, jours_ouvres, plafond_de_la_periode
from apart.regles.horaire import montant_horaire
from apart.regles.prelevements import Residence, prelevements
from apart.regles.reference import duree_mensuelle
from apart.regles.simulation import MINIMUM_MENSUEL
from apart.regles.situations import Situation, Statut
from apart.regles.valeurs import INCERTAINE, SECONDAIREMENT_LUE
from apart.simulateur import saisie

JAMAIS = date.max  # une date qui n'est pas donnée
SANS_PERIODE = (JAMAIS, JAMAIS)
SANS_MAINTIEN = Decimal(-1)
SELON_ACCORD = "selon l'accord"  # « structurelles » vide : oui si la date de l'accord est donnée
SANS_HEURES = (0, 0, 1, -1)
TROP_PRECIS = -2
PREMIER_JOUR = date(2013, 7, 1)
EPOQUE = date(1970, 1, 1).toordinal()
ANNEE_DU_MINIMUM = 2020  # simulation.MINIMUM_MENSUEL
ZERO = Decimal()
# Dans une case, la suite d'une réserve ne tient pas : la page du barème la donne.
POURQUOI = re.compile(rf"({SECONDAIREMENT_LUE}|{INCERTAINE}).*|\. .*")


@dataclass(frozen=True, slots=True, eq=False)
class Periode:
    """Une période d'un seul mois civil, et ce qui la mesure."""

    du: date
    au: date
    semaines: int  # civiles, entamées ou non


PERIODE_VIDE = Periode(PREMIER_JOUR, PREMIER_JOUR, 1)


def periode_dite(du_mois: tuple[date, date], des_dates: tuple[date, date]) -> Periode | None:
    """Celle du mois, ou celle des deux dates ; None si l'un et les autres sont donnés : la lecture le refuse."""
    if du_mois != SANS_PERIODE and des_dates != SANS_PERIODE:
        return None
    return periode(*(des_dates if du_mois == SANS_PERIODE else du_mois))


@lru_cache(maxsize=20_000)
def periode(du: date, au: date) -> Periode | None:
    """None si les dates manquent, sortent du barème, s'inversent ou touchent deux mois."""
    if du > au or du < PREMIER_JOUR or au > bareme().connu_jusqu_au or (du.year, du.month) != (au.year, au.month):
        return None
    lundis = du - timedelta(days=du.weekday()), au - timedelta(days=au.weekday())
    return Periode(du, au, (lundis[1] - lundis[0]).days // 7 + 1)


@lru_cache(maxsize=50_000)
def heures(
    p: Periode, duree: Decimal | None, structurelles: bool | str | None, accord: date | None
) -> tuple[int, int, int, int] | None:
    """Heures du contrat et de la durée retenue sur la période, diviseur mensuel, maximum possible ; en centièmes."""
    if duree is None or structurelles is None or accord is None or duree != nombres.arrondir(duree):
        return None
    conclues_le = None if accord is JAMAIS else accord
    a_des_structurelles = conclues_le is not None if structurelles is SELON_ACCORD else structurelles
    prevues = Structurelles(conclues_le) if a_des_structurelles else None
    try:
        retenue, _ = duree_retenue(p.du, duree, structurelles=prevues)
    except HorsBareme:
        return None
    contrat = plafond_de_la_periode(p.du, p.au, duree)
    possible = max(contrat, min(duree_mensuelle(duree), duree * p.semaines))
    retenues = plafond_de_la_periode(p.du, p.au, retenue)
    contees = (contrat, retenues, duree_mensuelle(retenue), possible)
    return tuple(nombres.centiemes(h) for h in contees)  # type: ignore[return-value]  # quatre, comme ci-dessus


@dataclass(frozen=True, slots=True)
class Loi:
    """Ce que la loi d'une situation, pendant une période où elle ne change pas, demande à une ligne."""

    situation: Situation
    jour: date  # le premier où cette loi s'applique
    seuil: int  # centimes : le SMIC sous lequel le calcul, donc ses réserves, diffèrent ; 0 si aucun
    demande_le_net: bool

    def reserves(self, *, sous_seuil: bool) -> tuple[str, ...]:
        return _reserves(self.situation, self.jour, self.seuil - 1 if sous_seuil else max(self.seuil, 100_00))


@dataclass(frozen=True, eq=False)
class Partage:
    """La loi d'une période, ou ses lois successives et la part des heures de chacune (mois.repartir)."""

    lois: tuple[Loi, ...]
    poids: tuple[int, ...]
    taux_minimal: int  # centimes : le SMIC, moins le centime que saisie.py tolère ; 0 si aucun n'est exigé
    minimum_mensuel: bool  # simulation.MINIMUM_MENSUEL

    @cached_property
    def nombres(self) -> tuple[int, ...]:
        """Taux minimal, net exigé, nombre de lois ; puis le seuil de chaque loi, leurs poids, leurs premiers jours."""
        manquantes = LOIS_AU_PLUS - len(self.lois)
        lois, poids = (*self.lois, *(SANS_LOI,) * manquantes), (*self.poids, *(0,) * manquantes)
        return (
            self.taux_minimal,
            any(loi.demande_le_net for loi in lois),
            len(self.lois),
            *(loi.seuil for loi in lois),
            *poids,
            *(loi.jour.toordinal() - EPOQUE for loi in lois),
        )


LOIS_AU_PLUS = 3  # en un mois : mars 2020
SANS_LOI = Loi(Situation(), PREMIER_JOUR, seuil=0, demande_le_net=False)
SANS_PARTAGE = Partage((SANS_LOI,), poids=(1,), taux_minimal=0, minimum_mensuel=False)


@lru_cache(maxsize=50_000)
def a_confirmer(p: Partage, sous_le_seuil: tuple[bool, ...]) -> tuple[str, ...]:
    """Les réserves d'une ligne dont le taux est, ou non, sous le seuil de chacune des lois."""
    lois = zip(p.lois, sous_le_seuil, strict=False)
    dites = [phrase for loi, sous in lois for phrase in loi.reserves(sous_seuil=sous)]
    return en_bref([*dites, *([MINIMUM_MENSUEL] if p.minimum_mensuel else [])])


@lru_cache(maxsize=250)
def partages(situation: Situation) -> Callable[[Periode], Partage | None]:
    """Le partage de chaque période. Une situation coûte à comparer : elle l'est une fois, et non à chaque période."""
    return lru_cache(maxsize=200)(partial(_partage, situation))


def _partage(situation: Situation, p: Periode) -> Partage | None:
    """None si la loi de ces jours manque, change trop souvent, ou si l'heure est une formation à part."""
    lois: list[conditions.Conditions] = []
    while not lois or lois[-1].au < p.au:
        suivante = _conditions(situation, lois[-1].au + timedelta(days=1) if lois else p.du)
        if suivante is None or len(lois) == LOIS_AU_PLUS:
            return None
        lois.append(suivante)
    bornes = [(max(loi.du, p.du), min(loi.au, p.au)) for loi in lois]
    poids = [jours_ouvres(du, au) for du, au in bornes]
    if not any(poids):
        poids = [(au - du).days + 1 for du, au in bornes]
    minimum = p.du.year < ANNEE_DU_MINIMUM and situation.statut is Statut.ORDINAIRE
    return Partage(tuple(map(_loi, lois)), tuple(poids), _taux_minimal(situation, p.du), minimum)


def _conditions(situation: Situation, jour: date) -> conditions.Conditions | None:
    """Les conditions d'un jour ; None si elles manquent, ou si leur calcul demande la lecture ligne à ligne."""
    try:
        trouvees = conditions.conditions(situation, jour)
    except HorsBareme:
        return None
    return None if trouvees.exceptions.formation else trouvees


def _loi(c: conditions.Conditions) -> Loi:
    e = c.exceptions
    return Loi(
        c.situation,
        c.du,
        seuil=max(e.alternant, e.sans_plancher),
        demande_le_net=bool(e.plafond_net) and c.net_estime is None,
    )


def _taux_minimal(situation: Situation, jour: date) -> int:
    cle = "smic.horaire_brut_mayotte" if situation.mayotte else "smic.horaire_brut"
    if situation.statut in saisie.SANS_SMIC or not bareme().connait(cle, jour):
        return 0
    return nombres.centiemes(bareme().valeur(cle, jour).nombre) - 1


@lru_cache(maxsize=20_000)
def _reserves(situation: Situation, jour: date, taux: int) -> tuple[str, ...]:
    return montant_horaire(nombres.depuis_centiemes(taux), jour, situation, net_horaire=Decimal(1)).reserves


def en_bref(reserves: Iterable[str]) -> tuple[str, ...]:
    """Ce que les montants d'une ligne ont d'incertain, sans le pourquoi ni la source ; rien le plus souvent."""
    breves = (POURQUOI.sub(r"\1", dite).rstrip(".") for dite in reserves)
    return tuple(dict.fromkeys(f"{breve}." for breve in breves))


@lru_cache(maxsize=20_000)
def prelevements_connus(jour: date, residence: Residence) -> bool:
    try:
        prelevements(ZERO, jour, residence=residence)
    except HorsBareme:
        return False
    return True


@lru_cache(maxsize=5_000)
def seuil_du_complement(jour: date) -> int:
    """Centimes de l'heure jusqu'où le complément suit le régime de l'indemnité ; partout si le partage est inconnu."""
    if not bareme().connait("prelevements.complement_seuil_smic", jour):
        return formules.SANS_PLAFOND
    return nombres.centiemes(complements.complement(ZERO, ZERO, ZERO, jour).seuil or ZERO)


def dix_milliemes(part: Decimal | None) -> int:
    """Une part en dix-millièmes ; -1 sans maintien, TROP_PRECIS si elle ne tombe pas juste."""
    if part is None or part == SANS_MAINTIEN:
        return -1
    try:
        return nombres.entier(part, 4)
    except ValueError:
        return TROP_PRECIS
