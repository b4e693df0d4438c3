"""Écrire un classeur .xlsx d'une feuille, colonne par colonne : cent mille lignes en une seconde.

Le XML d'une feuille est une suite de textes que Polars compose ; un classeur n'en est que le zip. Une case de texte y
est écrite en toutes lettres (inlineStr), jamais comme une formule.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Sequence
from xml.sax.saxutils import escape

import polars as pl

from apart.simulateur.fichiers.colonnes import lettres
from apart.simulateur.fichiers.tableaux import DATE, NOMBRE, TEXTE

LIGNES_PAR_LOT = 20_000
COMPRESSION = 1  # la feuille est très répétitive : un niveau de plus doublerait le temps pour peu
NUMERO = "numéro de la ligne"
EN_GRAS, AU_JOUR, AU_CENTIME = 1, 2, 3
ESPACE = "http://schemas.openxmlformats.org/"
ENTETE_XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
# Les caractères que XML interdit.
INTERDITS = r"[\x00-\x08\x0B\x0C\x0E-\x1F\uFFFE\uFFFF]"

PARTIES = {
    "[Content_Types].xml": (
        f'<Types xmlns="{ESPACE}package/2006/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        '<Default Extension="xml" ContentType="application/xml"/>'
        '<Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.'
        'spreadsheetml.sheet.main+xml"/>'
        '<Override PartName="/xl/worksheets/sheet1.xml" ContentType="application/vnd.openxmlformats-officedocument'
        '.spreadsheetml.worksheet+xml"/>'
        '<Override PartName="/xl/styles.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml'
        '.styles+xml"/></Types>'
    ),
    "_rels/.rels": (
        f'<Relationships xmlns="{ESPACE}package/2006/relationships"><Relationship Id="rId1" '
        f'Type="{ESPACE}officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>'
    ),
    "xl/workbook.xml": (
        f'<workbook xmlns="{ESPACE}spreadsheetml/2006/main" '
        f'xmlns:r="{ESPACE}officeDocument/2006/relationships"><sheets>'
        '<sheet name="Lignes" sheetId="1" r:id="rId1"/></sheets></workbook>'
    ),
    "xl/_rels/workbook.xml.rels": (
        f'<Relationships xmlns="{ESPACE}package/2006/relationships">'
        f'<Relationship Id="rId1" Type="{ESPACE}officeDocument/2006/relationships/worksheet" '
        'Target="worksheets/sheet1.xml"/>'
        f'<Relationship Id="rId2" Type="{ESPACE}officeDocument/2006/relationships/styles" Target="styles.xml"/>'
        "</Relationships>"
    ),
    "xl/styles.xml": (
        f'<styleSheet xmlns="{ESPACE}spreadsheetml/2006/main">'
        '<fonts count="2"><font><sz val="11"/><name val="Calibri"/></font>'
        '<font><b/><sz val="11"/><name val="Calibri"/></font></fonts>'
        '<fills count="2"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/>'
        '</fill></fills><borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders>'
        '<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>'
        '<cellXfs count="4"><xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/>'
        '<xf numFmtId="0" fontId="1" fillId="0" borderId="0" xfId="0" applyFont="1"/>'
        '<xf numFmtId="14" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/>'
        '<xf numFmtId="4" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/></cellXfs></styleSheet>'
    ),
}
DEBUT = (
    f'<worksheet xmlns="{ESPACE}spreadsheetml/2006/main"><sheetViews><sheetView workbookViewId="0">'
    '<pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/></sheetView></sheetViews>'
    '<sheetFormatPr defaultRowHeight="15"/><cols>{largeurs}</cols><sheetData>'
)


def ecrire(entetes: Sequence[str], cadre: pl.DataFrame, types: Sequence[pl.Series | None]) -> bytes:
    """Le classeur. types : NOMBRE, DATE ou TEXTE de chaque case d'une colonne de textes ; None si tout est texte."""
    tampon = io.BytesIO()
    with zipfile.ZipFile(tampon, "w", zipfile.ZIP_DEFLATED, compresslevel=COMPRESSION) as archive:
        for nom, partie in PARTIES.items():
            archive.writestr(nom, ENTETE_XML + partie)
        with archive.open("xl/worksheets/sheet1.xml", "w") as feuille:
            feuille.write((ENTETE_XML + DEBUT.format(largeurs=_largeurs(entetes)) + _entete(entetes)).encode())
            for debut in range(0, cadre.height, LIGNES_PAR_LOT):
                lot = cadre[debut : debut + LIGNES_PAR_LOT]
                genres = [None if t is None else t[debut : debut + LIGNES_PAR_LOT] for t in types]
                feuille.write("".join(_lignes(lot, genres, debut + 2)).encode())
            feuille.write(b"</sheetData></worksheet>")
    return tampon.getvalue()


