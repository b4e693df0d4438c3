"""Un fichier lu : ses cases, telles qu'écrites, et de quoi le rendre comme il est venu."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum

import numpy as np
import polars as pl
from numpy.typing import NDArray

OCTETS_PERMIS = 20 << 20
LIGNES_PERMISES = 100_000
COLONNES_PERMISES = 60
LIGNES_DU_HAUT = 30  # où l'en-tête est cherchée
TROP_DE_LIGNES = (
    "Ce fichier a plus de 100 000 lignes. Coupez-le en plusieurs fichiers, chacun avec sa première ligne d'en-tête."
)
TROP_DE_COLONNES = (
    f"Ce fichier a plus de {COLONNES_PERMISES} colonnes. Ôtez celles dont le calcul n'a pas besoin, puis renvoyez-le."
)
VIDE = "Ce fichier est vide. Partez du modèle, ou collez vos lignes."

# Ce qu'était une case d'un classeur, pour l'écrire de même.
TEXTE, NOMBRE, DATE, POURCENT = 0, 1, 2, 3


class FichierRefuse(ValueError):
    """Le fichier ne se lit pas ; la phrase dit pourquoi, et quoi faire."""


class FeuilleAChoisir(FichierRefuse):
    """Plusieurs feuilles conviennent : c'est à la personne de dire laquelle."""

    def __init__(self, feuilles: Sequence[str]) -> None:
        self.feuilles = tuple(feuilles)
        noms = ", ".join(f"« {nom} »" for nom in feuilles)
        super().__init__(f"Plusieurs feuilles de ce classeur conviennent : {noms}. Dites laquelle lire.")


class Genre(StrEnum):
    CSV = "csv"
    XLSX = "xlsx"
    ODS = "ods"


@dataclass(frozen=True, slots=True)
class Tableau:
    """Des cases de texte, null où il n'y a rien : colonnes « 0 », « 1 »… du cadre, dans l'ordre du fichier."""

    entetes: tuple[str, ...]
    cadre: pl.DataFrame
    lignes: NDArray[np.int64]  # le numéro de chaque ligne, comme un tableur le montre
    genre: Genre = Genre.CSV
    separateur: str = ";"
    types: pl.DataFrame | None = None  # d'un classeur : TEXTE, NOMBRE, DATE ou POURCENT, case par case
    refus: dict[int, str] = field(default_factory=dict)  # rang d'une ligne mal formée → ce qu'elle a
    feuille: str = ""
    ignores: tuple[str, ...] = ()  # ce qui n'a pas été lu, en phrases

    def garder(self, colonnes: Sequence[int]) -> Tableau:
        """Le tableau réduit à ces colonnes, dans cet ordre."""
        return replace(
            self,
            entetes=tuple(self.entetes[rang] for rang in colonnes),
            cadre=_garder(self.cadre, colonnes),
            types=None if self.types is None else _garder(self.types, colonnes),
        )


def _garder(cadre: pl.DataFrame, colonnes: Sequence[int]) -> pl.DataFrame:
    return cadre.select(pl.col(str(rang)).alias(str(place)) for place, rang in enumerate(colonnes))


@dataclass(slots=True)
class Grille:
    """Une feuille telle qu'écrite, sans ses lignes vides, avant de savoir où est son en-tête."""

    limite: int = LIGNES_PERMISES + LIGNES_DU_HAUT + 1
    lignes: list[list[str | None]] = field(default_factory=list)
    numeros: list[int] = field(default_factory=list)
    types: list[bytearray] = field(default_factory=list)
    fusions: list[tuple[int, int, int, int]] = field(default_factory=list)  # haut, gauche, bas, droite, compris
    masquees: int = 0

    @property
    def est_pleine(self) -> bool:
        return len(self.lignes) >= self.limite

    def prolonger(self, suite: Grille) -> None:
        self.lignes += suite.lignes
        self.numeros += suite.numeros
        self.types += suite.types
        self.fusions += suite.fusions
        self.masquees += suite.masquees


def lettres(rang: int) -> str:
    """0 donne A, 26 donne AA : la colonne, comme un tableur la nomme."""
    return (lettres(rang // 26 - 1) if rang >= 26 else "") + chr(65 + rang % 26)
