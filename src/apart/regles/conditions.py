"""Les nombres qui s'appliquent à une heure chômée : choisis par la situation et la date, lus dans le barème.

Les taux de chaque dispositif sont choisis dans dispositifs.py ; ici, les planchers et les exceptions s'y ajoutent.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import cache

from apart.regles import nombres
from apart.regles.bareme import HorsBareme, Valeur, bareme
from apart.regles.dispositifs import Lecture, Taux, lire_les_taux
from apart.regles.formules import SANS_PLAFOND, Exceptions, Nombres
from apart.regles.francais import jour_en_lettres
from apart.regles.situations import Dispositif, Situation, Statut

DEBUT = date(2013, 7, 1)  # décret 2013-551 : le régime unique d'activité partielle
FIN = date(2040, 12, 31)  # au-delà, une année mal tapée, et des siècles de mois à calculer


@dataclass(frozen=True, slots=True, eq=False)
class Conditions:
    """Les nombres d'une situation tant qu'aucun ne change, et les valeurs du barème dont ils viennent.

    Une période n'a qu'un objet : ils se comparent par leur identité, sans tout relire.
    """

    situation: Situation
    du: date
    au: date
    nombres: Nombres[int]
    exceptions: Exceptions[int]
    net_estime: int | None  # dix-millionièmes du brut, pour estimer le net quand on ne le donne pas
    indemnite: tuple[Valeur, ...] = ()
    plancher: tuple[Valeur, ...] = ()
    allocation: tuple[Valeur, ...] = ()
    plancher_allocation: tuple[Valeur, ...] = ()
    regles: tuple[Valeur, ...] = ()  # celles des exceptions : alternants, formation, Mayotte
    remarques: tuple[str, ...] = ()

    @property
    def lit_le_net(self) -> bool:
        """Vrai si le calcul peut demander la rémunération nette habituelle."""
        return bool(self.exceptions.formation or self.exceptions.plafond_net)

    def lues(self, *cles: str) -> tuple[Valeur, ...]:
        """Les règles d'exception de ces clés, si elles ont été lues."""
        return tuple(valeur for valeur in self.regles if valeur.cle in cles)


def conditions(situation: Situation, jour: date) -> Conditions:
    """Les conditions de cette situation ce jour-là. Lève HorsBareme, qui dit ce qui manque."""
    debuts, periodes = _periodes(situation)
    if DEBUT <= jour <= FIN and (trouvee := periodes[bisect_right(debuts, jour) - 1]):
        return trouvee
    return _lire(situation, jour)  # refait la lecture pour dire, à cette date, ce qui manque


@cache
def changements() -> tuple[date, ...]:
    """Les dates où une valeur du barème change, ou cesse d'être connue ; la première : le décret de 2013."""
    inconnu = bareme().connu_jusqu_au + timedelta(days=1)
    return (DEBUT, *sorted(jour for jour in bareme().changements() | {inconnu} if jour > DEBUT))


@cache
def _periodes(situation: Situation) -> tuple[tuple[date, ...], tuple[Conditions | None, ...]]:
    """Les périodes homogènes d'une situation, dans l'ordre ; None là où le barème se tait."""
    groupes: list[tuple[date, Conditions | None]] = []
    for jour in changements():
        try:
            trouvees: Conditions | None = _lire(situation, jour)
        except HorsBareme:
            trouvees = None
        if not groupes or not _semblables(groupes[-1][1], trouvees):
            groupes.append((jour, trouvees))
    bornes = [*(jour - timedelta(days=1) for jour, _ in groupes[1:]), FIN]
    periodes = (c and replace(c, du=du, au=au) for (du, c), au in zip(groupes, bornes, strict=True))
    return tuple(jour for jour, _ in groupes), tuple(periodes)


def _semblables(a: Conditions | None, b: Conditions | None) -> bool:
    """Les mêmes nombres, des mêmes sources : ce que les traces d'une période citent ne s'y mêle pas."""
    if a is None or b is None:
        return a is b
    return all(getattr(a, nom) == getattr(b, nom) for nom in Conditions.__slots__ if nom not in {"du", "au"})


# --- La lecture d'une situation un jour donné ---


def _lire(situation: Situation, jour: date) -> Conditions:
    lecture = Lecture(situation, jour)
    _exiger_une_date_connue(jour)
    indemnite, allocation = lire_les_taux(lecture)
    plancher = _plancher_indemnite(lecture)
    exceptions, regles = _exceptions(lecture)
    net = _net_estime(lecture, exceptions)
    selon_indemnite, lues_indemnite = _taux_et_plafond(indemnite, lecture.smic)
    selon_allocation, lues_allocation = _taux_et_plafond(allocation, lecture.smic)
    planchers = _centimes(plancher[0] if plancher else None), _centimes(allocation.plancher)
    return Conditions(
        situation=situation,
        du=jour,
        au=jour,
        nombres=Nombres(*selon_indemnite, planchers[0], *selon_allocation, planchers[1]),
        exceptions=exceptions,
        net_estime=nombres.entier(1 - net.nombre, 7) if net else None,
        indemnite=lues_indemnite,
        plancher=_sources(*plancher, net),
        allocation=lues_allocation,
        plancher_allocation=_sources(allocation.plancher),
        regles=regles,
        remarques=tuple(lecture.remarques),
    )


def _exiger_une_date_connue(jour: date) -> None:
    if jour < DEBUT:
        phrase = f"Le barème commence au {jour_en_lettres(DEBUT)}, date du régime actuel de l'activité partielle : "
        raise HorsBareme(f"{phrase}les règles du {jour_en_lettres(jour)} n'y sont pas.")
    if jour > FIN:
        phrase = f"Le calcul va jusqu'au {jour_en_lettres(FIN)} : vérifiez l'année du {jour_en_lettres(jour)}."
        raise HorsBareme(phrase)


