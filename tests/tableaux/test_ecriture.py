"""Rendre le fichier comme il est venu, suivi de ce qu'on y ajoute ; jamais une formule qui n'y était pas."""

from __future__ import annotations

import io
from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from python_calamine import CalamineWorkbook

from apart.tableaux.ecriture import LIGNES_PAR_LOT, ecrire
from apart.tableaux.tableau import Genre, Tableau
from tests.tableaux.fabrique import ENTETE, LIGNE, classeur, lu, ods, textes_ods

CSV = "nom;mois;ecart\nDurand;04/2026;-12,5\nPetit;05/2026;3\n"


def montants(*euros: str | None) -> pl.Series:
    return pl.Series([None if e is None else Decimal(e) for e in euros], dtype=pl.Decimal(18, 2))


def rendu_csv(contenu: str, ajouts: Sequence[tuple[str, pl.Series]] = (), **autres: Any) -> list[str]:
    return ecrire(lu(contenu), ajouts, **autres).decode("utf-8-sig").splitlines()


def feuilles(contenu: bytes) -> dict[str, list[list[Any]]]:
    """Le classeur rendu, relu par un autre lecteur que le nôtre."""
    fait = CalamineWorkbook.from_filelike(io.BytesIO(contenu))
    return {nom: fait.get_sheet_by_name(nom).to_python() for nom in fait.sheet_names}


# --- Un CSV ---


def test_un_csv_est_rendu_avec_ses_colonnes_puis_les_ajouts() -> None:
    ajouts = [("indemnite", montants("1234.50", None)), ("a_corriger", pl.Series([None, "mois : à revoir ; « x »"]))]
    assert rendu_csv(CSV, ajouts) == [
        "nom;mois;ecart;indemnite;a_corriger",
        "Durand;04/2026;-12,5;1234,50;",
        'Petit;05/2026;3;;"mois : à revoir ; « x »"',
    ]


def test_un_csv_a_virgules_garde_ses_points() -> None:
    assert rendu_csv("nom,mois,h\nA,04/2026,7.5\n", [("somme", montants("3.20"))])[1] == "A,04/2026,7.5,3.20"


def test_les_seules_lignes_demandees_sont_rendues() -> None:
    assert rendu_csv(CSV, [("a_corriger", pl.Series([None, "à revoir"]))], rangs=[1]) == [
        "nom;mois;ecart;a_corriger",
        "Petit;05/2026;3;à revoir",
    ]


def test_ce_qu_il_faut_savoir_est_sur_la_premiere_ligne_d_un_csv() -> None:
    assert rendu_csv(CSV, notes=["Un total ignoré.", "Une feuille aussi."]) == [
        "nom;mois;ecart;a_savoir",
        "Durand;04/2026;-12,5;Un total ignoré. Une feuille aussi.",
        "Petit;05/2026;3;",
    ]


@pytest.mark.menace("T24")
@pytest.mark.parametrize(
    "texte", ["=HYPERLINK(1)", "@SUM(1)", "+a", "-a", "\ta", "=1", "-2+3", "<r>a</r>", "＝1+1", "＋1", "－1", "＠x"]
)
@pytest.mark.parametrize("genre", [Genre.CSV, Genre.XLSX])
def test_t24_un_texte_n_est_jamais_rendu_comme_une_formule(texte: str, genre: Genre) -> None:
    tableau = Tableau((texte,), pl.DataFrame({"0": [texte]}), lu(CSV).lignes[:1], genre)
    rendu = ecrire(tableau, [(texte, pl.Series([texte]))])
    if genre is Genre.XLSX:
        assert feuilles(rendu)["Lignes"] == [[f"'{texte}"] * 2] * 2
    else:
        entete, ligne = pl.read_csv(rendu, separator=";", has_header=False, quote_char='"').rows()
        assert {*entete, *ligne} == {f"'{texte}"}


@pytest.mark.parametrize("nombre", ["-12,5", "+3", "-1 200.50", "-5 %"])
def test_un_nombre_signe_reste_un_nombre(nombre: str) -> None:
    assert rendu_csv(f"nom;mois;h\nA;04/2026;{nombre}\n")[1] == f"A;04/2026;{nombre}"


