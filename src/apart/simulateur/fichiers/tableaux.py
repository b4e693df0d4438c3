"""Un fichier lu : ses cases, telles qu'écrites, et de quoi le rendre comme il est venu."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

import numpy as np
import polars as pl
from numpy.typing import NDArray

from apart.simulateur.fichiers import colonnes

OCTETS_PERMIS = 20 << 20
LIGNES_PERMISES = 100_000
COLONNES_PERMISES = 60
TROP_DE_LIGNES = (
    "Ce fichier a plus de 100 000 lignes. Coupez-le en plusieurs fichiers, chacun avec sa première ligne d'en-tête."
)
TROP_DE_COLONNES = (
    f"Ce fichier a plus de {COLONNES_PERMISES} colonnes. Ôtez celles dont le calcul n'a pas besoin, puis renvoyez-le."
)
SANS_LIGNE = "Ce fichier n'a aucune ligne sous son en-tête : ajoutez une ligne par salarié, comme dans le modèle."
VIDE = "Ce fichier est vide. Partez du modèle, ou collez vos lignes."


class FichierRefuse(ValueError):
    """Le fichier ne se lit pas ; la phrase dit pourquoi, et quoi faire."""


class Genre(StrEnum):
    CSV = "csv"
    XLSX = "xlsx"


# Ce qu'était une case d'un classeur, pour l'écrire de même.
TEXTE, NOMBRE, DATE = 0, 1, 2


@dataclass(frozen=True, slots=True)
class Tableau:
    """Des cases de texte, null où il n'y a rien : colonnes « 0 », « 1 »… du cadre, dans l'ordre du fichier."""

    entetes: tuple[str, ...]
    cadre: pl.DataFrame
    lignes: NDArray[np.int64]  # le numéro de chaque ligne, comme un tableur le montre
    genre: Genre = Genre.CSV
    separateur: str = ";"
    types: pl.DataFrame | None = None  # d'un classeur : TEXTE, NOMBRE ou DATE, case par case
    refus: dict[int, str] = field(default_factory=dict)  # rang d'une ligne mal formée → ce qu'elle a
    est_plat: bool = False  # sûrement ni séparateur, ni guillemet, ni saut de ligne dans une case

    @property
    def places(self) -> dict[str, int]:
        return colonnes.placer(self.entetes)

    @property
    def inconnues(self) -> list[str]:
        """Les colonnes qui ne servent pas au calcul ; le résultat les garde."""
        return [nom for nom in self.entetes if colonnes.reconnaitre(nom) not in colonnes.NOMS]


def composer(
    entetes: list[str],
    cadre: pl.DataFrame,
    lignes: NDArray[np.int64],
    *,
    genre: Genre = Genre.CSV,
    separateur: str = ";",
    types: pl.DataFrame | None = None,
    refus: dict[int, str] | None = None,
    est_plat: bool = False,
) -> Tableau:
    """Le tableau sans ses lignes vides, ni les colonnes que nous avions ajoutées à un fichier rendu.

    Lève FichierRefuse si l'en-tête ou le nombre de lignes ne va pas.
    """
    try:
        colonnes.placer(entetes)
    except colonnes.ColonnesRefusees as refuse:
        raise FichierRefuse(str(refuse)) from None
    refus = refus or {}
    # Une ligne vide l'est dans toutes les colonnes : une seule colonne pleine dit qu'il n'y en a pas.
    if all(colonne.null_count() for colonne in cadre.iter_columns()):
        vides = cadre.select(pl.all_horizontal(pl.all().is_null())).to_series()
        gardes = ~vides.to_numpy()
        cadre, lignes = cadre.filter(gardes), lignes[gardes]
        types = None if types is None else types.filter(gardes)
        rangs = np.cumsum(gardes) - 1
        refus = {int(rangs[rang]): phrase for rang, phrase in refus.items()}
    if not cadre.height:
        raise FichierRefuse(SANS_LIGNE)
    if cadre.height > LIGNES_PERMISES:
        raise FichierRefuse(TROP_DE_LIGNES)
    ajoutees = {*colonnes.RESULTATS, colonnes.A_CORRIGER}
    siennes = [rang for rang, nom in enumerate(entetes) if colonnes.reconnaitre(nom) not in ajoutees]
    noms = [str(rang) for rang in range(len(siennes))]
    return Tableau(
        entetes=tuple(entetes[rang] for rang in siennes),
        cadre=_garder(cadre, siennes, noms),
        lignes=lignes,
        genre=genre,
        separateur=separateur,
        types=None if types is None else _garder(types, siennes, noms),
        refus=refus,
        est_plat=est_plat,
    )


def _garder(cadre: pl.DataFrame, rangs: list[int], noms: list[str]) -> pl.DataFrame:
    gardees = cadre.select(cadre.columns[rang] for rang in rangs)
    gardees.columns = noms
    return gardees
