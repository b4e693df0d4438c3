"""Ce que l'employeur ajoute à l'indemnité : maintien de salaire, et rémunération mensuelle minimale."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from apart.regles import nombres
from apart.regles.bareme import HorsBareme, Valeur, bareme
from apart.regles.formules import Euros, part_de_remplacement
from apart.regles.francais import jour_en_lettres
from apart.regles.traces import Etape, Explique, etape

PAGE = "complement-de-l-employeur"
ZERO = Decimal()


@dataclass(frozen=True, slots=True)
class Complement(Explique):
    """Complément horaire, en euros, et la part de chaque régime de cotisations."""

    complement: Decimal
    seuil: Decimal | None  # indemnité légale et complément jusqu'où le régime de l'indemnité s'applique
    part_remplacement: Decimal  # soumise à CSG et CRDS seulement
    part_activite: Decimal  # soumise aux cotisations comme un salaire
    trace: tuple[Etape, ...]


def complement(taux_horaire: Decimal, indemnite: Decimal, maintien: Decimal, jour: date) -> Complement:
    """Complément horaire qui porte l'indemnité à une part de la rémunération brute, en euros (ord. 2020-346, art. 11).

    taux_horaire, indemnite : euros de l'heure. maintien : part de la rémunération garantie, de 0 à 1 (1 : tout).
    Lève ValueError si le maintien sort de ces bornes ; HorsBareme avant mai 2020, où le partage n'a pas été relevé.
    """
    if not 0 <= maintien <= 1:
        raise ValueError("Le maintien de salaire va de 0 à 100 %.")
    verse = max(ZERO, nombres.arrondir(taux_horaire * maintien) - indemnite)
    seuil, lues = seuil_de_remplacement(jour)
    remplacement = part_de_remplacement(verse, indemnite, seuil, Euros)
    activite = verse - remplacement
    article = "ord. 2020-346, art. 11"
    modele = "Maintien de {maintien:pourcent} du brut : {resultat:euros} de complément à {due:euros} d'indemnité."
    premiere = etape(PAGE, article, modele, verse, "euros_par_heure", maintien=maintien, due=indemnite)
    modele = (
        "Sous 3,15 SMIC ({seuil:euros}), {remplacement:euros} suivent le régime de l'indemnité ; {resultat:euros} "
        "supportent les cotisations d'un salaire."
        if seuil
        else "Le complément, {resultat:euros}, supporte les cotisations d'un salaire dès le premier euro."
    )
    lus = {"seuil": seuil, "remplacement": remplacement}
    seconde = etape(PAGE, article, modele, activite, "euros_par_heure", lues, **lus)
    return Complement(verse, seuil or None, remplacement, activite, (premiere, seconde))


def connait_le_partage(jour: date) -> bool:
    """Vrai depuis mai 2020, où le partage entre les deux régimes a été relevé."""
    return bareme().connait("prelevements.complement_seuil_smic", jour)


def seuil_de_remplacement(jour: date) -> tuple[Decimal, tuple[Valeur, Valeur]]:
    """Euros de l'heure jusqu'où indemnité et complément suivent le régime de l'indemnité, et les valeurs lues ; 0 : le
    complément suit celui du salaire dès le premier euro. Lève HorsBareme avant mai 2020.
    """
    multiple = bareme().valeur("prelevements.complement_seuil_smic", jour)
    smic = bareme().valeur("smic.horaire_brut", jour)
    return nombres.arrondir(multiple.nombre * smic.nombre), (multiple, smic)


@dataclass(frozen=True, slots=True)
class Minimum:
    """La rémunération mensuelle minimale, nette, et ce qui manque pour l'atteindre, en euros."""

    minimum: Decimal
    complement: Decimal
    trace: tuple[Etape, ...]


def minimum_mensuel(
    net_activite: Decimal, indemnite_nette: Decimal, jour: date, *, heures: Decimal | None = None
) -> Minimum:
    """Rémunération mensuelle minimale d'un salarié à temps plein, et complément dû par l'employeur (L3232-1 à
    L3232-7).

    heures : durée légale du mois si elle diffère de 151,67 h. Le SMIC net est indicatif
    (docs/regles/plancher-de-l-indemnite.md).
    Ne concerne ni les apprentis, ni les intérimaires, ni les temps partiels.
    Lève HorsBareme si le SMIC net n'est pas connu ce jour-là.
    """
    net = bareme().valeur("smic.horaire_net", jour)
    duree = bareme().valeur("heures.duree_legale_mensuelle", jour)
    if net.valeur is None:
        phrase = f"Le SMIC net du {jour_en_lettres(jour)} n'est pas dans le barème : la rémunération mensuelle "
        raise HorsBareme(f"{phrase}minimale ne se calcule pas.")
    minimum = nombres.arrondir(net.nombre * (heures if heures is not None else duree.nombre))
    manque = max(ZERO, minimum - net_activite - indemnite_nette)
    modele = "Rémunération mensuelle minimale : {minimum:euros} ; complément à verser : {resultat:euros}."
    return Minimum(minimum, manque, (etape(PAGE, "L3232-5", modele, manque, "euros", (net, duree), minimum=minimum),))
