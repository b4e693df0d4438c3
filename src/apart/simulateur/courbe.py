"""La marche d'un paramètre : son histoire en escalier, pour sa page."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from apart.regles.bareme import Bareme, Parametre, Presence, Valeur
from apart.regles.francais import nombre
from apart.simulateur.frise import Echelle, Mot

LARGEUR, HAUTEUR = 720, 220
GAUCHE, DROITE, HAUT, BAS = 12, 700, 34, 170
ECART = 44.0


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
    echelle = Echelle(visibles[0].depuis, fin, GAUCHE, DROITE, elargies=False)
    minimum, maximum = min(v.nombre for v in connues), max(v.nombre for v in connues)

    def y(valeur: Valeur) -> float:
        return BAS - 12 - float((valeur.nombre - minimum) / (maximum - minimum)) * (BAS - HAUT - 12)

    trace, etiquettes, precedente, dernier = "", [], None, -ECART
    for v in connues:
        x, bout = echelle.x(v.depuis), echelle.x(min(v.au or fin, fin) + timedelta(days=1))
        suit = precedente is not None and precedente.au == v.depuis - timedelta(days=1)
        trace += f"{'L' if suit else 'M'}{x:.1f} {y(v):.1f}H{bout:.1f}"
        change = precedente is None or precedente.nombre != v.nombre
        if change and x - dernier >= ECART:
            etiquettes.append(Mot(f"{x + 2:.1f}", f"{y(v) - 8:.1f}", _court(v)))
            dernier = x
        precedente = v
    inconnues = [v for v in visibles if v.etat is Presence.INCONNUE]
    return Courbe(
        trace,
        tuple(etiquettes),
        tuple((f"{echelle.x(date(a, 1, 1)):.1f}", str(a)) for a in _annees(visibles[0].depuis, fin)),
        tuple(_trou(v, echelle, fin) for v in inconnues),
    )


def _trou(valeur: Valeur, echelle: Echelle, fin: date) -> tuple[str, str]:
    x = echelle.x(valeur.depuis)
    return f"{x:.1f}", f"{echelle.x(min(valeur.au or fin, fin)) - x:.1f}"


def _annees(debut: date, fin: date) -> range:
    premiere = debut.year if (debut.month, debut.day) == (1, 1) else debut.year + 1
    return range(premiere, fin.year + 1)


def _court(valeur: Valeur) -> str:
    """Le nombre sans son unité, que le titre de la page dit déjà ; un taux garde son signe."""
    if valeur.unite == "fraction":
        return valeur.lisible
    return nombre(valeur.nombre, 2) if valeur.unite.startswith("euros") else nombre(valeur.nombre)
