"""Rendre un tableau comme il est venu, suivi de colonnes ajoutées : toutes ses lignes, ou quelques-unes.

Un texte qu'un tableur prendrait pour une formule est précédé d'une apostrophe (T24) ; un nombre reste un nombre.
"""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from xml.sax.saxutils import escape

import polars as pl
import xlsxwriter
from xlsxwriter.worksheet import Worksheet

from apart.tableaux.tableau import DATE, NOMBRE, POURCENT, TEXTE, Genre, Tableau, lettres

A_SAVOIR = ("a_savoir", "À savoir")  # la colonne d'un CSV, la feuille d'un classeur
DECIMAL = -1  # une colonne ajoutée
FORMATS = {DATE: "dd/mm/yyyy", POURCENT: "0.00%", DECIMAL: "#,##0.00"}
ORIGINE = date(1899, 12, 30)
# « <r> » : XlsxWriter prendrait ce texte pour du XML déjà écrit.
FORMULE = r"^(?:[=+\-@\t\r\x00]|<r>)"
NOMBRE_ECRIT = r"^[+-]?[0-9][0-9 ]*(?:[.,][0-9]+)?(?: ?%)?$"
INTERDITS = r"[\x00-\x08\x0B\x0C\x0E-\x1F\uFFFE\uFFFF]"  # en XML
TEXTE_LE_PLUS_LONG = 32_767  # dans une case de classeur
LIGNES_PAR_LOT = 10_000
Styles = dict[int, str]


def ecrire(
    tableau: Tableau,
    ajouts: Sequence[tuple[str, pl.Series]],
    *,
    rangs: Sequence[int] | None = None,
    notes: Sequence[str] = (),
) -> bytes:
    """Le fichier au format reçu (un .ods est rendu en .xlsx) : ses colonnes, puis les ajouts.

    ajouts : nom et valeurs, autant que de lignes dans le tableau, en texte ou en décimal. rangs : ces seules lignes.
    notes : ce que la personne doit savoir ; une feuille d'un classeur, une colonne d'un CSV.
    """
    cadre = tableau.cadre.with_columns(valeurs.alias(f"+{rang}") for rang, (_, valeurs) in enumerate(ajouts))
    types = tableau.types
    if rangs is not None:
        cadre, types = cadre[list(rangs)], None if types is None else types[list(rangs)]
    if tableau.genre is Genre.CSV and notes:
        premiere = pl.Series([" ".join(notes)]).extend_constant(None, cadre.height - 1)
        cadre, ajouts = cadre.with_columns(premiere.alias("notes")), [*ajouts, (A_SAVOIR[0], premiere)]
    entetes = _neutraliser(pl.DataFrame({"nom": [*tableau.entetes, *(nom for nom, _ in ajouts)]}))["nom"].to_list()
    cadre = _neutraliser(cadre)
    if tableau.genre is Genre.CSV:
        return _csv(entetes, cadre, tableau.separateur)
    return _classeur(entetes, cadre, types, notes)


def _neutraliser(cadre: pl.DataFrame) -> pl.DataFrame:
    case = pl.col(pl.String)
    dangereuse = case.str.contains(FORMULE) & ~case.str.contains(NOMBRE_ECRIT)
    return cadre.with_columns(pl.when(dangereuse).then("'" + case).otherwise(case).name.keep())


def _csv(entetes: list[str], cadre: pl.DataFrame, separateur: str) -> bytes:
    tampon = io.StringIO()
    csv.writer(tampon, delimiter=separateur, lineterminator="\n").writerow(entetes)
    corps = cadre.write_csv(include_header=False, separator=separateur, decimal_comma=separateur != ",")
    return codecs.BOM_UTF8 + (tampon.getvalue() + corps).encode()


# --- Un classeur ---


class _Feuille(Worksheet):  # type: ignore[misc]  # XlsxWriter n'est pas typé
    """Une feuille dont les lignes s'écrivent par lots.

    XlsxWriter garderait chaque case en mémoire, ou sur le disque, où rien de la paie ne doit aller ; et il en écrit
    quatorze fois moins par seconde (docs/decisions/0011).
    """

    lots: Iterable[str] = ()

    def _write_rows(self) -> None:
        super()._write_rows()  # l'en-tête
        for lot in self.lots:
            self.fh.write(lot)


