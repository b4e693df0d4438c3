"""Lire un classeur OpenDocument : ses cases, ses répétitions, ses feuilles."""

from __future__ import annotations

import pytest

from apart.tableaux.tableau import DATE, NOMBRE, POURCENT, TEXTE, Genre
from tests.tableaux.fabrique import ENTETE, lu, ods, refaire, refus, textes_ods

HAUT = textes_ods(*ENTETE)


def feuille(*lignes: str, nom: str = "Paie", autour: str = "") -> str:
    return f'<table:table table:name="{nom}" {autour}>{"".join(lignes)}</table:table>'


def ligne(cases: str, autour: str = "") -> str:
    return f"<table:table-row {autour}>{cases}</table:table-row>"


@pytest.mark.parametrize(
    ("attributs", "texte", "genre"),
    [
        ('office:value-type="float" office:value="1850.5"', "1850.5", NOMBRE),
        ('office:value-type="currency" office:value="2000"', "2000", NOMBRE),
        ('office:value-type="percentage" office:value="0.8"', "80 %", POURCENT),
        ('office:value-type="date" office:date-value="2026-05-15"', "2026-05-15", DATE),
        ('office:value-type="date" office:date-value="2026-05-15T00:00:00"', "2026-05-15", DATE),
        ('office:value-type="date" office:date-value="2026-05-15T07:30:00"', "2026-05-15 07:30:00", TEXTE),
        ('office:value-type="time" office:time-value="PT31H30M00S"', "31:30", TEXTE),
        ('office:value-type="boolean" office:boolean-value="true"', "oui", TEXTE),
        ('office:value-type="string" calcext:value-type="error"', "=?", TEXTE),
        ('table:formula="of:=A1"', "=?", TEXTE),
        ('office:value-type="string"', "vu", TEXTE),
    ],
)
def test_chaque_genre_de_case_se_lit(attributs: str, texte: str, genre: int) -> None:
    case = f"<table:table-cell {attributs}><text:p>vu</text:p></table:table-cell>"
    tableau = lu(ods(feuille(HAUT, ligne(case))))
    assert tableau.genre is Genre.ODS
    assert tableau.types is not None
    assert (tableau.cadre["0"][0], tableau.types["0"][0]) == (texte, genre)


def test_les_espaces_les_paragraphes_et_les_notes_d_un_texte() -> None:
    note = "<office:annotation><text:p>Vu avec le comptable</text:p></office:annotation>"
    case = f"<table:table-cell>{note}<text:p>De<text:s text:c='2'/>la</text:p><text:p>Tour</text:p></table:table-cell>"
    assert lu(ods(feuille(HAUT, ligne(case)))).cadre["0"][0] == "De  la\nTour"


def test_les_cases_et_les_lignes_repetees_gardent_les_places() -> None:
    vides = ligne("<table:table-cell/>", 'table:number-rows-repeated="3"')
    deux = textes_ods("Durand", autour='table:number-rows-repeated="2"')
    decalee = ligne(
        '<table:table-cell table:number-columns-repeated="3"/><table:table-cell><text:p>7</text:p></table:table-cell>'
    )
    tableau = lu(ods(feuille(vides, HAUT, deux, decalee)))
    assert tableau.lignes.tolist() == [5, 6, 7]
    assert tableau.cadre.rows() == [("Durand", None, None, None)] * 2 + [(None, None, None, "7")]


def test_la_mise_en_forme_jusqu_au_bout_de_la_feuille_ne_compte_pas() -> None:
    """LibreOffice écrit toujours le vide jusqu'à la dernière ligne et la dernière colonne."""
    fin = ligne('<table:table-cell table:number-columns-repeated="16384"/>', 'table:number-rows-repeated="1048570"')
    tableau = lu(ods(feuille(HAUT, textes_ods("Durand", "2000", "04/2026", "70"), fin)))
    assert tableau.cadre.rows() == [("Durand", "2000", "04/2026", "70")]


@pytest.mark.parametrize(
    ("cases", "autour", "phrase"),
    [
        ('<table:table-cell table:number-columns-repeated="1000000000"><text:p>1</text:p></table:table-cell>', "",
         "plus de 60 colonnes"),
        ("<table:table-cell><text:p>1</text:p></table:table-cell>", 'table:number-rows-repeated="1000000000"',
         "plus de 100 000 lignes"),
    ],
)  # fmt: skip
def test_une_repetition_immense_est_refusee_sans_etre_ecrite(cases: str, autour: str, phrase: str) -> None:
    assert phrase in refus(ods(feuille(HAUT, ligne(cases, autour))))


def test_une_feuille_masquee_est_ignoree_et_c_est_dit() -> None:
    masque = '<style:style style:name="ta1"><style:table-properties table:display="false"/></style:style>'
    paie, mars = (feuille(HAUT, textes_ods("Durand", "1"), nom=nom, autour=autour) for nom, autour in
                  (("Avril", ""), ("Mars", 'table:style-name="ta1"')))  # fmt: skip
    tableau = lu(ods(mars + paie, masque))
    assert tableau.feuille == "Avril"
    assert tableau.ignores == ("La feuille « Mars » est masquée : elle n'a pas été lue.",)


def test_la_feuille_des_donnees_est_choisie_apres_une_feuille_de_garde() -> None:
    garde = feuille(textes_ods("Paie d'avril"), nom="Garde")
    assert lu(ods(garde + feuille(HAUT, textes_ods("Durand", "2000")))).cadre.row(0)[:2] == ("Durand", "2000")


def test_des_cases_fusionnees_d_une_ligne_a_l_autre_sont_a_defusionner() -> None:
    haute = '<table:table-cell table:number-rows-spanned="2"><text:p>A</text:p></table:table-cell>'
    couverte = ligne("<table:covered-table-cell/><table:table-cell><text:p>1</text:p></table:table-cell>")
    assert "Les cases A2 à A3 sont fusionnées" in refus(ods(feuille(HAUT, ligne(haute), couverte)))


def test_un_ods_protege_par_un_mot_de_passe_se_dit() -> None:
    manifeste = b'<manifest xmlns="m"><encryption-data/></manifest>'
    assert "mot de passe" in refus(refaire(ods(""), ajouts={"META-INF/manifest.xml": manifeste}))
