"""Quoi qu'on envoie, un tableau ou une phrase ; jamais une panne."""

from __future__ import annotations

import io
import zipfile

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from apart.tableaux.ecriture import ecrire
from apart.tableaux.tableau import FichierRefuse
from apart.tableaux.totaux import lignes_de_total
from tests.tableaux.fabrique import ENTETE, LIGNE, classeur, feuille_brute, lu, ods, refaire, textes_ods

MORCEAUX = st.lists(
    st.sampled_from([*"ab1;,\t|\n\r\"'=é€", "nom", "mois", "heures", "TOTAL", "sep=", "2026"]), max_size=30
)
XLSX = classeur(
    {"Garde": [["Paie"]], "Paie": [ENTETE, LIGNE, LIGNE]}, lambda _, feuille: feuille.merge_range("A5:B5", 1)
)
ODS = ods(f'<table:table table:name="Paie">{textes_ods(*ENTETE)}{textes_ods("A", "1", "2", "3")}</table:table>')
PARTIES = [
    (contenu, nom) for contenu in (XLSX, ODS) for nom in zipfile.ZipFile(io.BytesIO(contenu)).namelist()
    if nom.endswith(("sheet2.xml", "workbook.xml", "styles.xml", "sharedStrings.xml", ".rels", "content.xml"))
]  # fmt: skip


def traverser(contenu: bytes) -> None:
    """Lit et rend le fichier, ou lève FichierRefuse avec une phrase."""
    try:
        tableau = lu(contenu)
    except FichierRefuse as refus:
        assert str(refus).endswith(".")  # noqa: PT017  # l'un ou l'autre, selon ce qui est tiré
        return
    assert tableau.cadre.width == len(tableau.entetes) > 0
    assert tableau.cadre.height == len(tableau.lignes) > 0
    assert {*tableau.refus, *lignes_de_total(tableau)} <= set(range(tableau.cadre.height))
    assert ecrire(tableau, [], notes=tableau.ignores)


@given(st.one_of(st.binary(max_size=60), MORCEAUX.map("".join).map(str.encode)))
@settings(max_examples=300)
def test_des_octets_quelconques(contenu: bytes) -> None:
    traverser(contenu)


@given(st.sampled_from([XLSX, ODS]), st.integers(0, 10_000), st.binary(min_size=1, max_size=4))
def test_un_classeur_abime(contenu: bytes, place: int, octets: bytes) -> None:
    place %= len(contenu)
    traverser(contenu[:place] + octets + contenu[place + len(octets) :])


@given(st.sampled_from(PARTIES), st.data())
def test_une_partie_aux_valeurs_absurdes(partie: tuple[bytes, str], data: st.DataObject) -> None:
    """Une valeur d'attribut ou un texte remplacé par un autre, dans un XML qui reste juste."""
    contenu, nom = partie
    xml = zipfile.ZipFile(io.BytesIO(contenu)).read(nom)
    valeurs = sorted({v for v in xml.replace(b">", b'"').replace(b"<", b'"').split(b'"') if v.strip()})
    avant = data.draw(st.sampled_from(valeurs))
    apres = data.draw(st.sampled_from([b"", b"-1", b"x", b"1e999", b"99999999999", b"A0", b"ZZZ9:A1", "é".encode()]))
    traverser(refaire(contenu, lambda n, c: c.replace(avant, apres) if n == nom else c))


GRANDS = ("9" * 25, "9" * 5_000)  # ce qu'aucune colonne d'entiers ne garde ; ce qu'int() ne lit pas


@pytest.mark.parametrize("grand", GRANDS, ids=["25", "5000"])
def test_un_nombre_de_ligne_demesure_se_dit(grand: str) -> None:
    traverser(feuille_brute(f'<row r="{grand}"><c><v>5</v></c></row>'.encode()))
    traverser(feuille_brute(f'<row r="3"><c r="A3" s="{grand}"><v>5</v></c></row>'.encode()))
    fusion = f'</sheetData><mergeCells><mergeCell ref="A3:B{grand}"/></mergeCells>'.encode()
    traverser(refaire(classeur({"Paie": [ENTETE, LIGNE]}), lambda _, c: c.replace(b"</sheetData>", fusion)))
    for quoi in ("rows-repeated", "columns-repeated", "rows-spanned", "columns-spanned"):
        lignes = textes_ods(*ENTETE) + textes_ods("A", "1", "2", "3")
        repetee = lignes.replace("<table:table-cell ", f'<table:table-cell table:number-{quoi}="{grand}" ')
        if quoi == "rows-repeated":
            repetee = lignes.replace("<table:table-row", f'<table:table-row table:number-{quoi}="{grand}"', 1)
        traverser(ods(f'<table:table table:name="Paie">{repetee}</table:table>'))
