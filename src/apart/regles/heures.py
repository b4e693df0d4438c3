"""Combien d'heures sont indemnisables (R5122-19, R5122-11 ; docs/regles/heures-indemnisables.md)."""

from __future__ import annotations

from calendar import monthrange
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from apart.regles import nombres
from apart.regles.bareme import Valeur, bareme
from apart.regles.formules import Euros, perdues
from apart.regles.reference import duree_mensuelle
from apart.regles.traces import Etape, Explique, etape

PAGE = "heures-indemnisables"
ZERO = Decimal()
CONCLUES_AVANT = date(2020, 4, 23)  # ord. 2020-460


@dataclass(frozen=True, slots=True)
class Heures(Explique):
    """Des heures indemnisables, et pourquoi ce nombre."""

    indemnisables: Decimal
    retenue: Decimal  # durée à laquelle on compare les heures travaillées
    trace: tuple[Etape, ...]


@dataclass(frozen=True, slots=True)
class Structurelles:
    """Les heures prévues au-delà de la durée légale, par convention de forfait ou accord collectif."""

    conclues_le: date | None = None  # de la convention ou de l'accord ; compte en 2020 et 2021


def duree_retenue(
    jour: date,
    contractuelle: Decimal,
    *,
    collective: Decimal | None = None,
    structurelles: Structurelles | None = None,
    equivalence: Decimal | None = None,
) -> tuple[Decimal, tuple[Valeur, ...]]:
    """La durée hebdomadaire retenue, en heures, et les paramètres lus (R5122-19, L5122-3).

    La plus petite de la durée légale, de la durée collective et de la durée du contrat ; au-delà de la durée légale
    quand la loi du jour indemnise les heures structurelles, ou quand une durée équivalente s'applique.
    """
    legale = bareme().valeur("heures.duree_legale_hebdomadaire", jour)
    plafond, lus = legale.nombre, [legale]
    if structurelles is not None:
        regle = bareme().valeur("heures.structurelles", jour)
        lus.append(regle)
        if _structurelles_indemnisees(str(regle.valeur), structurelles):
            plafond = max(plafond, contractuelle, collective or ZERO)
    if equivalence is not None:
        admise = bareme().valeur("heures.equivalences", jour)
        lus.append(admise)
        plafond = max(plafond, equivalence) if admise.valeur is True else plafond
    durees = [plafond, contractuelle, *([collective] if collective is not None else [])]
    return min(durees), tuple(lus)


def _structurelles_indemnisees(regle: str, heures: Structurelles) -> bool:
    if regle == "toutes":
        return True
    conclues_a_temps = heures.conclues_le is not None and heures.conclues_le < CONCLUES_AVANT
    return regle != "non_indemnisees" and conclues_a_temps


def indemnisables(
    jour: date,
    travaillees: Decimal,
    contractuelle: Decimal,
    *,
    assimilees: Decimal = ZERO,
    collective: Decimal | None = None,
    structurelles: Structurelles | None = None,
    equivalence: Decimal | None = None,
) -> Heures:
    """Heures indemnisables d'une semaine (R5122-19) : la durée retenue moins les heures travaillées ou assimilées.

    Toutes les durées sont en heures par semaine. assimilees : congés, arrêts, jours fériés habituellement chômés.
    Lève ValueError si une durée est négative ; HorsBareme si la loi du jour n'est pas connue.
    """
    _exiger_positives(travaillees, assimilees, contractuelle, collective or ZERO)
    retenue, lus = duree_retenue(
        jour, contractuelle, collective=collective, structurelles=structurelles, equivalence=equivalence
    )
    return _difference(retenue, travaillees + assimilees, lus)


def indemnisables_du_mois(travaillees: Decimal, diviseur: Decimal, assimilees: Decimal = ZERO) -> Heures:
    """Heures indemnisables d'un mois complet : celles qu'il paie (diviseur), moins celles faites ou assimilées."""
    _exiger_positives(travaillees, assimilees, diviseur)
    return _difference(diviseur, travaillees + assimilees, ())


