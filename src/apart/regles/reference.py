"""Le taux horaire de référence : ce qu'une heure aurait rapporté (docs/regles/taux-horaire-de-reference.md)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from apart.regles import nombres
from apart.regles.bareme import bareme
from apart.regles.traces import Etape, etape

PAGE = "taux-horaire-de-reference"


@dataclass(frozen=True, slots=True)
class TauxReference:
    """Le taux horaire brut de référence, en euros, et d'où il vient."""

    taux_horaire: Decimal
    remuneration: Decimal  # mensuelle brute retenue, euros
    diviseur: Decimal  # heures par mois
    trace: tuple[Etape, ...]


def duree_mensuelle(duree_hebdomadaire: Decimal) -> Decimal:
    """Heures par mois pour une durée hebdomadaire : 35 → 151,67 ; 39 → 169 (heures × 52 / 12)."""
    return nombres.arrondir(duree_hebdomadaire * 52 / 12)


def taux_horaire(remuneration: Decimal, diviseur: Decimal, variables: Sequence[Decimal] = ()) -> TauxReference:
    """Taux horaire de référence, en euros (R5122-18, L3141-24 II).

    remuneration : part mensuelle fixe brute, euros, sans les frais ni les primes annuelles que l'absence ne réduit
    pas.
    diviseur : heures mensuelles que cette rémunération paie (151,67 pour 35 h ; la durée du contrat si elle est
    inférieure ; la durée réelle si les heures structurelles sont indemnisées).
    variables : éléments variables bruts de chacun des 12 mois civils précédant le placement, ou des seuls mois
    travaillés, euros ; leur moyenne s'ajoute.
    Lève ValueError si le diviseur n'est pas positif, un montant négatif, ou s'il y a plus de 12 mois.
    """
    if diviseur <= 0:
        raise ValueError("Le nombre d'heures par mois doit être positif.")
    if remuneration < 0:
        raise ValueError("Une rémunération ne peut pas être négative.")
    moyenne = _moyenne(variables, Decimal(12)) if variables else Decimal()
    retenue = remuneration + moyenne
    taux = nombres.arrondir(retenue / diviseur)
    article, trace = "R5122-18", []
    if variables:
        modele = "Moyenne des éléments variables sur {mois} mois : {moyenne:euros}, ajoutée à {fixe:euros}."
        lus = {"mois": len(variables), "moyenne": moyenne, "fixe": remuneration}
        trace.append(etape(PAGE, article, modele, retenue, "euros", **lus))
    modele = "Taux horaire : {retenue:euros} ÷ {diviseur:nombre} heures = {resultat:euros}."
    trace.append(etape(PAGE, article, modele, taux, "euros_par_heure", retenue=retenue, diviseur=diviseur))
    return TauxReference(taux, retenue, diviseur, tuple(trace))


def taux_moyen(remunerations: Sequence[Decimal], jour: date) -> TauxReference:
    """Taux de qui n'a pas de durée fixe, VRP ou travailleur à domicile : moyenne des 12 derniers mois ÷ durée légale
    (D5122-15, II, 1°).

    remunerations : brutes de chaque mois, euros. Lève HorsBareme si la règle du jour n'est pas connue ; ValueError
    s'il n'y a aucun mois, plus de mois que la règle n'en prend, ou un montant négatif.
    """
    mois = bareme().valeur("heures.vrp_moyenne", jour)
    moyenne = _moyenne(remunerations, mois.nombre)
    duree = bareme().valeur("heures.duree_legale_mensuelle", jour)
    taux = nombres.arrondir(moyenne / duree.nombre)
    modele = "Moyenne de {mois} mois, {moyenne:euros} ÷ {duree:nombre} heures = {resultat:euros}."
    lus = {"mois": len(remunerations), "moyenne": moyenne, "duree": duree.nombre}
    trace = etape(PAGE, "D5122-15", modele, taux, "euros_par_heure", (mois, duree), **lus)
    return TauxReference(taux, moyenne, duree.nombre, (trace,))


def taux_d_un_cadre_dirigeant(remunerations: Sequence[Decimal], jour: date) -> TauxReference:
    """Taux d'un cadre dirigeant : un trentième de la rémunération mensuelle moyenne, sur 7 h (D5122-15, II, 5°).

    Mêmes entrées et mêmes refus que taux_moyen.
    """
    mois = bareme().valeur("heures.cadres_dirigeants_moyenne", jour)
    moyenne = _moyenne(remunerations, mois.nombre)
    jours = bareme().valeur("heures.cadres_dirigeants_jours_par_mois", jour)
    par_jour = bareme().valeur("heures.cadres_dirigeants_jour", jour)
    taux = nombres.arrondir(moyenne / jours.nombre / par_jour.nombre)
    modele = "Moyenne mensuelle {moyenne:euros} ÷ {jours:nombre} jours ÷ {heures:nombre} heures = {resultat:euros}."
    lus = {"moyenne": moyenne, "jours": jours.nombre, "heures": par_jour.nombre}
    trace = etape(PAGE, "D5122-15", modele, taux, "euros_par_heure", (mois, jours, par_jour), **lus)
    return TauxReference(taux, moyenne, jours.nombre * par_jour.nombre, (trace,))


def _moyenne(remunerations: Sequence[Decimal], permis: Decimal) -> Decimal:
    if not remunerations:
        raise ValueError("La moyenne demande la rémunération d'un mois au moins.")
    if len(remunerations) > permis:
        raise ValueError(f"La moyenne porte sur {permis} mois au plus ; il y en a {len(remunerations)}.")
    if any(r < 0 for r in remunerations):
        raise ValueError("Une rémunération ne peut pas être négative.")
    return nombres.arrondir(sum(remunerations, Decimal()) / len(remunerations))
