"""Rendre le fichier : le même avec ses résultats, ou ses seules lignes à corriger, au format reçu.

Un texte qu'un tableur prendrait pour une formule est précédé d'une apostrophe (T24) ; un nombre reste un nombre.
"""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Sequence

import numpy as np
import polars as pl

from apart.simulateur.fichiers import feuilles
from apart.simulateur.fichiers.calcul import Calcul
from apart.simulateur.fichiers.colonnes import A_CORRIGER, RESULTATS
from apart.simulateur.fichiers.rapide import SANS_MONTANT
from apart.simulateur.fichiers.tableaux import Genre, Tableau

FORMULE = r"^[=+\-@\t\r\x00]"
NOMBRE = r"^[+-]?[0-9][0-9 ]*(?:[.,][0-9]+)?$"
MONTANTS = ("indemnite_horaire", "allocation_horaire", "heures", "indemnite", "allocation", "reste_a_charge")


def resultats(calcul: Calcul) -> bytes:
    """Toutes les lignes dans leur ordre, suivies des résultats ; et de ce qu'il faut corriger, s'il y a lieu."""
    tableau, m = calcul.tableau, calcul.montants
    centimes = pl.DataFrame({nom: getattr(m, nom) for nom in MONTANTS})
    sommes = centimes.select(_euros(pl.col(nom)) for nom in MONTANTS)
    textes = _phrases(tableau, [" ".join(phrases) for phrases in m.reserves])
    a_confirmer = textes.gather(np.where(m.acceptees, m.a_confirmer, 0)).alias("a_confirmer")
    if len(calcul.fautives):
        a_confirmer = pl.select(pl.when(pl.Series(m.acceptees)).then(a_confirmer)).to_series().alias("a_confirmer")
    ajouts, noms = [*sommes.iter_columns(), a_confirmer], [*RESULTATS]
    if calcul.fautives:
        phrases = pl.Series([None], dtype=pl.String).new_from_index(0, tableau.cadre.height)
        rangs = [fautive.rang for fautive in calcul.fautives]
        ajouts.append(phrases.scatter(rangs, _phrases(tableau, [f.phrase for f in calcul.fautives])).alias(A_CORRIGER))
        noms.append(A_CORRIGER)
    return _ecrire(tableau, tableau.cadre, tableau.types, ajouts, noms)


def a_corriger(calcul: Calcul) -> bytes:
    """Les seules lignes à corriger, telles que reçues, et pour chacune ce qu'il faut faire."""
    tableau = calcul.tableau
    rangs = [fautive.rang for fautive in calcul.fautives]
    phrases = _phrases(tableau, [fautive.phrase for fautive in calcul.fautives]).alias(A_CORRIGER)
    types = None if tableau.types is None else tableau.types[rangs]
    return _ecrire(tableau, tableau.cadre[rangs], types, [phrases], [A_CORRIGER])


def _phrases(tableau: Tableau, phrases: list[str]) -> pl.Series:
    """Nos phrases, entre guillemets pour un tableau plat.

    Elles seules peuvent alors en demander : l'écriture n'a pas à chercher dans chaque case s'il en faut.
    """
    textes = pl.Series(phrases, dtype=pl.String).replace("", None)
    if not tableau.est_plat:
        return textes
    return '"' + textes.str.replace_all('"', '""', literal=True) + '"'


def _euros(centimes: pl.Expr) -> pl.Expr:
    return pl.when(centimes != SANS_MONTANT).then(centimes / 100).cast(pl.Decimal(18, 2))


def _ecrire(
    tableau: Tableau, cadre: pl.DataFrame, types: pl.DataFrame | None, ajouts: Sequence[pl.Series], noms: list[str]
) -> bytes:
    entetes = [_sans_formule(nom) for nom in (*tableau.entetes, *noms)]
    suspectes = cadre.select(_suspectes(pl.all()).any()).row(0)
    neutres = [_neutraliser(nom) for nom, suspecte in zip(cadre.columns, suspectes, strict=True) if suspecte]
    cadre = cadre.with_columns(neutres).with_columns(ajouts)
    if tableau.genre is Genre.XLSX:
        colonnes = [_type(colonne, types) for colonne in cadre.iter_columns()]
        return feuilles.ecrire(entetes, cadre, colonnes)
    tampon = io.BytesIO()
    tampon.write(codecs.BOM_UTF8 + _ligne_csv(entetes, tableau.separateur))
    decimale = tableau.separateur != ","
    cadre.write_csv(
        tampon,
        include_header=False,
        separator=tableau.separateur,
        decimal_comma=decimale,
        quote_style="never" if tableau.est_plat else "necessary",  # voir _phrases
    )
    return tampon.getvalue()


def _type(colonne: pl.Series, types: pl.DataFrame | None) -> pl.Series | None:
    """Ce qu'était chaque case d'une colonne d'origine ; None pour une colonne ajoutée."""
    return types[colonne.name] if types is not None and colonne.name in types.columns else None


def _suspectes(case: pl.Expr) -> pl.Expr:
    """Trouve, par l'ordre des caractères, tout ce que FORMULE trouve et un peu plus : bien plus vite que lui."""
    return (case < ".") | ((case > ":") & (case < "A"))


def _neutraliser(nom: str) -> pl.Expr:
    case = pl.col(nom)
    dangereuse = case.str.contains(FORMULE) & ~case.str.contains(NOMBRE)
    return pl.when(dangereuse).then("'" + case).otherwise(case).alias(nom)


def _sans_formule(texte: str) -> str:
    return f"'{texte}" if texte[:1] in {"=", "+", "-", "@", "\t", "\r", "\0"} else texte


def _ligne_csv(cases: list[str], separateur: str) -> bytes:
    tampon = io.StringIO()
    csv.writer(tampon, delimiter=separateur, lineterminator="\n").writerow(cases)
    return tampon.getvalue().encode()
