"""Le barème tel qu'on le lit : par sujet, un jour donné ou toutes les années, ses changements, ses doutes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby, pairwise
from typing import NamedTuple

from apart.regles.bareme import Bareme, Certitude, Parametre, Presence, Valeur
from apart.simulateur.sujets import D_ABORD, REGIMES, SUJETS, Sujet, sujet_de
from apart.socle.accents import sans_accents

CERTITUDES = {
    Certitude.VERIFIEE: "Vérifiée",
    Certitude.SECONDAIRE: "Source secondaire",
    Certitude.INCERTAINE: "Incertaine",
}


@dataclass(frozen=True, slots=True)
class Filtre:
    """Ce que la personne cherche ; vide, tout."""

    q: str = ""
    sujet: str = ""
    certitude: str = ""
    regime: str = ""

    def __bool__(self) -> bool:
        return self != Filtre()

    def retient(self, valeur: Valeur) -> bool:
        """Vrai si cette entrée répond : même sujet, même régime, même certitude, et chaque mot quelque part."""
        sujet = sujet_de(valeur.cle)
        if self.sujet not in {"", sujet.cle} or self.certitude not in {"", valeur.certitude.value}:
            return False
        if self.regime and sujet.cle not in REGIMES[self.regime][1]:
            return False
        lus = (valeur.libelle, valeur.cle, valeur.lisible, valeur.source, valeur.note, sujet.titre)
        return not self.q or all(mot in plat(" ".join(lus)) for mot in plat(self.q).split())


def plat(texte: str) -> str:
    """Sans accents, ni majuscules, ni espaces doubles : ce que l'on compare."""
    return " ".join(sans_accents(texte.casefold()).split())


def suites(valeurs: Iterable[Valeur], fin: date = date.max) -> list[tuple[Valeur, date | None]]:
    """Les entrées commencées avant la fin, réunies tant que rien ne change : la première, et le dernier jour.

    Une entrée qui ne change que de source continue la précédente.
    """
    visibles = (v for v in valeurs if v.depuis <= fin)
    reunies = [list(suite) for _, suite in groupby(visibles, key=lambda v: (v.valeur, v.etat))]
    return [(suite[0], suite[-1].au) for suite in reunies]


class Serie(NamedTuple):
    """Un paramètre et celles de ses valeurs que l'on montre, la plus récente d'abord."""

    parametre: Parametre
    valeurs: Sequence[Valeur]


Chapitres = list[tuple[Sujet, list[Serie]]]


def en_vigueur(bareme: Bareme, jour: date, filtre: Filtre) -> Chapitres:
    """Par sujet, l'entrée de chaque paramètre ce jour-là : sa valeur, ou l'aveu qu'elle n'est pas connue."""
    entrees = ((p, v) for p in bareme.parametres.values() if (v := p.au(jour)) is not None)
    return _chapitres(Serie(p, [v]) for p, v in entrees if v.etat is not Presence.SANS_OBJET and filtre.retient(v))


def historique(bareme: Bareme, filtre: Filtre) -> Chapitres:
    """Par sujet, toutes les valeurs de chaque paramètre qui répondent au filtre."""
    return _chapitres(Serie(p, [v for v in p.valeurs[::-1] if filtre.retient(v)]) for p in bareme.parametres.values())


def incertaines(bareme: Bareme, filtre: Filtre) -> Chapitres:
    """Par sujet, les valeurs qui ne sont pas vérifiées, inconnues comprises."""
    retenues = [v for v in bareme.incertitudes() if filtre.retient(v)]
    return _chapitres(Serie(bareme.parametres[cle], list(v)) for cle, v in groupby(retenues, key=lambda v: v.cle))


def _chapitres(series: Iterable[Serie]) -> Chapitres:
    triees = sorted((s for s in series if s.valeurs), key=lambda s: _rang(s.parametre.cle))
    return [(sujet, list(siennes)) for sujet, siennes in groupby(triees, key=lambda s: sujet_de(s.parametre.cle))]


def _rang(cle: str) -> tuple[int, int, str]:
    """Sa place : celle de son sujet, puis ce qu'on cherche d'abord, puis l'ordre des clés."""
    sujet, nom = cle.split(".", 1)
    return [*SUJETS, sujet].index(sujet), [*D_ABORD, nom].index(nom), cle


class Changement(NamedTuple):
    """Un paramètre qui change un jour donné : avant, après. Avant est None quand la série commence ce jour-là."""

    avant: Valeur | None
    apres: Valeur


def changements(bareme: Bareme, filtre: Filtre) -> list[tuple[date, list[Changement]]]:
    """Pour chaque date, ce qui change, la plus récente d'abord."""
    series = ([None, *(debut for debut, _ in suites(p.valeurs))] for p in bareme.parametres.values())
    tous = (Changement(avant, apres) for serie in series for avant, apres in pairwise(serie) if apres)
    trouves = sorted(
        (c for c in tous if filtre.retient(c.apres)),
        key=lambda c: (-c.apres.depuis.toordinal(), _rang(c.apres.cle)),
    )
    return [(jour, list(siens)) for jour, siens in groupby(trouves, lambda c: c.apres.depuis)]