# --- Plancher de l'indemnité et exceptions ---

PLANCHER_PROPRE = {
    Statut.TEMPS_PARTIEL: "droit_commun.plancher_smic_temps_partiel",
    Statut.INTERIMAIRE: "droit_commun.plancher_smic_temps_partiel",
    Statut.ALTERNANT: "alternants.plancher_smic",
}


def _plancher_indemnite(lecture: Lecture) -> tuple[Valeur, ...]:
    """Le plancher horaire et ce qui l'a fait choisir ; rien s'il n'y en a pas (plancher-de-l-indemnite.md).

    Temps partiel, intérim, alternance : rien avant 2020 (L3232-1), puis le SMIC horaire, brut ou net selon la lecture
    retenue. Les autres : le SMIC net, rémunération mensuelle minimale ramenée à l'heure.
    """
    statut = lecture.situation.statut
    if statut in PLANCHER_PROPRE:
        regle = lecture.valeur(PLANCHER_PROPRE[statut])
        if regle.valeur is not True:
            return ()
        retenu = lecture.valeur("droit_commun.plancher_smic_retenu")
        if retenu.valeur == "brut":
            return lecture.smic, retenu, regle
        net = _smic_net(lecture)
        return (*net, retenu, regle) if net else ()
    return _smic_net(lecture)


def _smic_net(lecture: Lecture) -> tuple[Valeur, ...]:
    valeur = lecture.valeur("smic.horaire_net_mayotte" if lecture.situation.mayotte else "smic.horaire_net")
    return () if valeur.valeur is None else (valeur,)


FORMATION = {
    Dispositif.DROIT_COMMUN: "droit_commun.indemnite_formation",
    Dispositif.APLD_REBOND: "apld_rebond.indemnite_formation",
}


def _exceptions(lecture: Lecture) -> tuple[Exceptions[int], tuple[Valeur, ...]]:
    """Les exceptions qui peuvent jouer, et les règles du barème qui les ouvrent."""
    statut, mayotte = lecture.situation.statut, lecture.situation.mayotte
    alternant = statut is Statut.ALTERNANT
    minimum = alternant or statut is Statut.SANS_MINIMUM
    formation = _formation(lecture)
    smic = lecture.smic if minimum else None
    lues = {
        "plafond_net": _ouverte(lecture, statut is not Statut.ORDINAIRE, "droit_commun.indemnite_plafond_net"),
        "alternant": _ouverte(lecture, alternant, "alternants.indemnite_egale_remuneration"),
        "sans_plancher": _ouverte(lecture, minimum, "droit_commun.plancher_exclut_sous_smic"),
        "bornee_par_indemnite": _ouverte(lecture, alternant, "alternants.allocation_bornee_par_indemnite"),
        "bornee_par_remuneration": _ouverte(lecture, mayotte, "mayotte.allocation_bornee_par_remuneration"),
    }
    jouent = {nom: int(valeur is not None) for nom, valeur in lues.items()}
    for nom in ("alternant", "sans_plancher"):
        jouent[nom] *= _centimes(smic)
    exceptions = Exceptions(formation=int(formation is not None), **jouent)
    return exceptions, _sources(*lues.values(), formation, smic)


def _ouverte(lecture: Lecture, concerne: bool, cle: str) -> Valeur | None:
    """La règle « oui » du barème, si elle concerne la situation et vaut ce jour-là."""
    return lecture.valeur(cle) if concerne and lecture.connait(cle) and lecture.vrai(cle) else None


def _formation(lecture: Lecture) -> Valeur | None:
    """La part de la rémunération nette garantie pendant une formation ; seuls deux dispositifs la prévoient."""
    if not lecture.situation.formation:
        return None
    cle = FORMATION.get(lecture.situation.dispositif)
    part = lecture.valeur(cle) if cle else None
    if part is None or part.valeur is None:
        quand = "À cette date" if part else "Dans ce dispositif"
        lecture.remarques.append(f"{quand}, les heures de formation sont indemnisées au taux ordinaire.")
        return None
    return part


def _net_estime(lecture: Lecture, exceptions: Exceptions[int]) -> Valeur | None:
    """De quoi estimer la rémunération nette, quand elle peut servir et qu'on la connaît."""
    cle = "prelevements.cotisations_salariales"
    if not (exceptions.formation or exceptions.plafond_net) or not lecture.connait(cle):
        return None
    return lecture.valeur(cle)


# --- De la valeur du barème à l'entier ---


def _taux_et_plafond(lu: Taux, smic: Valeur) -> tuple[tuple[int, int], tuple[Valeur, ...]]:
    """Dix-millièmes, millièmes d'euro non arrondis (4,5 × 10,15 € = 45,675 €), et ce que le calcul en lit : pas le
    SMIC si rien ne plafonne. smic : à Mayotte, celui de Mayotte (docs/regles/mayotte.md).
    """
    taux = nombres.entier(lu.taux.nombre, 4) if lu.taux else 0
    if lu.plafond is None or lu.plafond.valeur is None:
        return (taux, SANS_PLAFOND), _sources(lu.taux, lu.plafond)
    return (taux, nombres.entier(lu.plafond.nombre * smic.nombre, 3)), _sources(lu.taux, lu.plafond, smic)


def _centimes(valeur: Valeur | None) -> int:
    return nombres.entier(valeur.nombre, 2) if valeur and valeur.valeur is not None else 0


def _sources(*valeurs: Valeur | None) -> tuple[Valeur, ...]:
    return tuple(v for v in valeurs if v is not None)
