"""Lire un CSV ou des lignes collées, quel que soit l'encodage, le séparateur ou le tableur d'origine."""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Iterator
from itertools import islice

import numpy as np
import polars as pl

from apart.simulateur.fichiers.tableaux import (
    COLONNES_PERMISES,
    LIGNES_PERMISES,
    TROP_DE_COLONNES,
    TROP_DE_LIGNES,
    VIDE,
    FichierRefuse,
    Tableau,
    composer,
)

SEPARATEURS = (";", "\t", ",")
ENTETE_LE_PLUS_LONG = 20_000  # octets
LIGNES_PAR_LOT = 10_000
GUILLEMET_OUVERT = "À la ligne {}, un guillemet est resté ouvert : fermez-le ou ôtez-le, puis renvoyez le fichier."
BLANCS = b"\0 \t\r\n;,"
UTF_16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


def lire_csv(contenu: bytes) -> Tableau:
    """Le tableau d'un CSV. Lève FichierRefuse avec une phrase."""
    contenu = _sans_marque(contenu)
    try:
        return _lire(contenu)
    except UnicodeDecodeError:
        return _lire(_decoder(contenu, "cp1252").encode())


def _lire(contenu: bytes) -> Tableau:
    """Lève aussi UnicodeDecodeError si ce n'est pas de l'UTF-8."""
    _refuser_le_nul(contenu)
    contenu = _sauts_simples(contenu)
    separateur, contenu = _separateur(contenu)
    entete, fin = _entete(contenu, separateur)
    if len(entete) > COLONNES_PERMISES:
        raise FichierRefuse(TROP_DE_COLONNES)
    lu = _d_un_trait(contenu, fin, entete, separateur)
    return lu or _ligne_a_ligne(contenu, entete, separateur)


# --- Des octets à de l'UTF-8 aux sauts de ligne simples ---


def _sans_marque(contenu: bytes) -> bytes:
    """UTF-8 sans marque, ou Windows-1252 tel quel. Un tableur français écrit aussi en UTF-16 (« texte Unicode »)."""
    if contenu.startswith(UTF_16):
        return _decoder(contenu, "utf-16").encode()
    contenu = contenu.removeprefix(codecs.BOM_UTF8)
    if not (contenu[:1_000].strip(BLANCS) or contenu.strip(BLANCS)):
        raise FichierRefuse(VIDE)
    return contenu


def _decoder(contenu: bytes, encodage: str) -> str:
    try:
        texte = contenu.decode(encodage)
    except UnicodeDecodeError:
        raise FichierRefuse(
            "Le texte de ce fichier ne se lit pas. Ouvrez-le dans votre tableur, puis enregistrez-le au format "
            "« CSV UTF-8 » ou « Classeur Excel (.xlsx) »."
        ) from None
    if not texte.strip("\0 \t\r\n;,\ufeff"):
        raise FichierRefuse(VIDE)
    return texte


def _refuser_le_nul(contenu: bytes) -> None:
    place = contenu.find(b"\0")
    if place >= 0:
        ligne = contenu.count(b"\n", 0, place) + 1
        raise FichierRefuse(
            f"La ligne {ligne} contient un caractère nul : ce n'est pas un fichier de tableur, ou il est abîmé. "
            "Ouvrez-le dans votre tableur, puis enregistrez-le en « CSV UTF-8 » ou en .xlsx."
        )


def _sauts_simples(contenu: bytes) -> bytes:
    if b"\r" in contenu:
        contenu = contenu.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    if contenu.startswith(b"\n") or contenu.endswith(b"\n\n"):
        contenu = contenu.strip(b"\n")
    return contenu if contenu.endswith(b"\n") else contenu + b"\n"


def _separateur(contenu: bytes) -> tuple[str, bytes]:
    """Le séparateur, et le contenu sans la ligne « sep=; » qu'un tableur met parfois en tête."""
    fin = contenu.find(b"\n") + 1
    texte = contenu[: min(fin - 1, ENTETE_LE_PLUS_LONG)].decode(errors="replace")
    if texte.lower().startswith("sep=") and len(texte.strip(" \t;,")) <= len("sep=;"):
        return (texte[4:5] if texte[4:5] in SEPARATEURS else ";"), contenu[fin:].lstrip(b"\n")
    return max(SEPARATEURS, key=texte.count), contenu


def _entete(contenu: bytes, separateur: str) -> tuple[list[str], int]:
    """Les noms de colonnes, et la place de la première ligne de données."""
    fin = contenu.find(b"\n") + 1
    if fin > ENTETE_LE_PLUS_LONG:
        raise FichierRefuse(TROP_DE_COLONNES)
    lus = next(csv.reader([contenu[:fin].decode()], delimiter=separateur), [])
    while lus and not lus[-1].strip():
        lus.pop()  # des colonnes sans nom tout à droite : un tableur en laisse souvent
    return [nom.strip() for nom in lus], fin


# --- Du texte au tableau ---


