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

from apart.socle.saisies import DECLENCHEURS
from apart.tableaux.tableau import DATE, NOMBRE, POURCENT, TEXTE, Genre, Tableau, lettres

A_SAVOIR = ("a_savoir", "À savoir")  # la colonne d'un CSV, la feuille d'un classeur
DECIMAL = -1  # une colonne ajoutée
FORMATS = {DATE: "dd/mm/yyyy", POURCENT: "0.00%", DECIMAL: "#,##0.00"}
ORIGINE = date(1899, 12, 30)
# « <r> » : XlsxWriter prendrait ce texte pour du XML déjà écrit.
FORMULE = f"^(?:[{DECLENCHEURS}]|<r>)"
NOMBRE_ECRIT = r"^[+-]?[0-9][0-9 ]*(?:[.,][0-9]+)?(?: ?%)?$"
INTERDITS = r"[\x00-\x08\x0B\x0C\x0E-\x1F\uFFFE\uFFFF]"  # en XML
TEXTE_LE_PLUS_LONG = 32_767  # dans une case de classeur
LIGNES_PAR_LOT = 10_000
MODELES = {TEXTE: ' t="inlineStr"><is><t xml:space="preserve">%s</t></is>', NOMBRE: "><v>%s</v>"}


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
    modeles = {genre: f' s="{format_._get_xf_index()}"><v>%s</v>' for genre, format_ in formats.items()}
    feuille.lots = _lots(cadre, types, MODELES | modeles)
    if notes:
        dites = classeur.add_worksheet(A_SAVOIR[1])
        dites.set_column(0, 0, 120, renvoi)
        for rang, note in enumerate(_neutraliser(pl.DataFrame({"note": notes}))["note"]):
            dites.write_string(rang, 0, note)
    classeur.close()
    return tampon.getvalue()


def _lots(cadre: pl.DataFrame, types: pl.DataFrame | None, modeles: dict[int, str]) -> Iterator[str]:
    """Le XML des lignes, par dix mille, composé colonne par colonne."""
    for debut in range(0, cadre.height, LIGNES_PAR_LOT):
        lot = cadre[debut : debut + LIGNES_PAR_LOT]
        genres = pl.DataFrame() if types is None else types[debut : debut + LIGNES_PAR_LOT]
        colonnes = [
            _cases(lot[nom], genres[nom] if nom in genres.columns else None, lettres(rang), debut + 2, modeles)
            for rang, nom in enumerate(lot.columns)
        ]
        lignes = enumerate(zip(*colonnes, strict=True), debut + 2)
        yield "".join(f'<row r="{numero}">{"".join(cases)}</row>' for numero, cases in lignes)


def _cases(
    colonne: pl.Series, genres: pl.Series | None, lettre: str, debut: int, modeles: dict[int, str]
) -> list[str]:
    """Les cases d'une colonne, souvent d'un seul genre ; chacune dit sa place, et une case vide ne s'écrit pas."""
    textes = _contenus(colonne.cast(pl.String), genres)
    if genres is None:
        genres = pl.repeat(DECIMAL if colonne.dtype.is_numeric() else TEXTE, len(colonne), eager=True)
    presents = genres.filter(colonne.is_not_null()).unique()
    if len(presents) == 1:
        avant, apres = modeles[presents[0]].split("%s")
        return [
            f'<c r="{lettre}{n}"{avant}{texte}{apres}</c>' if texte else "" for n, texte in enumerate(textes, debut)
        ]
    return [
        f'<c r="{lettre}{n}"{modeles[genre] % texte}</c>' if texte else ""
        for n, (texte, genre) in enumerate(zip(textes, genres, strict=True), debut)
    ]


def _contenus(colonne: pl.Series, genres: pl.Series | None) -> list[str]:
    """Ce qui s'écrit dans chaque case ; son texte le plus souvent, où peu de colonnes ont des signes à échapper."""
    if genres is not None and genres.is_in([DATE, POURCENT]).any():
        case, genre = pl.lit(colonne), pl.lit(genres)
        jours = (case.str.to_date(strict=False) - ORIGINE).dt.total_days().cast(pl.String)
        parts = (case.str.strip_suffix(" %").cast(pl.Float64, strict=False) / 100).round(12).cast(pl.String)
        rendue = pl.when(genre == DATE).then(jours).when(genre == POURCENT).then(parts).otherwise(case)
        colonne = pl.select(rendue).to_series()
    if colonne.str.contains(INTERDITS).any():
        colonne = colonne.str.replace_all(INTERDITS, "")
    textes = colonne.str.slice(0, TEXTE_LE_PLUS_LONG).fill_null("").to_list()
    return [escape(texte) for texte in textes] if colonne.str.contains_any(["&", "<", ">"]).any() else textes
