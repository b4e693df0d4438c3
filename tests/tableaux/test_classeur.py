"""Lire un classeur .xlsx : chaque genre de case, ce que dit sa mise en forme, ce que taisent ses fusions."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest

from apart.tableaux.tableau import DATE, NOMBRE, POURCENT, TEXTE
from tests.tableaux.fabrique import ENTETE, FEUILLE, LIGNE, classeur, feuille_brute, lu, refaire, refus

JOUR = datetime(2026, 5, 15)  # noqa: DTZ001  # une date de tableur


def rendue(valeur: Any, format_: str = "General") -> tuple[str | None, int]:
    """Comment se lit une case de cette valeur, sous ce format."""

    def remplir(fait: Any, feuille: Any) -> None:
        feuille.write(1, 4, valeur, fait.add_format({"num_format": format_}))

    tableau = lu(classeur({"Paie": [[*ENTETE, "case"], LIGNE]}, remplir))
    assert tableau.types is not None
    return tableau.cadre["4"][0], tableau.types["4"][0]


@pytest.mark.parametrize(
    ("valeur", "format_", "texte", "genre"),
    [
        (1850.5, "General", "1850.5", NOMBRE),
        (2000.0, "0.00", "2000", NOMBRE),
        (0.1 + 0.2, "General", "0.3", NOMBRE),
        (-7, '# ##0,00 "jours"', "-7", NOMBRE),
        (0.3125, "General", "0.3125", NOMBRE),
        (0.8, "0%", "80 %", POURCENT),
        (0.845, "0.0\\ %", "84.5 %", POURCENT),
        (0.07, "[Red]0.00%", "7 %", POURCENT),
        (JOUR, "dd/mm/yyyy", "2026-05-15", DATE),
        (JOUR, "mmm-yy", "2026-05-15", DATE),
        (JOUR, "[$-40C]d mmmm yyyy;@", "2026-05-15", DATE),
        (JOUR.replace(hour=7), "dd/mm/yyyy hh:mm", "2026-05-15 07:00:00", TEXTE),
        (31.5 / 24, "[h]:mm", "31:30", TEXTE),
        (0.3125, "h:mm", "7:30", TEXTE),
        (31.5 / 24, "h:mm", "1899-12-31 07:30:00", TEXTE),  # montré « 7:30 » : ni l'un ni l'autre ne se devine
        ("  ", "General", None, TEXTE),
        ("A & <b>", "General", "A & <b>", TEXTE),
        (True, "General", "oui", TEXTE),
        ("=B2/2", "0.00", "0", NOMBRE),
    ],
    ids=range(19),
)
def test_une_case_est_lue_pour_ce_qu_elle_montre(valeur: Any, format_: str, texte: str | None, genre: int) -> None:
    assert rendue(valeur, format_) == (texte, genre)


@pytest.mark.parametrize(
    ("xml", "texte"),
    [
        (b'<c r="B3"><f>A1</f></c>', "=?"),
        (b'<c r="B3"><f>A1</f><v></v></c>', "=?"),
        (b'<c r="B3" t="e"><f>1/0</f><v>#DIV/0!</v></c>', "=?"),
        (b'<c r="B3" t="str"><f>IF(A1="","",1)</f><v></v></c>', None),
        (b'<c r="B3" t="str"><f>A1</f><v>avril</v></c>', "avril"),
        (b'<c r="B3" t="inlineStr"><is><r><t>av</t></r><r><t>ril</t></r></is></c>', "avril"),
        (b'<c r="B3" t="d"><v>2026-05-15</v></c>', "2026-05-15"),
        (b'<c r="B3" t="str"><v>a_x0041_</v></c>', "aA"),
        (b'<c r="B3" t="str"><v>_xD800_</v></c>', "_xD800_"),  # la moitié d'un signe ne s'écrirait plus nulle part
        (b'<c r="B3" t="str"><v>_xdfff_</v></c>', "_xdfff_"),
        (b"<c/><c><v>5</v></c>", "5"),  # sans place : à la suite
        (b'<c r="B3"><v>1.5E3</v></c>', "1500"),
    ],
    ids=range(12),
)
def test_une_case_ecrite_autrement_se_lit(xml: bytes, texte: str | None) -> None:
    assert lu(feuille_brute(b'<row r="3">' + xml + b'<c r="D3"><v>1</v></c></row>')).cadre["1"][1] == texte


def test_un_classeur_dont_les_balises_ont_un_prefixe_se_lit() -> None:
    """Certains logiciels de paie écrivent « x:c » où un tableur écrit « c »."""

    def prefixer(nom: str, partie: bytes) -> bytes:
        if nom != FEUILLE:
            return partie
        return partie.replace(b"</", b"</x:").replace(b"<", b"<x:").replace(b"<x:/x:", b"</x:").replace(b"<x:?", b"<?")

    contenu = refaire(classeur({"Paie": [ENTETE, LIGNE]}), prefixer)
    contenu = refaire(contenu, lambda nom, c: c.replace(b"xmlns=", b"xmlns:x=") if nom == FEUILLE else c)
    assert lu(contenu).cadre.rows() == [("Durand", "2000", "04/2026", "70")]


def test_les_dates_d_un_classeur_de_1904_sont_justes() -> None:
    def remplir(fait: Any, feuille: Any) -> None:
        feuille.write_datetime(1, 2, JOUR, fait.add_format({"num_format": "dd/mm/yyyy"}))

    ancien = refaire(
        classeur({"Paie": [ENTETE, LIGNE]}, remplir),
        lambda nom, c: c.replace(b"<workbookPr", b'<workbookPr date1904="1"') if nom == "xl/workbook.xml" else c,
    )
    assert lu(ancien).cadre["2"][0] == "2030-05-16"  # 1 462 jours de plus


def test_le_tableau_peut_etre_decale() -> None:
    tableau = lu(classeur({"Paie": [[], [], ["", "", *ENTETE], ["", "", *LIGNE]]}))
    assert tableau.entetes == ("", "", *ENTETE)
    assert tableau.lignes.tolist() == [4]
    assert tableau.cadre.row(0) == (None, None, "Durand", "2000", "04/2026", "70")


def test_une_colonne_sans_titre_est_rendue_avec_les_autres() -> None:
    tableau = lu(classeur({"Paie": [ENTETE, [*LIGNE, "à revoir"]]}))
    assert tableau.entetes == (*ENTETE, "")
    assert tableau.cadre["4"].to_list() == ["à revoir"]


def test_les_lignes_masquees_sont_lues_et_c_est_dit() -> None:
    contenu = classeur(
        {"Paie": [ENTETE, LIGNE, LIGNE]}, lambda _, feuille: feuille.set_row(2, None, None, {"hidden": 1})
    )
    assert lu(contenu).cadre.height == 2
    assert lu(contenu).ignores == ("Lignes masquées ou filtrées : 1. Elles sont lues comme les autres.",)


# --- Les fusions ---


def fusionner(*places: str, lignes: list[list[Any]] | None = None) -> bytes:
    def remplir(_fait: Any, feuille: Any) -> None:
        for place in places:
            feuille.merge_range(place, "")

    return classeur({"Paie": lignes or [ENTETE, LIGNE, LIGNE]}, remplir)


def test_des_cases_fusionnees_d_une_ligne_a_l_autre_sont_a_defusionner() -> None:
    assert "Les cases C2 à C3 sont fusionnées" in refus(fusionner("C2:C3"))


def test_des_cases_fusionnees_dans_une_ligne_sont_la_faute_de_cette_ligne() -> None:
    tableau = lu(fusionner("C3:D3"))
    assert list(tableau.refus) == [1]
    assert "Les cases C3 à D3 sont fusionnées" in tableau.refus[1]


def test_les_fusions_des_titres_des_totaux_et_des_colonnes_sans_nom_ne_genent_pas() -> None:
    lignes = [["Relevé d'avril"], ENTETE, LIGNE, ["TOTAL", "", "", 70]]

    def remplir(_fait: Any, feuille: Any) -> None:
        feuille.merge_range("A1:D1", "Relevé d'avril")
        feuille.merge_range("A4:C4", "TOTAL")
        feuille.merge_range("F2:G4", "")

    tableau = lu(classeur({"Paie": lignes}, remplir))
    assert tableau.cadre.height == 2
    assert not tableau.refus


def test_un_nombre_trop_grand_pour_une_date_reste_a_lire_dans_sa_ligne() -> None:
    """20260504 au format date : le tableur montre « #### », et le classeur n'est pas abîmé pour autant."""

    def poser(fait: Any, feuille: Any) -> None:
        feuille.write_number(1, 0, 20260504, fait.add_format({"num_format": "dd/mm/yyyy"}))

    tableau = lu(classeur({"Paie": [ENTETE, LIGNE]}, poser))
    assert tableau.cadre["0"].to_list() == ["20260504"]
