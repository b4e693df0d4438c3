"""Lire un classeur .xlsx : sa première feuille dont l'en-tête convient, case par case, avec leur genre."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from itertools import islice
from typing import Any

import numpy as np
import polars as pl
from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook

from apart.simulateur.fichiers import archives, colonnes
from apart.simulateur.fichiers.tableaux import (
    COLONNES_PERMISES,
    DATE,
    LIGNES_PERMISES,
    NOMBRE,
    TEXTE,
    TROP_DE_COLONNES,
    TROP_DE_LIGNES,
    VIDE,
    FichierRefuse,
    Genre,
    Tableau,
    composer,
)

LIGNES_PAR_LOT = 10_000
FEUILLES_ESSAYEES = 10
DECIMALES = 10  # un tableur garde 0,1 + 0,2 avec dix-sept chiffres
SANS_VALEUR = "=?"  # une formule sans valeur : la lecture la refusera comme toute formule


def lire_classeur(contenu: bytes) -> Tableau:
    """Le tableau d'un classeur. Lève FichierRefuse avec une phrase."""
    constat = archives.examiner(contenu)
    try:
        feuille = _feuille(CalamineWorkbook.from_filelike(io.BytesIO(contenu)))
        _refuser_les_fusions(feuille)
        if feuille.total_width > COLONNES_PERMISES:
            raise FichierRefuse(TROP_DE_COLONNES)
        if feuille.total_height > LIGNES_PERMISES + 1:
            raise FichierRefuse(TROP_DE_LIGNES)
        return _lire(feuille, constat.sans_valeur(feuille.name))
    except CalamineError as refus:
        raise FichierRefuse(
            "Ce classeur ne se lit pas. Ouvrez-le dans votre tableur, enregistrez-le de nouveau en .xlsx, puis "
            "renvoyez-le."
        ) from refus


def _feuille(classeur: CalamineWorkbook) -> CalamineSheet:
    """La première feuille dont la première ligne porte nos colonnes ; à défaut, la première."""
    noms = classeur.sheet_names[:FEUILLES_ESSAYEES]
    if not noms:
        raise FichierRefuse(VIDE)
    for rang in range(len(noms)):
        feuille = classeur.get_sheet_by_index(rang)
        try:
            colonnes.placer(_entete(feuille))
        except colonnes.ColonnesRefusees:
            continue
        return feuille
    return classeur.get_sheet_by_index(0)


def _entete(feuille: CalamineSheet) -> list[str]:
    premiere = next((ligne for ligne in islice(feuille.iter_rows(), 5) if any(case != "" for case in ligne)), [])
    noms = [str(case).strip() for case in premiere]
    while noms and not noms[-1]:
        noms.pop()
    return noms


def _refuser_les_fusions(feuille: CalamineSheet) -> None:
    for (haut, gauche), (bas, droite) in feuille.merged_cell_ranges or []:
        if bas > 0:  # une fusion dans les données ; sur la seule première ligne, l'en-tête parlera
            place = f"{colonnes.lettres(gauche)}{haut + 1} à {colonnes.lettres(droite)}{bas + 1}"
            raise FichierRefuse(
                f"Les cases {place} sont fusionnées : une seule garde sa valeur. Défusionnez-les, écrivez la valeur "
                "dans chacune, puis renvoyez le classeur."
            )


# --- Les cases ---


def _lire(feuille: CalamineSheet, formules: list[str]) -> Tableau:
    entete = _entete(feuille)
    if not entete:
        raise FichierRefuse(VIDE)
    largeur = len(entete)
    textes, types = [], []
    for lot in _lots(feuille):
        paires = [_colonne([ligne[rang] for ligne in lot]) for rang in range(largeur)]
        textes.append(pl.DataFrame({str(rang): paire[0] for rang, paire in enumerate(paires)}))
        types.append(pl.DataFrame({str(rang): paire[1] for rang, paire in enumerate(paires)}))
    cadre, genres = pl.concat(textes), pl.concat(types)
    debut = _premiere_ligne(cadre)
    cadre = _signaler(cadre, formules, largeur)
    lignes = np.arange(debut + 2, cadre.height + 1)
    return composer(entete, cadre[debut + 1 :], lignes, genre=Genre.XLSX, types=genres[debut + 1 :])