def _difference(retenue: Decimal, faites: Decimal, lus: tuple[Valeur, ...]) -> Heures:
    reste = max(ZERO, retenue - faites)
    modele = (
        "Durée retenue {retenue:nombre} h, moins {faites:nombre} h travaillées ou assimilées : {resultat:nombre} h."
    )
    return Heures(
        reste, retenue, (etape(PAGE, "R5122-19", modele, reste, "heures", lus, retenue=retenue, faites=faites),)
    )


def forfait_jours(
    jour: date,
    journees: Decimal,
    demi_journees: Decimal = ZERO,
    *,
    semaines: Decimal = ZERO,
    deduites: Decimal = ZERO,
    semaines_touchees: Decimal | None = None,
) -> Heures:
    """Heures indemnisables d'un salarié au forfait en jours (D5122-15) : 7 h la journée, 3,5 h la demi-journée, 35 h
    la semaine.

    journees, demi_journees, semaines : non travaillées. deduites : journées de congé, de repos et fériées comprises
    dedans. semaines_touchees : semaines sur lesquelles elles tombent ; le total ne dépasse pas leur durée légale
    (D5122-15, III). Sans elle, ce plafond n'est pas appliqué.
    Avant le 26 mars 2020, seule la fermeture de l'établissement ouvrait ce droit : la trace le rappelle.
    """
    _exiger_positives(journees, demi_journees, semaines, deduites, semaines_touchees or ZERO)
    b = bareme()
    par_jour, par_demie, par_semaine, reduction = lus = tuple(
        b.valeur(f"heures.forfait_jours_{nom}", jour) for nom in ("journee", "demi_journee", "semaine", "reduction")
    )
    brut = journees * par_jour.nombre + demi_journees * par_demie.nombre + semaines * par_semaine.nombre
    total = max(ZERO, brut - deduites * par_jour.nombre)
    if semaines_touchees is not None:
        total = min(total, semaines_touchees * par_semaine.nombre)
    modele = (
        "Forfait en jours : {brut:nombre} h converties, moins {deduites:nombre} jours de congé, repos ou férié : "
        "{resultat:nombre} h."
    )
    if reduction.valeur is not True:
        modele += " À cette date, seulement si l'établissement est fermé."
    trace = etape("forfait-jours", "D5122-15", modele, total, "heures", lus, brut=brut, deduites=deduites)
    return Heures(total, brut, (trace,))


def par_perte_de_remuneration(perte: Decimal, taux_horaire: Decimal, plafond: Decimal) -> Heures:
    """Heures d'un salarié qui ne compte pas son temps : VRP, travailleur à domicile, pigiste (D5122-15, II).

    perte : rémunération brute perdue, euros. taux_horaire : taux de référence, euros. plafond : durée légale de la
    période, heures. Lève ValueError si le taux n'est pas positif ou un autre nombre négatif.
    """
    if taux_horaire <= 0:
        raise ValueError("Le taux horaire doit être positif.")
    _exiger_positives(perte, plafond)
    converties = nombres.arrondir(perte / taux_horaire)
    total = min(converties, plafond)
    modele = (
        "Perte de {perte:euros} ÷ {taux:euros} = {converties:nombre} h, dans la limite de {plafond:nombre} h : "
        "{resultat:nombre} h."
    )
    lus = {"perte": perte, "taux": taux_horaire, "converties": converties, "plafond": plafond}
    return Heures(total, converties, (etape(PAGE, "D5122-15", modele, total, "heures", **lus),))


def cachets(jour: date, annules: Decimal) -> Heures:
    """Heures d'un artiste payé au cachet : 7 h par cachet annulé (D5122-15, II, 4°). HorsBareme avant 2022."""
    return _par_unite(jour, annules, "heures.cachet", "{nombre:nombre} cachets annulés × {heures:nombre} h")


