"""Des colonnes de textes à des colonnes de nombres : chaque écriture distincte est lue une fois, par saisie.py."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from apart.regles import francais
from apart.simulateur import saisie

Codes = NDArray[np.int64]
Masque = NDArray[np.bool_]
NOMBRE = r"^[0-9]{1,7}(?:[.,][0-9]{0,2})?$"  # le reste est lu par saisie.py, ligne à ligne
ESPACES = [" ", "\N{NO-BREAK SPACE}", "\N{NARROW NO-BREAK SPACE}", "€"]
LIGNES_DU_DEBUT = 5_000
TABLE_LA_PLUS_GRANDE = 4_000_000
MOIS = {
    abrege: rang
    for rang, nom in enumerate(francais.MOIS, 1)
    for abrege in {nom, nom.replace("é", "e").replace("û", "u"), nom[:4], nom[:3]} - {"jui"}
} | {"juil": 7, "févr": 2, "fevr": 2, "fev": 2, "aou": 8, "dec": 12}
EN_LETTRES = re.compile(r"([a-zéû]{3,9})\.?[ \-/.](\d{4}|\d{2})", re.IGNORECASE)
PREMIER_DU_MOIS = re.compile(r"(\d{4})-(\d{2})-\d{2}|0?1/(\d{1,2})/(\d{4})", re.ASCII)


@dataclass(frozen=True, slots=True)
class Lue:
    """Une colonne lue : pour chaque ligne, le rang de sa valeur ; None là où saisie.py a refusé l'écriture."""

    valeurs: list[Any]
    codes: Codes

    def prendre(self, tableau: Sequence[Any], type_: Any) -> NDArray[Any]:
        """Une conversion des valeurs distinctes, étendue aux lignes."""
        return np.array(tableau, dtype=type_).take(self.codes)

    @property
    def refusees(self) -> Masque:
        return self.prendre([valeur is None for valeur in self.valeurs], np.bool_)


@dataclass(frozen=True, slots=True)
class Codee:
    """Une colonne de textes : ses écritures distinctes, et le rang de celle de chaque ligne (après elles, le vide)."""

    ecritures: list[str]
    codes: Codes


def coder(cadre: pl.DataFrame, noms: Sequence[str]) -> dict[str, Codee]:
    """Ces colonnes, sauf les vides. Le début d'un fichier dit presque toujours tout ce qui s'y écrit : une colonne où
    d'autres écritures viennent ensuite est relue.
    """
    vues = _coder(cadre, cadre.head(LIGNES_DU_DEBUT), noms)
    connues = {nom for nom, codee in vues.items() if (codee.codes == len(codee.ecritures)).sum() == _vides(cadre, nom)}
    autres = [nom for nom in noms if nom not in connues and _vides(cadre, nom) < cadre.height]
    return vues | (_coder(cadre, cadre, autres) if autres else {})


def _coder(cadre: pl.DataFrame, debut: pl.DataFrame, noms: Sequence[str]) -> dict[str, Codee]:
    """Ces colonnes par les écritures du début ; le reste a le rang du vide. Polars partage entre les cœurs."""
    trouvees = debut.select(pl.col(nom).unique().drop_nulls().implode() for nom in noms)
    distinctes = {nom: textes for nom in noms if len(textes := trouvees[nom][0])}
    codes = cadre.select(_rang(nom, textes) for nom, textes in distinctes.items())
    return {nom: Codee(textes.to_list(), codes[nom].to_numpy()) for nom, textes in distinctes.items()}


def _vides(cadre: pl.DataFrame, nom: str) -> int:
    return cadre[nom].null_count()


def _rang(nom: str, distinctes: pl.Series) -> pl.Expr:
    rangs = pl.col(nom).cast(pl.Enum(distinctes), strict=False).to_physical().cast(pl.Int64)
    return rangs.fill_null(len(distinctes))


