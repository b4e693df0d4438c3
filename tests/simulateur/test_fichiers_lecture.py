"""Lire un CSV ou des lignes collées d'où qu'ils viennent ; refuser le reste avec une phrase."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from apart.simulateur.fichiers import textes
from apart.simulateur.fichiers.calcul import calculer
from apart.simulateur.fichiers.lecture import lire
from apart.simulateur.fichiers.tableaux import LIGNES_PERMISES, FichierRefuse

ENTETE = "nom;remuneration;mois;heures"
BON = f"{ENTETE}\nÉlise;2000,50;04/2020;70\nNoël;2500;04/2020;35,5\n"


def refus(contenu: bytes | str) -> str:
    with pytest.raises(FichierRefuse) as leve:
        lire(contenu.encode() if isinstance(contenu, str) else contenu)
    return str(leve.value)


@pytest.mark.parametrize("encodage", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
@pytest.mark.parametrize("saut", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("separateur", [";", "\t"])
def test_l_encodage_les_sauts_et_le_separateur_se_devinent(encodage: str, saut: str, separateur: str) -> None:
    contenu = BON.replace("\n", saut).replace(";", separateur).encode(encodage)
    tableau = lire(contenu)
    assert tableau.cadre.rows() == lire(BON.encode()).cadre.rows()
    assert tableau.cadre.row(0)[0] == "Élise"
    assert tableau.separateur == separateur


def test_la_virgule_separe_quand_les_decimales_ont_un_point_ou_des_guillemets() -> None:
    tableau = lire(b'nom,remuneration,mois,heures\nA,2000.5,04/2020,70\nB,"2000,5",04/2020,70\n')
    assert tableau.cadre["1"].to_list() == ["2000.5", "2000,5"]


def test_la_ligne_sep_d_un_tableur_est_comprise() -> None:
    assert lire(f"sep=;\n{BON}".encode()).cadre.height == 2


@pytest.mark.parametrize(
    "entete",
    ["NOM;Rémunération;Mois;Heures", " nom ; remuneration;MOIS;heures ", "nom;salaire brut;mois;heures chômées"],
)
def test_l_entete_se_reconnait_autrement_ecrit(entete: str) -> None:
    fait = calculer(lire(BON.replace(ENTETE, entete).encode()))
    assert fait.calculees == 2
    assert not fait.tableau.inconnues


def test_les_colonnes_inconnues_restent_a_leur_place() -> None:
    tableau = lire(b"matricule;heures;mois;taux horaire;service\n007;70;04/2020;12;Caisse\n")
    assert tableau.inconnues == ["matricule", "service"]
    assert tableau.cadre.row(0) == ("007", "70", "04/2020", "12", "Caisse")


def test_les_numeros_de_ligne_sont_ceux_du_tableur() -> None:
    tableau = lire(f"{ENTETE}\n\n;;;\nA;2000;04/2020;70\n\nB;x;04/2020;70\n".encode())
    assert tableau.lignes.tolist() == [4, 6]
    assert calculer(tableau).fautives[0].numero == 6


def test_une_case_peut_contenir_un_saut_de_ligne() -> None:
    tableau = lire(f'{ENTETE}\n"A\nB";2000;04/2020;70\nC;2000;04/2020;70\n'.encode())
    assert tableau.cadre["0"].to_list() == ["A\nB", "C"]
    assert tableau.lignes.tolist() == [2, 3]


def test_une_ligne_plus_courte_a_ses_dernieres_cases_vides() -> None:
    """Un tableur tait parfois les séparateurs de fin."""
    fait = calculer(lire(f"{ENTETE}\nA;2000;04/2020\n".encode()))
    assert fait.fautives[0].phrase == "heures : Indiquez les heures non travaillées."


def test_une_ligne_plus_longue_est_a_corriger() -> None:
    fait = calculer(lire(f"{ENTETE}\nA;2000;04/2020;70;;\nB;2;000;04/2020;70\n".encode()))
    assert fait.calculees == 1
    assert "Cette ligne a 5 cases, l'en-tête en a 4" in fait.fautives[0].phrase


@pytest.mark.parametrize(
    ("contenu", "phrase"),
    [
        (b"", "vide"),
        (b"\xef\xbb\xbf\n\n", "vide"),
        (ENTETE, "aucune ligne"),
        (b"%PDF-1.7", "PDF"),
        (b"\x89PNG\r\n", "image"),
        ("<html><table>", "page web"),
        (BON.replace("2500", "25\x0000"), "La ligne 3 contient un caractère nul"),
        (BON.replace("heures", "duree"), "Il manque la colonne « heures »"),
        (BON.replace("remuneration;mois", "a;b"), "Il manque les colonnes « remuneration » (ou « taux_horaire »)"),
        ("a;b\n1;2\n", "ne porte aucun nom de colonne connu"),
        (BON.replace("nom", "Mois"), "Les colonnes A et C s'appellent toutes deux « mois »"),
        (f'{ENTETE}\n"A;2000;04/2020;70\nB;2000;04/2020;70\n', "À la ligne 2, un guillemet est resté ouvert"),
        (";".join(f"c{n}" for n in range(100_000)), "plus de 60 colonnes"),
        (f"{ENTETE}\n" + "A;2000;04/2020;70\n" * (LIGNES_PERMISES + 1), "plus de 100 000 lignes"),
        (f"{ENTETE}\n" + '"A";2000;04/2020;70\n' * (LIGNES_PERMISES + 1), "plus de 100 000 lignes"),
        (b"\x81\x8d\x90" * 50, "ne se lit pas"),
        (b"a" * (20 << 20) + b"a", "dépasse 20 Mio"),
    ],
    ids=range(17),
)
def test_un_fichier_refuse_dit_pourquoi_et_quoi_faire(contenu: bytes | str, phrase: str) -> None:
    assert phrase in refus(contenu)


@pytest.mark.parametrize("case", ["=1+1", "+33", "@SUM(A1)"])
def test_une_formule_est_a_remplacer_par_sa_valeur(case: str) -> None:
    fautive = calculer(lire(f"{ENTETE}\nA;{case};04/2020;70\n".encode())).fautives[0]
    assert fautive.phrase == "remuneration : Cette case contient une formule : remplacez-la par sa valeur."


def test_trop_de_lignes_a_corriger_disent_la_faute_commune() -> None:
    with pytest.raises(FichierRefuse, match=r"Plus de 5000 lignes sont à revoir.*À la ligne 2 : mois"):
        calculer(lire((f"{ENTETE}\n" + "A;2000;avril;70\n" * 6_000).encode()))


def test_le_mois_d_un_tableur_se_lit() -> None:
    for mois in ("avr-20", "avr.-20", "avril 2020", "AVRIL-2020", "2020-04-01", "01/04/2020", "4/2020", "2020-04"):
        assert calculer(lire(f"{ENTETE}\nA;2000;{mois};70\n".encode())).calculees == 1, mois


cases = st.text(st.sampled_from('ab 1;"\n,é'), max_size=6)


@given(st.lists(st.lists(cases, min_size=4, max_size=4), min_size=1, max_size=8))
@settings(max_examples=300)
def test_lire_d_un_trait_ou_ligne_a_ligne_donne_la_meme_chose(lignes: list[list[str]]) -> None:
    """Le lecteur rapide n'accepte que ce qu'il lit comme le lecteur de Python."""
    contenu = (f"{ENTETE}\n" + "\n".join(";".join(ligne) for ligne in lignes) + "\n").encode()
    entete = ENTETE.split(";")
    try:
        vite = textes._d_un_trait(contenu, len(ENTETE) + 1, entete, ";")
        surement = textes._ligne_a_ligne(contenu, entete, ";")
    except FichierRefuse:
        return
    if vite is not None:
        assert vite.cadre.rows() == surement.cadre.rows()
        assert vite.lignes.tolist() == surement.lignes.tolist()