def navigants(jour: date, jours_d_inactivite: Decimal) -> Heures:
    """Heures du personnel navigant : 8,75 h par jour d'inactivité au-delà des jours garantis (D5122-15, I, 2°).

    Lève HorsBareme avant 2022.
    """
    modele = "{nombre:nombre} jours au-delà des jours garantis × {heures:nombre} h"
    return _par_unite(jour, jours_d_inactivite, "heures.navigant_jour", modele)


def cadre_dirigeant(jour: date, jours_de_fermeture: Decimal) -> Heures:
    """Heures d'un cadre dirigeant : 7 h par jour où l'établissement est fermé (L5122-3, III ; D5122-15, II, 5°)."""
    modele = "{nombre:nombre} jours de fermeture × {heures:nombre} h"
    return _par_unite(jour, jours_de_fermeture, "heures.cadres_dirigeants_jour", modele)


def _par_unite(jour: date, nombre: Decimal, cle: str, modele: str) -> Heures:
    _exiger_positives(nombre)
    valeur = bareme().valeur(cle, jour)
    total = nombre * valeur.nombre
    lus = {"nombre": nombre, "heures": valeur.nombre}
    trace = etape(PAGE, "D5122-15", modele + " = {resultat:nombre} h.", total, "heures", (valeur,), **lus)
    return Heures(total, total, (trace,))


def dernier_du_mois(jour: date) -> date:
    """Le dernier jour du mois civil de ce jour."""
    return jour.replace(day=monthrange(jour.year, jour.month)[1])


def jours_ouvres(du: date, au: date) -> int:
    """Jours du lundi au vendredi, du premier au dernier compris."""
    semaines, reste = divmod((au - du).days + 1, 7)
    return semaines * 5 + sum((du.weekday() + n) % 7 < 5 for n in range(reste))


def plafond_de_la_periode(du: date, au: date, duree_hebdomadaire: Decimal) -> Decimal:
    """Heures que la durée hebdomadaire représente entre deux dates comprises.

    Un mois civil complet compte 52/12 de semaine (35 h → 151,67 h) ; sinon, un cinquième de semaine par jour ouvré.
    """
    if du.day == 1 and au == dernier_du_mois(du):
        return duree_mensuelle(duree_hebdomadaire)
    return nombres.arrondir(duree_hebdomadaire * jours_ouvres(du, au) / 5)


def possibles(du: date, au: date, duree_hebdomadaire: Decimal) -> Decimal:
    """Heures que le contrat prévoit au plus entre deux dates d'un même mois : les jours d'une semaine entamée ont pu
    en porter toutes les heures.
    """
    semaines = (au - du + timedelta(days=du.weekday() - au.weekday())).days // 7 + 1  # de lundi à lundi
    # Un mois complet vaut toujours 52/12 de semaine, même février quand il n'en touche que quatre.
    return max(
        plafond_de_la_periode(du, au, duree_hebdomadaire),
        min(duree_mensuelle(duree_hebdomadaire), duree_hebdomadaire * semaines),
    )


def chomees_indemnisables(chomees: Decimal, contrat: Decimal, retenue: Decimal, article: str = "R5122-11") -> Heures:
    """Parmi les heures chômées d'une période, celles que la loi indemnise.

    contrat, retenue : heures de la période selon le contrat, et selon la durée retenue (inférieure ou égale). Les
    heures au-delà de la durée retenue sont chômées sans être indemnisées, en premier.
    """
    _exiger_positives(chomees, contrat, retenue)
    reste = min(perdues(chomees, contrat, retenue, Euros), retenue)
    modele = "{chomees:nombre} h chômées, dont {resultat:nombre} h indemnisables dans la limite de {retenue:nombre} h."
    return Heures(reste, retenue, (etape(PAGE, article, modele, reste, "heures", chomees=chomees, retenue=retenue),))


def _exiger_positives(*durees: Decimal) -> None:
    if any(duree < 0 for duree in durees):
        raise ValueError("Une durée ne peut pas être négative.")