def lire(colonne: Codee | None, n: int, lecteur: Callable[[Any], Any], defaut: Any) -> Lue:
    """La colonne lue par ce lecteur ; une case vide vaut le défaut."""
    if colonne is None:
        return Lue([defaut], np.zeros(n, np.int64))
    return Lue([*(_essayer(lecteur, texte, defaut) for texte in colonne.ecritures), defaut], colonne.codes)


def _essayer(lecteur: Callable[[Any], Any], texte: str, defaut: Any) -> Any:
    if not texte.strip():
        return defaut
    try:
        return lecteur(texte)
    except ValueError:
        return None


@dataclass(frozen=True, slots=True)
class Montants:
    """Une colonne de nombres en centièmes ; -1 où la case est vide, `sures` faux où l'écriture demande saisie.py."""

    centiemes: Codes
    sures: Masque

    @property
    def donnes(self) -> Masque:
        return self.centiemes >= 0


def lire_centiemes(cadre: pl.DataFrame, noms: Sequence[str]) -> dict[str, Montants]:
    """Ces colonnes de nombres, d'un coup, sauf les vides."""
    pleines = [nom for nom in noms if cadre[nom].null_count() < cadre.height]
    lues = cadre.select(expression for nom in pleines for expression in _expressions(nom))
    return {nom: _relire(cadre[nom], _montants(lues, nom)) for nom in pleines}


def _relire(colonne: pl.Series, lue: Montants) -> Montants:
    """Lit encore, sans ses espaces ni son signe, « 1 850,50 € » : le plus souvent il n'y en a pas."""
    rangs = np.flatnonzero(~lue.sures)
    if not rangs.size:
        return lue
    autres = colonne[rangs].str.replace_all(f"[{''.join(ESPACES)}]", "").replace("", "?")
    relue = _montants(autres.to_frame().select(_expressions(colonne.name)), colonne.name)
    centiemes, sures = lue.centiemes.copy(), lue.sures.copy()
    centiemes[rangs], sures[rangs] = relue.centiemes, relue.sures
    return Montants(centiemes, sures)


def sans_montants(n: int) -> Montants:
    return Montants(np.full(n, -1, np.int64), np.ones(n, np.bool_))


def _expressions(nom: str) -> list[pl.Expr]:
    case = pl.col(nom)
    nombre = case.str.replace(",", ".", literal=True).cast(pl.Float64, strict=False)
    centiemes = (nombre * 100).round().fill_null(-1).cast(pl.Int64, strict=False).fill_null(-1)
    return [centiemes, case.str.contains(NOMBRE).fill_null(True).alias(f"sure {nom}")]


def _montants(lues: pl.DataFrame, nom: str) -> Montants:
    return Montants(lues[nom].to_numpy(), lues[f"sure {nom}"].to_numpy())


def mois_normal(texte: str) -> str:
    """« avr-20 », « avril 2020 » ou le 1er avril d'un tableur donnent « 04/2020 » ; le reste ne change pas."""
    texte = texte.strip()
    if lu := EN_LETTRES.fullmatch(texte):
        mois = MOIS.get(lu[1].lower())
        return f"{mois:02}/{lu[2] if len(lu[2]) == 4 else '20' + lu[2]}" if mois else texte
    if lu := PREMIER_DU_MOIS.fullmatch(texte):
        return f"{lu[2]}/{lu[1]}" if lu[1] else f"{lu[3]}/{lu[4]}"
    return texte


def lire_mois(texte: str) -> Any:
    return saisie.lire_mois(mois_normal(texte))


def distinctes(cle: Codes, taille: int) -> tuple[Codes, Codes]:
    """Les valeurs distinctes d'une clé de 0 à taille, et le rang de chaque ligne parmi elles."""
    if taille > TABLE_LA_PLUS_GRANDE:
        valeurs, rangs = np.unique(cle, return_inverse=True)
        return valeurs, rangs
    presentes = np.zeros(taille, np.bool_)
    presentes[cle] = True
    valeurs = np.flatnonzero(presentes)
    table = np.empty(taille, np.int64)
    table[valeurs] = np.arange(len(valeurs))
    return valeurs, table.take(cle)