def _largeurs(entetes: Sequence[str]) -> str:
    return "".join(
        f'<col min="{rang}" max="{rang}" width="{max(12, min(40, len(entete) + 3))}" customWidth="1"/>'
        for rang, entete in enumerate(entetes, 1)
    )


def _entete(entetes: Sequence[str]) -> str:
    cases = (
        f'<c r="{lettres(rang)}1" s="{EN_GRAS}" t="inlineStr"><is><t>{escape(_permis(nom))}</t></is></c>'
        for rang, nom in enumerate(entetes)
    )
    return f'<row r="1">{"".join(cases)}</row>'


def _permis(texte: str) -> str:
    return "".join(signe for signe in texte if signe >= " " and signe not in "\ufffe\uffff")


def _lignes(lot: pl.DataFrame, types: Sequence[pl.Series | None], premiere: int) -> list[str]:
    """Une ligne de XML par ligne du tableau ; chaque case dit sa place, et une case vide ne s'écrit pas."""
    numeros = pl.Series(NUMERO, range(premiere, premiere + lot.height)).cast(pl.String)
    genres = {f"genre {rang}": genre for rang, genre in enumerate(types) if genre is not None}
    cadre = lot.with_columns(numeros, *(genre.alias(nom) for nom, genre in genres.items()))
    cases = [
        _case(lot[nom], lettres(rang), genres.get(f"genre {rang}"), pl.col(f"genre {rang}"))
        for rang, nom in enumerate(lot.columns)
        if lot[nom].null_count() < lot.height
    ]
    ligne = pl.concat_str(pl.lit('<row r="'), pl.col(NUMERO), pl.lit('">'), *cases, pl.lit("</row>"))
    return cadre.select(ligne.alias("ligne")).to_series().to_list()


def _case(colonne: pl.Series, lettre: str, types: pl.Series | None, genre: pl.Expr) -> pl.Expr:
    """Le XML d'une colonne de cases."""
    case = pl.col(colonne.name)
    if colonne.dtype.is_numeric():
        return _ou_rien(colonne, _balise(lettre, f' s="{AU_CENTIME}"><v>', case.cast(pl.String), "</v></c>"))
    debut = ' t="inlineStr"><is><t xml:space="preserve">'
    texte = _balise(lettre, debut, _echapper(case, colonne), "</t></is></c>")
    if types is None or types.max() == TEXTE:
        return _ou_rien(colonne, texte)
    jour = (case.str.to_date("%Y-%m-%d", strict=False) - pl.date(1899, 12, 30)).dt.total_days()
    rendue = (
        pl.when(genre == NOMBRE)
        .then(_balise(lettre, "><v>", case, "</v></c>"))
        .when((genre == DATE) & jour.is_not_null())
        .then(_balise(lettre, f' s="{AU_JOUR}"><v>', jour.cast(pl.String), "</v></c>"))
        .otherwise(texte)
    )
    return _ou_rien(colonne, rendue)


def _balise(lettre: str, debut: str, contenu: pl.Expr, fin: str) -> pl.Expr:
    return pl.concat_str(
        pl.lit(f'<c r="{lettre}'), pl.col(NUMERO), pl.lit(f'"{debut}'), contenu, pl.lit(fin), ignore_nulls=False
    )


def _ou_rien(colonne: pl.Series, rendue: pl.Expr) -> pl.Expr:
    """Une case vide donne un texte nul, donc vide."""
    return rendue.fill_null("") if colonne.null_count() else rendue


def _echapper(case: pl.Expr, colonne: pl.Series) -> pl.Expr:
    """Les signes de XML, et ceux qu'il interdit ; le plus souvent il n'y en a pas."""
    if colonne.str.contains(INTERDITS).any():
        case = case.str.replace_all(INTERDITS, "")
    if colonne.str.contains_any(["&", "<", ">"]).any():
        for signe, ecrit in (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;")):
            case = case.str.replace_all(signe, ecrit, literal=True)
    return case
