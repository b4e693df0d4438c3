"""Lire un CSV ou des lignes collées d'où qu'ils viennent ; refuser le reste avec une phrase."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from apart.tableaux.lecture import lire
from apart.tableaux.tableau import COLONNES_PERMISES, LIGNES_PERMISES, FichierRefuse
from tests.tableaux.fabrique import lu, refus

ENTETE = "nom;remuneration;mois;heures"
BON = f"{ENTETE}\nRémi;2000,50;04/2020;70\nNoël;2500;04/2020;35,5\n"
CASES = [("Rémi", "2000,50", "04/2020", "70"), ("Noël", "2500", "04/2020", "35,5")]


@pytest.mark.parametrize(
    "encodage", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252", "mac_roman", "cp850"]
)
@pytest.mark.parametrize("saut", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("separateur", [";", "\t", "|"])
def test_l_encodage_les_sauts_et_le_separateur_se_devinent(encodage: str, saut: str, separateur: str) -> None:
    tableau = lu(BON.replace("\n", saut).replace(";", separateur).encode(encodage))
    assert tableau.cadre.rows() == CASES
    assert tableau.separateur == separateur


def test_la_virgule_separe_quand_les_decimales_ont_un_point_ou_des_guillemets() -> None:
    tableau = lu('nom,remuneration,mois,heures\nA,2000.5,04/2020,70\nB,"2000,5",04/2020,70\n')
    assert tableau.cadre["1"].to_list() == ["2000.5", "2000,5"]


def test_plus_de_virgules_decimales_que_de_separateurs_ne_trompent_pas() -> None:
    tableau = lu("nom;remuneration;heures\n" + "1,5;2,5;3,5\n" * 40)
    assert tableau.separateur == ";"
    assert tableau.cadre.row(0) == ("1,5", "2,5", "3,5")


def test_un_point_virgule_dans_un_texte_ne_separe_pas() -> None:
    assert lu("nom,mois,heures\nA ; B,04/2026,7\n" + "C,04/2026,7\n" * 5).cadre.row(0) == ("A ; B", "04/2026", "7")


@pytest.mark.parametrize(("marque", "separateur"), [("sep=;\n", ";"), ("SEP=|\n", "|"), ("sep=;;;\n", ";")])
def test_la_ligne_sep_d_un_tableur_est_comprise(marque: str, separateur: str) -> None:
    tableau = lu(marque + BON.replace(";", separateur))
    assert tableau.cadre.rows() == CASES
    assert tableau.lignes.tolist() == [2, 3]  # un tableur ne montre pas cette ligne


def test_une_ligne_sep_absurde_n_est_qu_une_ligne() -> None:
    assert lu(f"sep=€\n{BON}").cadre.rows() == CASES


def test_les_numeros_de_ligne_sont_ceux_du_tableur() -> None:
    assert lu(f"\n{ENTETE}\n\n;;;\nA;2000;04/2020;70\n\nB;x;04/2020;70\n").lignes.tolist() == [5, 7]


def test_une_case_peut_contenir_un_saut_de_ligne() -> None:
    tableau = lu(f'{ENTETE}\n"A\nB";2000;04/2020;70\nC;2000;04/2020;70\n')
    assert tableau.cadre["0"].to_list() == ["A\nB", "C"]
    assert tableau.lignes.tolist() == [2, 3]


def test_un_guillemet_ouvert_au_milieu_d_une_case_n_est_qu_un_signe() -> None:
    assert lu(f'{ENTETE}\nÉcran 24";2000;04/2020;70\n').cadre["0"].to_list() == ['Écran 24"']


def test_une_ligne_plus_courte_a_ses_dernieres_cases_vides() -> None:
    """Un tableur tait parfois les séparateurs de fin."""
    tableau = lu(f"{ENTETE}\nA;2000;04/2020\n")
    assert tableau.cadre.row(0) == ("A", "2000", "04/2020", None)
    assert not tableau.refus


def test_une_ligne_plus_longue_est_mal_formee_elle_seule() -> None:
    tableau = lu(f"{ENTETE}\nA;2000;04/2020;70;;\nB;2;000;04/2020;70\n")
    assert list(tableau.refus) == [1]
    assert "Cette ligne a 5 cases, l'en-tête en a 4" in tableau.refus[1]


@pytest.mark.menace("T40")
@pytest.mark.parametrize(
    ("contenu", "phrase"),
    [
        (b"", "vide"),
        (b"\xef\xbb\xbf\n\n;;\n", "vide"),
        (ENTETE, "aucune ligne"),
        (b"%PDF-1.7", "PDF"),
        (b"\x89PNG\r\n", "image"),
        ("<html><table>", "page web"),
        (BON.replace("2500", "25\x0000"), "La ligne 3 contient un signe qu'un tableur n'écrit pas"),
        (f'{ENTETE}\nA;1;2;3\n"B;2000;04/2020;70\nC;2000;04/2020;70\n', "À la ligne 3, un guillemet est resté ouvert"),
        (f'{ENTETE}\nA;1;2;3\n"' + "a" * 200_000, "À la ligne 3, un guillemet est resté ouvert"),
        (";".join(f"c{n}" for n in range(COLONNES_PERMISES + 1)) + "\n1;2", "plus de 60 colonnes"),
        (f"{ENTETE}\n" + "A;2000;04/2020;70\n" * (LIGNES_PERMISES + 1), "plus de 100 000 lignes"),
        (f"{ENTETE}\n" + "A;2000;04/2020;70\n" * (LIGNES_PERMISES + 50), "plus de 100 000 lignes"),
        (b"\x01\x02\x03" * 50, "ne se lit pas"),
        (b"a" * (20 << 20) + b"a", "dépasse 20 Mo"),
    ],
    ids=range(14),
)
def test_t40_un_fichier_refuse_dit_pourquoi_et_quoi_faire(contenu: bytes | str, phrase: str) -> None:
    assert phrase in refus(contenu)


def test_cent_mille_lignes_et_soixante_colonnes_sont_permises() -> None:
    assert lu(f"{ENTETE}\n" + "A;2000;04/2020;70\n" * LIGNES_PERMISES).cadre.height == LIGNES_PERMISES
    assert lu(";".join(f"c{n}" for n in range(COLONNES_PERMISES)) + "\n1;2").cadre.width == COLONNES_PERMISES


def test_trop_de_colonnes_est_dit_avant_de_chercher_l_en_tete() -> None:
    vus: list[int] = []

    def reconnues(cases: Sequence[str]) -> int:
        vus.append(len(cases))
        return 0

    with pytest.raises(FichierRefuse, match="60 colonnes"):
        lire((";".join(f"c{rang}" for rang in range(5_000)) + "\n1;2\n").encode(), reconnues)
    assert vus == []


def test_une_case_qui_en_avale_une_autre_est_une_faute_de_sa_ligne() -> None:
    tableau = lu('nom;remuneration;heures\nA;2000;70\n"B;2000;70\nC";2000;70\n')
    assert list(tableau.refus) == [1]
    assert "deux guillemets" in tableau.refus[1]
