"""La marche d'un paramètre : son histoire en escalier, pour sa page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from apart.regles.bareme import Bareme, Parametre, Presence, Valeur
from apart.regles.francais import nombre
from apart.simulateur.frise import Echelle, Mot, Ordonnee, Trait, chiffree, escalier

LARGEUR, HAUTEUR = 720, 196
GAUCHE, DROITE, HAUT, BAS = 12, 700, 34, 170
ECART = 34.0


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
    montants = {v.nombre for v in visibles if chiffree(v)}
    if len(montants) < 2:
        return None
    echelle = Echelle(_premier(visibles), fin, GAUCHE, DROITE, elargies=False)
    y = Ordonnee(min(montants), max(montants), HAUT, BAS - 12)
    return Courbe(
        *escalier(visibles, echelle, y, Trait(ECART, 8, _court)),
        tuple((f"{echelle.x(date(a, 1, 1)):.1f}", str(a)) for a in _annees(echelle.debut, fin)),
        tuple(_trou(v, echelle) for v in visibles if v.etat is Presence.INCONNUE),
    )


def _premier(valeurs: Sequence[Valeur]) -> date:
    """Le premier jour à montrer : avant la première valeur, connue ou non, il n'y a rien à voir."""
    return next(v.depuis for v in valeurs if v.etat is Presence.INCONNUE or isinstance(v.valeur, Decimal))


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