def _premiere_ligne(cadre: pl.DataFrame) -> int:
    """Le rang de la ligne d'en-tête : un classeur peut commencer par des lignes vides."""
    vides = cadre.head(6).select(pl.all_horizontal(pl.all().is_null())).to_series()
    return next((rang for rang, vide in enumerate(vides) if not vide), 0)


def _lots(feuille: CalamineSheet) -> Iterator[list[list[Any]]]:
    lignes = feuille.iter_rows()
    while lot := list(islice(lignes, LIGNES_PAR_LOT)):
        yield lot


def _colonne(cases: list[Any]) -> tuple[pl.Series, pl.Series]:
    """Une colonne d'un lot : ses textes, et ce qu'était chaque case. Le plus souvent, un seul genre."""
    genres = set(map(type, cases))
    if genres <= {str}:
        textes = pl.Series(cases, dtype=pl.String)
        return textes.replace("", None), pl.Series([TEXTE], dtype=pl.UInt8).new_from_index(0, len(cases))
    if genres <= {str, int, float} and not any(isinstance(case, str) and case for case in cases):
        return _nombres(pl.Series([case if case != "" else None for case in cases], dtype=pl.Float64))
    lus = [_case(case) for case in cases]
    return pl.Series([t for t, _ in lus], dtype=pl.String), pl.Series([g for _, g in lus], dtype=pl.UInt8)


def _nombres(nombres: pl.Series) -> tuple[pl.Series, pl.Series]:
    """Une colonne de nombres, comme _nombre les écrit un par un."""
    textes = nombres.round(DECIMALES).cast(pl.String).str.strip_suffix(".0")
    return textes, nombres.is_not_null().cast(pl.UInt8) * NOMBRE


def _case(case: Any) -> tuple[str | None, int]:
    if isinstance(case, str):
        return case or None, TEXTE
    if isinstance(case, bool):
        return "oui" if case else "non", TEXTE
    if isinstance(case, int | float):
        return _nombre(case), NOMBRE
    return _jour_ou_duree(case)


def _nombre(nombre: float) -> str:
    if nombre == int(nombre):
        return str(int(nombre))
    return f"{nombre:.{DECIMALES}f}".rstrip("0").rstrip(".")


def _jour_ou_duree(case: Any) -> tuple[str, int]:
    if isinstance(case, datetime):
        return (case.date().isoformat(), DATE) if case.time() == time() else (case.isoformat(" "), TEXTE)
    if isinstance(case, date):
        return case.isoformat(), DATE
    if isinstance(case, time):
        return f"{case.hour}:{case.minute:02}", TEXTE
    if isinstance(case, timedelta):  # « 31:30 » : des heures et des minutes au-delà d'un jour
        minutes = round(case.total_seconds() / 60)
        return f"{minutes // 60}:{minutes % 60:02}", TEXTE
    return str(case), TEXTE


def _signaler(cadre: pl.DataFrame, formules: list[str], largeur: int) -> pl.DataFrame:
    """Marque les cases dont la formule n'a pas de valeur, que le lecteur rend vides."""
    par_colonne: dict[int, list[int]] = {}
    for place in dict.fromkeys(formules):
        lue = re.fullmatch(r"([A-Z]{1,2})([0-9]+)", place)
        if not lue:
            continue
        rang = 0
        for lettre in lue[1]:
            rang = rang * 26 + ord(lettre) - 64
        if rang <= largeur and int(lue[2]) <= cadre.height:
            par_colonne.setdefault(rang - 1, []).append(int(lue[2]) - 1)
    for rang, lignes in par_colonne.items():
        colonne = cadre[str(rang)].scatter(sorted(lignes), SANS_VALEUR)
        cadre = cadre.with_columns(colonne.alias(str(rang)))
    return cadre
