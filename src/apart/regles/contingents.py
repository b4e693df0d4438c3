"""Combien d'heures par salarié : contingent annuel, et réduction d'activité de l'APLD (docs/regles/contingent.md)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from apart.regles import nombres
from apart.regles.bareme import bareme
from apart.regles.situations import Dispositif
from apart.regles.traces import Etape, reserves

PAGE = "contingent"
ZERO = Decimal()
HORS_CONTINGENT = frozenset({Dispositif.APLD, Dispositif.APLD_REBOND})


@dataclass(frozen=True, slots=True)
class Contingent:
    """Heures indemnisables d'un salarié pour une année civile."""

    annuel: Decimal | None  # None : pas de contingent (APLD)
    restantes: Decimal | None
    depassement: Decimal
    trace: tuple[Etape, ...]

    @property
    def reserves(self) -> tuple[str, ...]:
        """Ce que les valeurs employées ont d'incertain."""
        return reserves(self.trace)


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
    jour : pour une année en cours, le jour où l'on se place ; sinon le 31 décembre, ou le dernier jour connu.
    """
    if consommees < 0:
        raise ValueError("Un nombre d'heures ne peut pas être négatif.")
    if dispositif in HORS_CONTINGENT:
        etape = Etape(PAGE, "D. 2020-926", "L'APLD n'a pas de contingent d'heures.", {}, None, "heures")
        return Contingent(None, None, ZERO, (etape,))
    b = bareme()
    moment = jour or min(date(annee, 12, 31), b.connu_jusqu_au)
    valeur = b.valeur("contingent.transformation" if transformation else "contingent.annuel", moment)
    limite = valeur.nombre
    reste = max(ZERO, limite - consommees)
    modele = (
        "Contingent {annee} : {limite:nombre} h par salarié, moins {consommees:nombre} h : reste {reste:nombre} h."
    )
    lus = {"annee": annee, "limite": limite, "consommees": consommees, "reste": reste}
    etape = Etape(PAGE, "R5122-6", modele, lus, reste, "heures", (valeur,))
    return Contingent(limite, reste, max(ZERO, consommees - limite), (etape,))


@dataclass(frozen=True, slots=True)
class Reduction:
    """Réduction d'activité permise en APLD, en heures par semaine, et si le taux demandé est admis."""

    heures: Decimal
    taux_maximal: Decimal
    taux_exceptionnel: Decimal
    est_admise: bool  # sans circonstance exceptionnelle
    trace: tuple[Etape, ...]

    @property
    def reserves(self) -> tuple[str, ...]:
        """Ce que les valeurs employées ont d'incertain."""
        return reserves(self.trace)


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
    heures = nombres.arrondir(min(legale.nombre, duree_hebdomadaire) * taux)
    modele = "{taux:pourcent} de {duree:nombre} h : {heures:nombre} h par semaine en moyenne"
    modele += "." if taux <= maximum.nombre else " ; au-delà de {maximum:pourcent}, il faut une décision particulière."
    lus = {
        "taux": taux,
        "duree": min(legale.nombre, duree_hebdomadaire),
        "heures": heures,
        "maximum": maximum.nombre,
    }
    article = "D. 2020-926, art. 4" if dispositif is Dispositif.APLD else "D. 2025-338, art. 4"
    etape = Etape("apld", article, modele, lus, heures, "heures_par_semaine", (legale, maximum, exception))
    return Reduction(heures, maximum.nombre, exception.nombre, taux <= maximum.nombre, (etape,))
