"""Les années en une image : le SMIC et les planchers en escalier, les taux de chaque régime en bandes datées.

Seulement de la géométrie ; bareme/_frise.html dessine.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, NamedTuple

from apart.regles.bareme import Bareme, Presence, Valeur
from apart.regles.conditions import DEBUT
from apart.regles.francais import euros
from apart.simulateur.consultation import suites
from apart.simulateur.escalier import Cadre, Mot, chiffree, escalier

GAUCHE, DROITE = 168, 952
HAUT, BAS = 34, 214  # des marches
PAS = 34  # d'une bande à la suivante
# Presque tout change de 2020 à 2022 : ces années sont élargies, celles d'après un peu.
POIDS = {annee: 4.0 if annee <= 2022 else 1.6 for annee in range(2020, 2100)}
ECART_DES_DATES = 10.0
TEXTE_MINIMAL = 28.0
ANNEE_MINIMALE = 24.0

MARCHES = (
    ("smic.horaire_brut", "SMIC horaire brut", "smic"),
    ("apld.allocation_plancher", "Plancher de l'allocation, APLD", "apld"),
    ("droit_commun.allocation_plancher", "Plancher de l'allocation, droit commun", "plancher"),
)
BANDES = (
    ("droit_commun.indemnite_taux", "Indemnité", "droit commun"),
    ("droit_commun.allocation_taux", "Allocation", "droit commun"),
    ("secteurs_proteges.allocation_taux", "Allocation", "secteurs protégés"),
    ("tres_affectes.allocation_taux", "Allocation", "très affectés"),
    ("vulnerables.allocation_taux", "Allocation", "vulnérables, garde"),
    ("apld.allocation_taux", "Allocation", "APLD"),
    ("apld_rebond.allocation_taux", "Allocation", "APLD rebond"),
)


class Segment(NamedTuple):
    """Une période d'une bande : sa couleur dit le taux, son texte aussi quand il y tient."""

    x: float
    largeur: float
    classe: str
    texte: str
    milieu: float
    infobulle: str


def frise(bareme: Bareme, jour: date | None = None) -> dict[str, Any]:
    """De quoi dessiner l'image des années et la table qui la double, avec un repère au jour choisi."""
    series = {cle: bareme.parametres[cle].valeurs for cle, *_ in (*MARCHES, *BANDES)}
    cadre = cadre_des_annees(bareme)
    bas = BAS + 48 + PAS * len(BANDES)
    return {
        "hauteur": bas + 78,
        "bas": bas,
        "annees": [_annee(annee, cadre) for annee in range(DEBUT.year, cadre.fin.year + 1)],
        "graduations": _graduations(cadre),
        "marches": [_marche(series[cle], nom, classe, cadre) for cle, nom, classe in MARCHES],
        "bandes": [
            {
                "cle": cle,
                "quoi": quoi,
                "qui": qui,
                "y": BAS + 48 + PAS * rang,
                "segments": _segments(bareme, cle, cadre),
            }
            for rang, (cle, quoi, qui) in enumerate(BANDES)
        ],
        "dates": list(_dates({v.depuis for valeurs in series.values() for v in valeurs}, cadre, bas)),
        "repere": cadre.x(jour) if jour and cadre.debut <= jour <= cadre.fin else None,
    }


def cadre_des_annees(bareme: Bareme) -> Cadre:
    fin, montrees = bareme.connu_jusqu_au, (v for cle, *_ in MARCHES for v in bareme.parametres[cle].valeurs)
    nombres = [v.nombre for v in montrees if chiffree(v) and v.depuis <= fin]
    bornes = Decimal(int(min(nombres))), Decimal(int(max(nombres)) + 1)
    return Cadre(DEBUT, fin, *bornes, (GAUCHE, DROITE, HAUT, BAS), poids=POIDS)


def _graduations(cadre: Cadre) -> list[Mot]:
    debut, fin = int(cadre.minimum), int(cadre.maximum)
    montants = range(debut, fin + 1, max(1, (fin - debut) // 4))
    return [Mot(GAUCHE, cadre.y(Decimal(m)), f"{m}\u00a0€") for m in montants]


def _annee(annee: int, cadre: Cadre) -> tuple[float, float, str]:
    """L'abscisse de son début, celle de son nom, et son nom s'il y tient."""
    debut, fin = cadre.x(date(annee, 1, 1)), cadre.x(date(annee, 12, 31))
    return debut, round((debut + fin) / 2, 1), str(annee) if fin - debut >= ANNEE_MINIMALE else ""


def _marche(valeurs: Sequence[Valeur], nom: str, classe: str, cadre: Cadre) -> dict[str, Any]:
    """Une courbe en escalier, ses nombres, et ses périodes en toutes lettres pour la table."""
    fin = cadre.fin
    trace, etiquettes = escalier(valeurs, cadre)
    periodes = [f"{v.lisible}, {_quand(v, au, fin)}" for v, au in suites(valeurs, fin) if chiffree(v)]
    dessin = {"trace": trace, "etiquettes": etiquettes, "periodes": periodes}
    return {"cle": valeurs[0].cle, "nom": nom, "classe": classe, **dessin}


def _segments(bareme: Bareme, cle: str, cadre: Cadre) -> list[Segment]:
    lues = ((v, au, _couleur(bareme, v)) for v, au in suites(bareme.parametres[cle].valeurs, cadre.fin))
    return [_segment(v, au, couleur, cadre) for v, au, couleur in lues if couleur]


def _couleur(bareme: Bareme, valeur: Valeur) -> tuple[str, str] | None:
    """Sa classe et son texte ; None si la règle n'existe pas."""
    if chiffree(valeur):
        return f"taux-{int(valeur.nombre * 10)}", valeur.lisible
    if valeur.etat is Presence.INCONNUE:
        return "inconnu", "inconnu"
    if valeur.cle != "droit_commun.allocation_taux":
        return None
    forfait = bareme.valeur("droit_commun.forfait_jusqu_a_250", valeur.depuis)
    return "forfait", f"forfait, {euros(forfait.nombre)}"


def _segment(valeur: Valeur, au: date | None, couleur: tuple[str, str], cadre: Cadre) -> Segment:
    (classe, texte), fin = couleur, min(au or cadre.fin, cadre.fin)
    x, bout = cadre.x(valeur.depuis), cadre.x(fin + timedelta(days=1))
    montre = texte if bout - x >= max(TEXTE_MINIMAL, 7.2 * len(texte)) else ""
    largeur, milieu = round(max(1.0, bout - x - 1), 1), round((x + bout) / 2, 1)
    return Segment(x, largeur, classe, montre, milieu, f"{texte}, {_quand(valeur, au, fin)}")


def _quand(valeur: Valeur, au: date | None, fin: date) -> str:
    """« du 01/03/2020 au 31/05/2020 », ou « depuis le 01/07/2021 » si rien ne suit avant la fin de l'image."""
    if au is None or au > fin:
        return f"depuis le {valeur.depuis:%d/%m/%Y}"
    return f"du {valeur.depuis:%d/%m/%Y} au {au:%d/%m/%Y}"


def _dates(jours: Iterable[date], cadre: Cadre, bas: int) -> Iterator[Mot]:
    """Les dates de changement, écrites de bas en haut ; celle qui couvrirait la précédente ne s'écrit pas."""
    dernier = 0.0
    for jour in sorted(jour for jour in jours if cadre.debut <= jour <= cadre.fin):
        x = cadre.x(jour)
        if x - dernier >= ECART_DES_DATES:
            dernier = x
            yield Mot(round(x + 4, 1), bas + 6, f"{jour:%d/%m/%Y}")