def _d_un_trait(contenu: bytes, debut: int, entete: list[str], separateur: str) -> Tableau | None:
    """Tout le fichier par Polars ; None s'il a une ligne blanche ou trop longue : il faut alors lire ligne à ligne.

    Les données vont de « debut » à la fin : les copier coûterait presque autant que de les lire.
    """
    if not entete or debut == len(contenu) or contenu.find(b"\n\n", debut) >= 0:
        return None
    schema = {str(rang): pl.String() for rang in range(len(entete))}
    guillemet = '"' if contenu.find(b'"', debut) >= 0 else None
    try:
        cadre = pl.read_csv(
            contenu,
            has_header=False,
            skip_lines=1,
            schema=schema,
            separator=separateur,
            quote_char=guillemet,
            n_rows=LIGNES_PERMISES + 1,
        )
    except pl.exceptions.PolarsError:
        return None
    lues: dict[int, list[str]] = {}
    if guillemet:
        lues, nombre = _lignes_a_guillemets(contenu, debut, separateur)
        if cadre.height != nombre:
            return None
        cadre = cadre.with_columns(_sans_textes_vides(cadre, list(lues)))
        justes = [tuple(_ajuster(cases, cadre.width)) for cases in lues.values()]
        if cadre[list(lues)].rows() != justes:
            return None
    est_plat = not any(separateur in case or '"' in case for cases in lues.values() for case in cases)
    lignes = np.arange(2, cadre.height + 2)
    return composer(entete, cadre, lignes, separateur=separateur, est_plat=est_plat)


def _lignes_a_guillemets(contenu: bytes, debut: int, separateur: str) -> tuple[dict[int, list[str]], int]:
    """Les lignes à guillemets, lues par Python (rang → cases), et le nombre de lignes ; 0 s'il y en a trop."""
    trouvees: dict[int, list[str]] = {}
    rang, fin = 0, debut
    while (place := contenu.find(b'"', fin)) >= 0:
        debut = contenu.rfind(b"\n", fin, place) + 1 or fin
        rang += contenu.count(b"\n", fin, debut)
        fin = contenu.find(b"\n", place) + 1 or len(contenu)
        trouvees[rang] = next(csv.reader([contenu[debut:fin].decode().rstrip("\n")], delimiter=separateur), [])
        rang += 1
        if len(trouvees) > LIGNES_PAR_LOT:
            return {}, 0
    return trouvees, rang + contenu.count(b"\n", fin)


def _sans_textes_vides(cadre: pl.DataFrame, rangs: list[int]) -> list[pl.Expr]:
    """Une case « "" » est vide ; seules les colonnes qui en ont changent."""
    touchees = cadre[rangs].select((pl.all() == "").any()).row(0)
    return [pl.col(nom).replace("", None) for nom, touchee in zip(cadre.columns, touchees, strict=True) if touchee]


def _ligne_a_ligne(contenu: bytes, entete: list[str], separateur: str) -> Tableau:
    """Par le lecteur de Python : guillemets, sauts de ligne dans une case, lignes blanches, cases en trop."""
    lecteur = csv.reader(io.StringIO(contenu.decode(), newline=""), delimiter=separateur)
    largeur, refus = len(entete), dict[int, str]()
    lots: list[pl.DataFrame] = []
    schema = {str(rang): pl.String() for rang in range(largeur)}
    total, guillemet_ouvert = 0, contenu.count(b'"') % 2 == 1
    for lot in _lots(lecteur):
        total += len(lot)
        if total > LIGNES_PERMISES + 1:
            raise FichierRefuse(TROP_DE_LIGNES)
        droites = [_ajuster(cases, largeur) for cases in lot]
        rang = total - len(lot)
        if guillemet_ouvert and (fautive := _saut_de_ligne(lot)) is not None:
            raise FichierRefuse(GUILLEMET_OUVERT.format(rang + fautive + 1))
        refus |= {rang + n: _trop_de_cases(cases, largeur) for n, cases in enumerate(lot) if any(cases[largeur:])}
        lots.append(pl.DataFrame(droites, schema=schema, orient="row"))
    cadre = pl.concat(lots) if lots else pl.DataFrame(schema=schema)
    refus = {rang - 1: phrase for rang, phrase in refus.items() if rang}  # la première est l'en-tête
    return composer(entete, cadre[1:], np.arange(2, total + 1), separateur=separateur, refus=refus)


def _saut_de_ligne(lot: list[list[str]]) -> int | None:
    """Le rang de la première ligne dont une case en avale une autre."""
    return next((rang for rang, cases in enumerate(lot) if any("\n" in case for case in cases)), None)


def _lots(lecteur: Iterator[list[str]]) -> Iterator[list[list[str]]]:
    while True:
        try:
            lot = list(islice(lecteur, LIGNES_PAR_LOT))
        except csv.Error as refus:
            raise FichierRefuse(
                "Une case de ce fichier a plus de 131 072 signes : un guillemet est sans doute resté ouvert. "
                "Fermez-le, puis renvoyez le fichier."
            ) from refus
        if not lot:
            return
        yield lot


def _ajuster(cases: list[str], largeur: int) -> list[str | None]:
    """La ligne à la largeur de l'en-tête ; un tableur tait parfois les dernières cases vides."""
    justes: list[str | None] = [case or None for case in cases[:largeur]]
    return justes + [None] * (largeur - len(justes))


def _trop_de_cases(cases: list[str], largeur: int) -> str:
    remplies = max(rang for rang, case in enumerate(cases, 1) if case)
    return (
        f"Cette ligne a {remplies} cases, l'en-tête en a {largeur} : un séparateur est de trop, ou une case qui en "
        "contient un n'est pas entre guillemets."
    )
