"""Le barème tel qu'on le lit : par sujet, un jour donné ou toutes les années, ses changements, ses doutes."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from itertools import groupby

from apart.regles.bareme import Bareme, Certitude, Parametre, Presence, Valeur
from apart.simulateur.sujets import REGIMES, SUJETS, Sujet, sujet_de

CERTITUDES = {
    Certitude.VERIFIEE: "Vérifiée",
    Certitude.SECONDAIRE: "Source secondaire",
    Certitude.INCERTAINE: "Incertaine",
}
RANGS = {nom: rang for rang, nom in enumerate(SUJETS)}
# Ce qu'on cherche d'abord dans un sujet ; le reste suit l'ordre des clés.
D_ABORD = (
    "horaire_brut", "horaire_net", "indemnite_taux", "allocation_taux", "allocation_plancher",
    "indemnite_plafond_smic", "allocation_plafond_smic", "plafond_smic", "plancher", "apld_plancher",
    "majore_plancher", "annuel", "duree_maximale", "duree_cumulee", "duree_legale_hebdomadaire",
    "duree_legale_mensuelle", "csg_deductible", "csg_non_deductible", "crds", "assiette", "demande_prealable",
    "silence", "demande_versement",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Filtre:
    """Ce que la personne cherche ; vide, tout."""

    mots: tuple[str, ...] = ()
    sujet: str = ""
    certitude: str = ""
    regime: str = ""

    @classmethod
    def lire(cls, q: str = "", sujet: str = "", certitude: str = "", regime: str = "") -> Filtre:
        return cls(tuple(plat(q).split()), sujet, certitude, regime)

    def __bool__(self) -> bool:
        return any((self.mots, self.sujet, self.certitude, self.regime))

    def retient(self, valeur: Valeur) -> bool:
        """Vrai si cette entrée répond : même sujet, même régime, même certitude, et chaque mot quelque part."""
        nom = sujet_de(valeur.cle).cle
        if self.sujet not in {"", nom} or self.certitude not in {"", valeur.certitude.value}:
            return False
        if self.regime and nom not in REGIMES[self.regime][1]:
            return False
        return not self.mots or all(mot in texte_de(valeur) for mot in self.mots)


def plat(texte: str) -> str:
    """Sans accents, ni majuscules, ni espaces doubles : ce que l'on compare."""
    decompose = unicodedata.normalize("NFKD", texte.casefold())
    return " ".join("".join(signe for signe in decompose if not unicodedata.combining(signe)).split())


def texte_de(valeur: Valeur) -> str:
    champs = (valeur.libelle, valeur.cle, valeur.lisible, valeur.source, valeur.note, sujet_de(valeur.cle).titre)
    return plat(" ".join(champs))


def depuis(parametre: Parametre, valeur: Valeur) -> date:
    """Le jour où le paramètre a pris cette valeur ; une entrée qui ne change que de source ne compte pas."""
    jour = valeur.depuis
    for avant in reversed([v for v in parametre.valeurs if v.depuis < valeur.depuis]):
        if (avant.valeur, avant.etat) != (valeur.valeur, valeur.etat):
            break
        jour = avant.depuis
    return jour


@dataclass(frozen=True, slots=True)
class Serie:
    """Un paramètre et celles de ses valeurs que l'on montre, la plus récente d'abord."""

    parametre: Parametre
    valeurs: tuple[Valeur, ...]


@dataclass(frozen=True, slots=True)
class Chapitre:
    """Les séries d'un sujet."""

    sujet: Sujet
    series: tuple[Serie, ...]


def en_vigueur(bareme: Bareme, jour: date, filtre: Filtre) -> tuple[Chapitre, ...]:
    """Par sujet, l'entrée de chaque paramètre ce jour-là : sa valeur, ou l'aveu qu'elle n'est pas connue."""
    entrees = ((p, v) for p in bareme.parametres.values() if (v := p.au(jour)) is not None)
    return _chapitres(Serie(p, (v,)) for p, v in entrees if v.etat is not Presence.SANS_OBJET and filtre.retient(v))


def historique(bareme: Bareme, filtre: Filtre) -> tuple[Chapitre, ...]:
    """Par sujet, toutes les valeurs de chaque paramètre qui répondent au filtre."""
    series = (Serie(p, tuple(v for v in reversed(p.valeurs) if filtre.retient(v))) for p in bareme.parametres.values())
    return _chapitres(serie for serie in series if serie.valeurs)


def incertaines(bareme: Bareme, filtre: Filtre) -> tuple[Chapitre, ...]:
    """Par sujet, les valeurs qui ne sont pas vérifiées, inconnues comprises."""
    retenues = [v for v in bareme.incertitudes() if filtre.retient(v)]
    par_cle = groupby(retenues, key=lambda v: v.cle)
    return _chapitres(Serie(bareme.parametres[cle], tuple(valeurs)) for cle, valeurs in par_cle)


def _chapitres(series: Iterable[Serie]) -> tuple[Chapitre, ...]:
    triees = sorted(series, key=lambda s: _rang(s.parametre.cle))
    return tuple(
        Chapitre(sujet, tuple(siennes)) for sujet, siennes in groupby(triees, key=lambda s: sujet_de(s.parametre.cle))
    )


def _rang(cle: str) -> tuple[int, int, str]:
    sujet, nom = cle.split(".", 1)
    return RANGS.get(sujet, len(RANGS)), D_ABORD.index(nom) if nom in D_ABORD else len(D_ABORD), cle


@dataclass(frozen=True, slots=True)
class Changement:
    """Un paramètre qui change un jour donné : avant, après. Avant est None quand la série commence ce jour-là."""

    avant: Valeur | None
    apres: Valeur


@dataclass(frozen=True, slots=True)
class JourDeChangement:
    """Tout ce qui change le même jour."""

    jour: date
    changements: tuple[Changement, ...]


def changements(bareme: Bareme, filtre: Filtre) -> tuple[JourDeChangement, ...]:
    """Pour chaque date, ce qui change, la plus récente d'abord. Une entrée qui ne change que de source n'y est pas."""
    trouves = sorted(
        (c for p in bareme.parametres.values() for c in _changements_de(p) if filtre.retient(c.apres)),
        key=lambda c: (-c.apres.depuis.toordinal(), _rang(c.apres.cle)),
    )
    return tuple(JourDeChangement(jour, tuple(siens)) for jour, siens in groupby(trouves, lambda c: c.apres.depuis))


def _changements_de(parametre: Parametre) -> Iterator[Changement]:
    avant: Valeur | None = None
    for apres in parametre.valeurs:
        if avant is None or (avant.valeur, avant.etat) != (apres.valeur, apres.etat):
            yield Changement(avant, apres)
        avant = apres