# --- Un classeur ---


def un_classeur() -> bytes:
    def remplir(fait: Any, feuille: Any) -> None:
        for colonne, valeur, format_ in ((4, datetime(2026, 5, 15), "dd/mm/yyyy"), (5, 0.8, "0%"), (6, 1.5, "[h]:mm")):  # noqa: DTZ001  # une date de tableur
            feuille.write(1, colonne, valeur, fait.add_format({"num_format": format_}))
        feuille.write_string(2, 7, "0012")

    return classeur({"Paie": [[*ENTETE, "jour", "part", "durée", "matricule"], LIGNE, ["A & <b>"]]}, remplir)


def test_un_classeur_garde_le_genre_de_ses_cases() -> None:
    lignes = feuilles(ecrire(lu(un_classeur()), [("somme", montants("12.34", None))]))["Lignes"]
    assert lignes[0] == [*ENTETE, "jour", "part", "durée", "matricule", "somme"]
    assert lignes[1] == ["Durand", 2000, "04/2026", 70, date(2026, 5, 15), 0.8, "36:00", "", 12.34]
    assert lignes[2] == ["A & <b>", "", "", "", "", "", "", "0012", ""]


def test_un_classeur_rendu_se_renvoie_et_se_relit() -> None:
    recu = lu(un_classeur())
    rendu = lu(ecrire(recu, [], notes=["Une note."]))
    assert rendu.cadre.equals(recu.cadre)
    assert rendu.types is not None
    assert recu.types is not None
    assert rendu.types.equals(recu.types)
    assert rendu.ignores == ("La feuille « À savoir » n'a pas été lue.",)


def test_les_seules_lignes_demandees_d_un_classeur_gardent_leur_genre() -> None:
    tableau = lu(classeur({"Paie": [ENTETE, ["Petit", "2 000", "", "x"], LIGNE]}))
    rendu = feuilles(ecrire(tableau, [("a_corriger", pl.Series(["un", "deux"]))], rangs=[1]))["Lignes"]
    assert rendu[1:] == [[*LIGNE, "deux"]]


def test_ce_qu_il_faut_savoir_est_une_feuille_d_un_classeur() -> None:
    assert feuilles(ecrire(lu(un_classeur()), [], notes=["Un.", "=Deux."]))["À savoir"] == [["Un."], ["'=Deux."]]


def test_un_ods_est_rendu_en_xlsx() -> None:
    contenu = ods(
        f'<table:table table:name="Paie">{textes_ods(*ENTETE)}{textes_ods("A", "1", "2", "3")}</table:table>'
    )
    assert feuilles(ecrire(lu(contenu), []))["Lignes"] == [ENTETE, ["A", "1", "2", "3"]]


def test_les_lignes_d_un_second_lot_sont_a_leur_place() -> None:
    n = LIGNES_PAR_LOT + 1
    tableau = lu(classeur({"Paie": [ENTETE, *([f"S{rang}", 2000, "04/2026", rang] for rang in range(n))]}))
    lignes = feuilles(ecrire(tableau, []))["Lignes"]
    assert lignes[n] == [f"S{n - 1}", 2000, "04/2026", n - 1]


@given(st.lists(st.text(max_size=8), min_size=1, max_size=5))
@settings(max_examples=40)
def test_tout_texte_est_rendu_sans_abimer_le_classeur(textes: list[str]) -> None:
    cadre = pl.DataFrame({"0": pl.Series(textes, dtype=pl.String)})
    tableau = Tableau(("case",), cadre, lu(CSV).lignes, Genre.XLSX)
    assert len(feuilles(ecrire(tableau, [("numero", montants(*("1" for _ in textes)))]))["Lignes"]) == len(textes) + 1


def test_un_texte_plus_long_qu_une_case_est_coupe() -> None:
    tableau = Tableau(("case",), pl.DataFrame({"0": ["a" * 40_000]}), lu(CSV).lignes, Genre.XLSX)
    assert len(feuilles(ecrire(tableau, []))["Lignes"][1][0]) == 32_767
