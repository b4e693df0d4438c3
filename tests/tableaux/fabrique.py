"""Des fichiers fabriqués pour les essais : des classeurs, justes ou piégés."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Sequence
from typing import Any

import pytest
import xlsxwriter

from apart.tableaux.lecture import lire
from apart.tableaux.tableau import FichierRefuse, Tableau

ENTETE = ["nom", "remuneration", "mois", "heures"]
LIGNE = ["Durand", 2000, "04/2026", 70]
FEUILLE = "xl/worksheets/sheet1.xml"
Feuilles = dict[str, Any]  # nom → lignes de cases


def reconnues(cases: Sequence[str]) -> int:
    return len({*ENTETE, "Heures chômées / Nb"} & set(cases))


def lu(contenu: bytes | str, feuille: str | None = None) -> Tableau:
    return lire(contenu.encode() if isinstance(contenu, str) else contenu, reconnues, feuille=feuille)


def refus(contenu: bytes | str) -> str:
    with pytest.raises(FichierRefuse) as leve:
        lu(contenu)
    return str(leve.value)


def classeur(feuilles: Feuilles, puis: Callable[[Any, Any], None] = lambda _fait, _feuille: None) -> bytes:
    """Un .xlsx de ces feuilles ; `puis` reçoit le classeur et sa dernière feuille."""
    tampon = io.BytesIO()
    fait = xlsxwriter.Workbook(tampon)
    for nom, lignes in feuilles.items():
        feuille = fait.add_worksheet(nom)
        for rang, ligne in enumerate(lignes):
            feuille.write_row(rang, 0, ligne)
    puis(fait, feuille)
    fait.close()
    return tampon.getvalue()


def refaire(
    contenu: bytes, changer: Callable[[str, bytes], bytes] = lambda _, c: c, ajouts: dict[str, bytes] | None = None
) -> bytes:
    """Cette archive, ses parties changées, d'autres ajoutées."""
    tampon = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(contenu)) as origine,
        zipfile.ZipFile(tampon, "w", zipfile.ZIP_DEFLATED) as copie,
    ):
        for nom in origine.namelist():
            copie.writestr(nom, changer(nom, origine.read(nom)))
        for nom, partie in (ajouts or {}).items():
            copie.writestr(nom, partie)
    return tampon.getvalue()


def feuille_brute(lignes: bytes) -> bytes:
    """Un .xlsx dont la feuille porte, sous une en-tête et une ligne justes, ce XML."""
    fin = b"</sheetData>"
    return refaire(
        classeur({"Paie": [ENTETE, LIGNE]}), lambda nom, c: c.replace(fin, lignes + fin) if nom == FEUILLE else c
    )


ESPACES = " ".join(
    f'xmlns:{nom}="urn:oasis:names:tc:opendocument:xmlns:{nom}:1.0"' for nom in ("office", "table", "text", "style")
)


def ods(feuilles: str, styles: str = "") -> bytes:
    """Un .ods dont voici les feuilles et les styles, en XML."""
    contenu = (
        f'<office:document-content {ESPACES} xmlns:calcext="urn:calcext"><office:automatic-styles>{styles}'
        f"</office:automatic-styles><office:body><office:spreadsheet>{feuilles}</office:spreadsheet></office:body>"
        "</office:document-content>"
    )
    tampon = io.BytesIO()
    with zipfile.ZipFile(tampon, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("content.xml", contenu)
    return tampon.getvalue()


def textes_ods(*cases: str, autour: str = "") -> str:
    """Une ligne de cases de texte d'un .ods."""
    lues = "".join(
        f'<table:table-cell office:value-type="string"><text:p>{c}</text:p></table:table-cell>' for c in cases
    )
    return f"<table:table-row {autour}>{lues}</table:table-row>"