def _classeur(entetes: list[str], cadre: pl.DataFrame, types: pl.DataFrame | None, notes: Sequence[str]) -> bytes:
    tampon = io.BytesIO()
    classeur = xlsxwriter.Workbook(tampon, {"in_memory": True})
    formats = {genre: classeur.add_format({"num_format": format_}) for genre, format_ in FORMATS.items()}
    gras, renvoi = classeur.add_format({"bold": True}), classeur.add_format({"text_wrap": True, "valign": "top"})
    feuille = classeur.add_worksheet("Lignes", _Feuille)
    for rang, nom in enumerate(entetes):
        feuille.set_column(rang, rang, max(12, min(40, len(nom) + 3)))
        feuille.write_string(0, rang, nom, gras)
    feuille.freeze_panes(1, 0)
    feuille.dim_rowmax = cadre.height
    styles = {genre: f' s="{format_._get_xf_index()}"' for genre, format_ in formats.items()}
    feuille.lots = _lots(cadre, types, styles)
    if notes:
        dites = classeur.add_worksheet(A_SAVOIR[1])
        dites.set_column(0, 0, 120, renvoi)
        for rang, note in enumerate(_neutraliser(pl.DataFrame({"note": notes}))["note"]):
            dites.write_string(rang, 0, note)
    classeur.close()
    return tampon.getvalue()


def _lots(cadre: pl.DataFrame, types: pl.DataFrame | None, styles: Styles) -> Iterator[str]:
    """Le XML des lignes, par dix mille : composé colonne par colonne, il se lit et s'écrit vite."""
    for debut in range(0, cadre.height, LIGNES_PAR_LOT):
        lot = cadre[debut : debut + LIGNES_PAR_LOT]
        genres = pl.DataFrame() if types is None else types[debut : debut + LIGNES_PAR_LOT]
        numeros = range(debut + 2, debut + 2 + lot.height)
        colonnes = [
            _cases(lot[nom], genres[nom] if nom in genres.columns else None, lettres(rang), numeros, styles)
            for rang, nom in enumerate(lot.columns)
        ]
        lignes = zip(numeros, zip(*colonnes, strict=True), strict=True)
        yield "".join(f'<row r="{numero}">{"".join(cases)}</row>' for numero, cases in lignes)


def _cases(colonne: pl.Series, genres: pl.Series | None, lettre: str, numeros: range, styles: Styles) -> list[str]:
    """Les cases d'une colonne ; chacune dit sa place, et une case vide ne s'écrit pas."""
    if colonne.dtype.is_numeric():
        contenus = _nombres(colonne.cast(pl.String), styles[DECIMAL])
    elif genres is None or genres.max() == TEXTE:
        contenus = _textes(colonne)
    else:
        contenus = [
            rendue and _valeur(case, genre, rendue, styles)
            for case, genre, rendue in zip(colonne, genres, _textes(colonne), strict=True)
        ]
    return [
        f'<c r="{lettre}{numero}"{contenu}</c>' if contenu else ""
        for numero, contenu in zip(numeros, contenus, strict=True)
    ]


def _nombres(colonne: pl.Series, style: str) -> list[str]:
    return [case and f"{style}><v>{case}</v>" for case in colonne.fill_null("")]


def _textes(colonne: pl.Series) -> list[str]:
    """Les signes de XML sont le plus souvent absents : une recherche par colonne le dit."""
    textes = colonne.str.slice(0, TEXTE_LE_PLUS_LONG).str.replace_all(INTERDITS, "").fill_null("").to_list()
    if colonne.str.contains_any(["&", "<", ">"]).any():
        textes = [escape(texte) for texte in textes]
    return [texte and f' t="inlineStr"><is><t xml:space="preserve">{texte}</t></is>' for texte in textes]


def _valeur(case: str, genre: int, texte: str, styles: Styles) -> str:
    """Une case d'origine, du genre qu'elle avait."""
    if genre == NOMBRE:
        return f"><v>{case}</v>"
    if genre == POURCENT:
        return f"{styles[POURCENT]}><v>{float(case.removesuffix(' %')) / 100:.12g}</v>"
    if genre == DATE:
        return f"{styles[DATE]}><v>{(date.fromisoformat(case) - ORIGINE).days}</v>"
    return texte
