"""La marche d'un paramètre : son histoire en escalier, pour sa page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from apart.regles.bareme import Bareme, Parametre, Presence, Valeur
from apart.regles.francais import nombre
from apart.simulateur.frise import Echelle, Mot

LARGEUR, HAUTEUR = 720, 196
GAUCHE, DROITE, HAUT, BAS = 12, 700, 34, 170
ECART = 34.0
UN_JOUR = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Courbe:
    """De quoi dessiner l'escalier d'une série de nombres."""

    trace: str
    etiquettes: tuple[Mot, ...]
    annees: tuple[tuple[str, str], ...]
    inconnues: tuple[tuple[str, str], ...]  # abscisse et largeur des périodes que le barème ne connaît pas
    bas: int = BAS
    largeur: int = LARGEUR
    hauteur: int = HAUTEUR


def courbe(bareme: Bareme, parametre: Parametre) -> Courbe | None:
    """L'escalier, ou None si la série n'a pas deux nombres à montrer."""
    fin = bareme.connu_jusqu_au
    visibles = [v for v in parametre.valeurs if v.depuis <= fin]
    connues = [v for v in visibles if v.etat is Presence.CONNUE and isinstance(v.valeur, Decimal)]
    if len({v.nombre for v in connues}) < 2:
        return None
    echelle = Echelle(_premier(visibles), fin, GAUCHE, DROITE, elargies=False)
    trace, etiquettes = _escalier(connues, echelle)
    inconnues = [v for v in visibles if v.etat is Presence.INCONNUE]
    return Courbe(
        trace,
        etiquettes,
        tuple((f"{echelle.x(date(a, 1, 1)):.1f}", str(a)) for a in _annees(echelle.debut, fin)),
        tuple(_trou(v, echelle) for v in inconnues),
    )


def _premier(valeurs: Sequence[Valeur]) -> date:
    """Le premier jour à montrer : avant la première valeur, connue ou non, il n'y a rien à voir."""
    return next(v.depuis for v in valeurs if v.etat is Presence.INCONNUE or isinstance(v.valeur, Decimal))


def _escalier(connues: Sequence[Valeur], echelle: Echelle) -> tuple[str, tuple[Mot, ...]]:
    """Le trait, et le nombre de chaque marche assez longue pour le porter ; la dernière porte toujours le sien."""
    minimum, maximum = min(v.nombre for v in connues), max(v.nombre for v in connues)
    trace, etiquettes, precedente = "", [], None
    suites = _suites(connues)
    for valeur, au in suites:
        y = BAS - 12 - float((valeur.nombre - minimum) / (maximum - minimum)) * (BAS - HAUT - 12)
        x, bout = echelle.x(valeur.depuis), echelle.x((au or echelle.fin) + UN_JOUR)
        suit = precedente == valeur.depuis - UN_JOUR
        trace += f"{'L' if suit else 'M'}{x:.1f} {y:.1f}H{bout:.1f}"
        if bout - x >= ECART or valeur == suites[-1][0]:
            etiquettes.append(Mot(f"{min(x + 2, DROITE - ECART + 8):.1f}", f"{y - 8:.1f}", _court(valeur)))
        precedente = au
    return trace, tuple(etiquettes)


def _suites(connues: Sequence[Valeur]) -> list[tuple[Valeur, date | None]]:
    """Les entrées qui se suivent sans changer, réunies : la première, et leur dernier jour."""
    suites: list[tuple[Valeur, date | None]] = []
    for v in connues:
        continue_ = suites and suites[-1][0].nombre == v.nombre and suites[-1][1] == v.depuis - UN_JOUR
        if continue_:
            suites[-1] = (suites[-1][0], v.au)
        else:
            suites.append((v, v.au))
    return suites


def _trou(valeur: Valeur, echelle: Echelle) -> tuple[str, str]:
    x = echelle.x(valeur.depuis)
    return f"{x:.1f}", f"{echelle.x(valeur.au or echelle.fin) - x:.1f}"


def _annees(debut: date, fin: date) -> range:
    premiere = debut.year if (debut.month, debut.day) == (1, 1) else debut.year + 1
    return range(premiere, fin.year + 1)


def _court(valeur: Valeur) -> str:
    """Le nombre sans son unité, que le titre de la page dit déjà ; un taux garde son signe."""
    if valeur.unite == "fraction":
        return valeur.lisible
    return nombre(valeur.nombre, 2) if valeur.unite.startswith("euros") else nombre(valeur.nombre)
