"""Une série de valeurs datées en escalier : ce que l'image des années et celle d'un paramètre ont en commun."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, NamedTuple

from apart.regles.bareme import Bareme, Parametre, Presence, Valeur
from apart.regles.francais import nombre
from apart.simulateur.consultation import suites

GAUCHE, DROITE, HAUT, BAS = 12, 700, 34, 158  # de l'image d'un paramètre


class Mot(NamedTuple):
    x: float
    y: float
    texte: str


@dataclass(frozen=True, slots=True)
class Cadre:
    """Où tombent un jour et un nombre. Une année pèse 1, ou ce que dit « poids » : sa largeur."""

    debut: date
    fin: date
    minimum: Decimal
    maximum: Decimal
    bords: tuple[int, int, int, int]  # gauche, droite, haut, bas
    place: float = 30.0  # celle d'un nombre écrit
    poids: Mapping[int, float] = field(default_factory=dict)

    def x(self, jour: date) -> float:
        gauche, droite, *_ = self.bords
        debut, fin = self._ecoule(self.debut), self._ecoule(self.fin)
        part = (self._ecoule(max(self.debut, min(jour, self.fin))) - debut) / (fin - debut)
        return round(gauche + part * (droite - gauche), 1)

    def y(self, lu: Decimal) -> float:
        *_, haut, bas = self.bords
        return round(bas - float((lu - self.minimum) / (self.maximum - self.minimum)) * (bas - haut), 1)

    def _ecoule(self, jour: date) -> float:
        """Le poids des années écoulées depuis celle du début, année entamée comprise."""
        entieres = sum(self.poids.get(annee, 1.0) for annee in range(self.debut.year, jour.year))
        return entieres + (jour - date(jour.year, 1, 1)).days / 366 * self.poids.get(jour.year, 1.0)


def image(bareme: Bareme, parametre: Parametre) -> dict[str, Any] | None:
    """De quoi dessiner l'histoire d'un paramètre, ou None si sa série n'a pas deux nombres à montrer."""
    fin = bareme.connu_jusqu_au
    visibles = [v for v in parametre.valeurs if v.depuis <= fin]
    nombres = {v.nombre for v in visibles if chiffree(v)}
    if len(nombres) < 2:
        return None
    # Avant la première valeur, connue ou non, il n'y a rien à voir.
    debut = next(v.depuis for v in visibles if v.etat is Presence.INCONNUE or isinstance(v.valeur, Decimal))
    cadre = Cadre(debut, fin, min(nombres), max(nombres), (GAUCHE, DROITE, HAUT, BAS), 34.0)
    trace, etiquettes = escalier(visibles, cadre)
    inconnues = [(cadre.x(v.depuis), cadre.x(v.au or fin)) for v in visibles if v.etat is Presence.INCONNUE]
    janviers = [date(annee, 1, 1) for annee in range(debut.year, fin.year + 1)]
    return {
        "trace": trace,
        "etiquettes": etiquettes,
        "annees": [(cadre.x(jour), str(jour.year)) for jour in janviers if jour >= debut],
        "inconnues": [(x, round(bout - x, 1)) for x, bout in inconnues],
    }


def escalier(valeurs: Sequence[Valeur], cadre: Cadre) -> tuple[str, list[Mot]]:
    """Le trait, et le nombre de chaque marche assez longue pour le porter ; la dernière porte toujours le sien.

    Une valeur qui n'est pas un nombre y laisse un trou.
    """
    trace, etiquettes, crayon = "", [], "M"
    marches = [s for s in suites(valeurs, cadre.fin) if (s[1] or cadre.fin) >= cadre.debut]
    derniere = next((debut for debut, _ in reversed(marches) if chiffree(debut)), None)
    for debut, au in marches:
        if not chiffree(debut):
            crayon = "M"
            continue
        x, bout, y = cadre.x(debut.depuis), cadre.x((au or cadre.fin) + timedelta(days=1)), cadre.y(debut.nombre)
        trace += f"{crayon}{x} {y}H{bout}"
        crayon = "L"
        if debut is derniere or bout - x >= cadre.place:
            gauche = min(x + 2, cadre.bords[1] - cadre.place + 2)
            etiquettes.append(Mot(round(gauche, 1), round(y - 6, 1), _court(debut)))
    return trace, etiquettes


def chiffree(valeur: Valeur) -> bool:
    return valeur.etat is Presence.CONNUE and isinstance(valeur.valeur, Decimal)


def _court(valeur: Valeur) -> str:
    """Le nombre sans son unité, que l'image ou sa page disent déjà ; un taux garde son signe."""
    if valeur.unite == "fraction":
        return valeur.lisible
    return nombre(valeur.nombre, 2) if valeur.unite.startswith("euros") else nombre(valeur.nombre)
