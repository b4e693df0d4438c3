"""Combien d'heures par salarié : contingent annuel, et réduction d'activité de l'APLD (docs/regles/contingent.md)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from apart.regles import nombres
from apart.regles.bareme import HorsBareme, bareme
from apart.regles.francais import nombre, pourcentage
from apart.regles.nombres import CENTIME
from apart.regles.situations import Dispositif
from apart.regles.traces import Etape, Explique, etape

PAGE = "contingent"
ZERO = Decimal()
HORS_CONTINGENT = frozenset({Dispositif.APLD, Dispositif.APLD_REBOND})


@dataclass(frozen=True, slots=True)
class Contingent(Explique):
    """Heures indemnisables d'un salarié pour une année civile."""

    annuel: Decimal | None  # None : pas de contingent (APLD)
    restantes: Decimal | None
    depassement: Decimal
    trace: tuple[Etape, ...]


def contingent(
    annee: int,
    consommees: Decimal,
    *,
    dispositif: Dispositif = Dispositif.DROIT_COMMUN,
    transformation: bool = False,
    jour: date | None = None,
) -> Contingent:
    """Heures restantes d'un salarié pour l'année (R5122-6, R5122-7), en heures.

    consommees : heures déjà indemnisées dans l'année. transformation : heures de modernisation des installations.
    jour : pour une année en cours, le jour où l'on se place ; sinon le 31 décembre.
    """
    if consommees < 0:
        raise ValueError("Un nombre d'heures ne peut pas être négatif.")
    if dispositif in HORS_CONTINGENT:
        sans = etape(PAGE, "D. 2020-926", "L'APLD n'a pas de contingent d'heures.", None, "heures")
        return Contingent(None, None, ZERO, (sans,))
    cle = "contingent.transformation" if transformation else "contingent.annuel"
    valeur = bareme().valeur(cle, jour or date(annee, 12, 31))
    limite = valeur.nombre
    reste = max(ZERO, limite - consommees)
    modele = (
        "Contingent {annee} : {limite:nombre} h par salarié, moins {consommees:nombre} h : reste {resultat:nombre} h."
    )
    lus = {"annee": annee, "limite": limite, "consommees": consommees}
    trace = etape(PAGE, "R5122-6", modele, reste, "heures", (valeur,), **lus)
    return Contingent(limite, reste, max(ZERO, consommees - limite), (trace,))


@dataclass(frozen=True, slots=True)
class Reduction(Explique):
    """Réduction d'activité permise en APLD, en heures par semaine, et si le taux demandé est admis."""

    heures: Decimal
    taux_maximal: Decimal
    taux_exceptionnel: Decimal
    est_admise: bool  # sans circonstance exceptionnelle
    trace: tuple[Etape, ...]


def reduction_apld(
    duree_hebdomadaire: Decimal, taux: Decimal, jour: date, dispositif: Dispositif = Dispositif.APLD
) -> Reduction:
    """Heures chômées que permet un taux de réduction, en moyenne sur la durée de recours (D. 2020-926, art. 4).

    duree_hebdomadaire : heures du contrat ou de l'accord ; la durée légale la borne. taux : fraction, 0,40 pour 40 %.
    Lève ValueError si le taux sort de 0 à 1.
    """
    if not 0 <= taux <= 1:
        raise ValueError("Le taux de réduction va de 0 à 100 %.")
    b = bareme()
    legale = b.valeur("heures.duree_legale_hebdomadaire", jour)
    maximum = b.valeur(f"{dispositif}.reduction_maximale", jour)
    exception = b.valeur(f"{dispositif}.reduction_maximale_exception", jour)
    duree = min(legale.nombre, duree_hebdomadaire)
    heures = nombres.arrondir(duree * taux)
    modele = "{taux:pourcent} de {duree:nombre} h : {resultat:nombre} h par semaine en moyenne"
    modele += "." if taux <= maximum.nombre else " ; au-delà de {maximum:pourcent}, il faut une décision particulière."
    article = "D. 2020-926, art. 4" if dispositif is Dispositif.APLD else "D. 2025-338, art. 4"
    lus = {"taux": taux, "duree": duree, "maximum": maximum.nombre}
    trace = etape("apld", article, modele, heures, "heures_par_semaine", (legale, maximum, exception), **lus)
    return Reduction(heures, maximum.nombre, exception.nombre, taux <= maximum.nombre, (trace,))


@dataclass(frozen=True, slots=True)
class Duree(Explique):
    """Mois d'APLD encore indemnisables, et la période où ils se comptent, en mois."""

    restants: int
    maximum: int
    sur: int
    trace: tuple[Etape, ...]


def duree_de_longue_duree(consommes: int, jour: date, dispositif: Dispositif = Dispositif.APLD) -> Duree:
    """Mois que l'APLD peut encore indemniser (D. 2020-926, art. 3 : 24 sur 36, puis 36 sur 48 ; rebond : 18 sur 24).

    consommes : mois déjà indemnisés, consécutifs ou non, dans la période. Lève ValueError s'ils sont négatifs.
    """
    if consommes < 0:
        raise ValueError("Un nombre de mois ne peut pas être négatif.")
    b = bareme()
    maximum = b.valeur(f"{dispositif}.duree_mois", jour)
    periode = b.valeur(f"{dispositif}.duree_sur_mois", jour)
    restants = max(0, int(maximum.nombre) - consommes)
    modele = "{maximum:nombre} mois indemnisés au plus sur {sur:nombre}, moins {consommes} : reste {resultat} mois."
    lus = {"maximum": maximum.nombre, "sur": periode.nombre, "consommes": consommes}
    article = "D. 2020-926, art. 3" if dispositif is Dispositif.APLD else "D. 2025-338"
    trace = etape("apld", article, modele, Decimal(restants), "mois", (maximum, periode), **lus)
    return Duree(restants, int(maximum.nombre), int(periode.nombre), (trace,))


def contingent_depasse(annee: int, heures: Decimal) -> str:
    """La phrase à dire quand un salarié dépasse, dans l'année civile, son contingent ; vide sinon ou s'il est inconnu.

    heures : indemnisables, de l'année, par salarié.
    """
    try:
        droit = contingent(annee, heures)
    except HorsBareme:
        return ""
    if not droit.depassement or droit.annuel is None:
        return ""
    return (
        f"En {annee}, {nombre(heures)} heures par salarié dépassent le contingent de {nombre(droit.annuel)} heures : "
        f"{nombre(droit.depassement)} heures ne seraient pas indemnisées sans décision particulière."
    )


def reduction_depassee(heures: Decimal, possibles: Decimal, jour: date, dispositif: Dispositif) -> str:
    """La phrase à dire quand la réduction d'activité dépasse celle de l'APLD ; vide sinon.

    heures : indemnisables ; possibles : durée retenue des mêmes mois, par salarié. La limite se juge en moyenne sur
    toute la durée de recours, que l'on ne connaît pas ici.
    """
    maximum = bareme().valeur(f"{dispositif}.reduction_maximale", jour).nombre
    if heures <= possibles * maximum:
        return ""
    return (
        f"Sur ces mois, l'activité baisse de {pourcentage((heures / possibles).quantize(CENTIME))} : l'APLD admet "
        f"{pourcentage(maximum)} en moyenne sur toute la durée de recours, sauf décision particulière."
    )
