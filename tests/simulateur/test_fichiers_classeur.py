"""Lire et rendre un classeur .xlsx : les cases et leur genre, et tout ce qu'un classeur peut avoir de piégé."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable
from datetime import date, datetime
from typing import Any

import polars as pl
import pytest
import xlsxwriter
from python_calamine import CalamineWorkbook

from apart.simulateur.fichiers import archives, ecriture, modele
from apart.simulateur.fichiers.calcul import calculer
from apart.simulateur.fichiers.lecture import lire
from apart.simulateur.fichiers.tableaux import FichierRefuse

ENTETE = ["nom", "remuneration", "mois", "heures"]
FEUILLE = "xl/worksheets/sheet1.xml"
FIN = b"</sheetData>"
MIO = 1 << 20


def classeur(remplir: Callable[[Any, Any], None], entete: list[str] | None = None) -> bytes:
    tampon = io.BytesIO()
    fait = xlsxwriter.Workbook(tampon)
    feuille = fait.add_worksheet("Paie")
    feuille.write_row(0, 0, entete or ENTETE)
    remplir(fait, feuille)
    fait.close()
    return tampon.getvalue()


def refaire(changer: Callable[[str, bytes], bytes], **ajouts: bytes) -> bytes:
    """Le modèle, ses parties changées."""
    tampon = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(modele.en_classeur())) as origine,
        zipfile.ZipFile(tampon, "w", zipfile.ZIP_DEFLATED) as copie,
    ):
        for nom in origine.namelist():
            copie.writestr(nom, changer(nom, origine.read(nom)))
        for nom, contenu in ajouts.items():
            copie.writestr(nom, contenu)
    return tampon.getvalue()


def avec(case: bytes) -> bytes:
    return refaire(lambda nom, contenu: contenu.replace(FIN, case + FIN) if nom == FEUILLE else contenu)


def refus(contenu: bytes) -> str:
    with pytest.raises(FichierRefuse) as leve:
        lire(contenu)
    return str(leve.value)


def test_chaque_genre_de_case_se_lit() -> None:
    def remplir(fait: Any, feuille: Any) -> None:
        jour, duree = fait.add_format({"num_format": "dd/mm/yyyy"}), fait.add_format({"num_format": "[h]:mm"})
        feuille.write_row(1, 0, ["A", 1850.5])
        feuille.write_datetime(1, 2, datetime(2020, 4, 1), jour)  # noqa: DTZ001  # une date de tableur
        feuille.write_number(1, 3, 31.5 / 24, duree)
        feuille.write_row(2, 0, ["B", 2000, "04/2020"])
        feuille.write_formula(2, 3, "=100/3", None, 100 / 3)

    tableau = lire(classeur(remplir))
    assert tableau.cadre.rows() == [("A", "1850.5", "2020-04-01", "31:30"), ("B", "2000", "04/2020", "33.3333333333")]
    assert calculer(tableau).calculees == 2


def test_une_formule_sans_valeur_ou_fautive_est_a_corriger() -> None:
    def remplir(fait: Any, feuille: Any) -> None:
        feuille.write_row(1, 0, ["A", 2000, "04/2020"])
        feuille.write_formula(1, 3, "=D9", None, "")
        feuille.write_row(2, 0, ["B"])
        feuille.write_formula(2, 1, "=1/0", None, "#DIV/0!")
        feuille.write_row(2, 2, ["04/2020", 70])

    fautives = calculer(lire(classeur(remplir))).fautives
    assert [(f.numero, f.fautes[0].champ) for f in fautives] == [(2, "heures"), (3, "remuneration")]
    assert all("formule : remplacez-la par sa valeur" in f.phrase for f in fautives)


def test_des_cases_fusionnees_sont_a_defusionner() -> None:
    contenu = classeur(lambda _, feuille: feuille.merge_range("C2:C3", "04/2020"))
    assert "Les cases C2 à C3 sont fusionnées" in refus(contenu)


def test_le_tableau_peut_etre_decale_ou_sur_une_autre_feuille() -> None:
    tampon = io.BytesIO()
    fait = xlsxwriter.Workbook(tampon)
    fait.add_worksheet("Notes").write_string(0, 0, "Paie d'avril")
    feuille = fait.add_worksheet("Paie")
    feuille.write_row(3, 2, ENTETE)
    feuille.write_row(4, 2, ["A", 2000, "04/2020", "x"])
    fait.close()
    assert calculer(lire(tampon.getvalue())).fautives[0].numero == 5


PIEGES = {
    "colonne": (avec(b'<row r="5"><c r="XFD5"><v>1</v></c></row>'), "plus de 60 colonnes"),
    "ligne": (avec(b'<row r="900000"><c r="A900000"><v>1</v></c></row>'), "plus de 100 000 lignes"),
    "apostrophes": (avec(b"<row r='900000'><c r='A900000'><v>1</v></c></row>"), "plus de 100 000 lignes"),
    "espaces": (avec(b'<row><c\nr = "XFD5"><v>1</v></c></row>'), "plus de 60 colonnes"),
    "prefixe": (avec(b'<row><x:c xmlns:x="a" r="XFD5"><v>1</v></x:c></row>'), "plus de 60 colonnes"),
    "leurre": (avec(b'<row><c t=\' r="A1" \' s="0" ><v>1</v></c></row>'), "ne dit pas où sont ses cases"),
    "entites": (avec(b'<row><c r="&#88;FD5"><v>1</v></c></row>'), "ne dit pas où sont ses cases"),
    "sans place": (avec(b"<row>" + b"<c/>" * 20_000 + b"</row>"), "ne dit pas où sont ses cases"),
    "autre partie": (refaire(lambda _, c: c, **{"xl/autre.xml": b'<c r="XFD5"/>'}), "plus de 60 colonnes"),
    "doctype": (
        refaire(lambda nom, c: c.replace(b"?>\n", b'?>\n<!DOCTYPE a SYSTEM "b">', 1) if nom == FEUILLE else c),
        "DOCTYPE",
    ),
    "bombe": (refaire(lambda _, c: c, **{"xl/media/a.bin": b"\0" * (210 * MIO)}), "dépasse 200 Mio"),
    "parties": (refaire(lambda _, c: c, **{f"xl/{n}": b"" for n in range(600)}), "parties"),
    "tronque": (modele.en_classeur()[:5_000], "abîmé"),
    "xml coupé": (refaire(lambda nom, c: c[: len(c) // 2] if nom == FEUILLE else c), "ne se lit pas"),
    "vide": (b"PK\x05\x06" + b"\0" * 18, "pas un classeur"),
    "xls": (archives.OLE + b"\0" * 600, "ancien format .xls"),
    "mot de passe": (archives.OLE + "EncryptedPackage".encode("utf-16-le"), "protégé par un mot de passe"),
}


@pytest.mark.parametrize(("contenu", "phrase"), PIEGES.values(), ids=PIEGES)
def test_un_classeur_piege_est_refuse_avec_une_phrase(contenu: bytes, phrase: str) -> None:
    assert phrase in refus(contenu)


def test_une_taille_annoncee_fausse_ne_trompe_pas() -> None:
    contenu = bytearray(PIEGES["bombe"][0])
    place = contenu.rfind(b"xl/media/a.bin") - 46
    contenu[place + 24 : place + 28] = (10).to_bytes(4, "little")
    assert "dépasse 200 Mio" in refus(bytes(contenu))


def test_des_dimensions_annoncees_immenses_ne_changent_rien() -> None:
    dimension = re.compile(rb'<dimension ref="[^"]*"/>')
    grand = b'<dimension ref="A1:XFD1048576"/>'
    assert lire(refaire(lambda nom, c: dimension.sub(grand, c) if nom == FEUILLE else c)).cadre.height == 2


def rendre() -> bytes:
    def remplir(fait: Any, feuille: Any) -> None:
        jour = fait.add_format({"num_format": "dd/mm/yyyy"})
        feuille.write_row(1, 0, ["A & <b>", 2000.5])
        feuille.write_datetime(1, 2, datetime(2020, 4, 1), jour)  # noqa: DTZ001  # une date de tableur
        feuille.write_row(1, 3, [70])
        feuille.write_string(1, 4, "=1+1")
        feuille.write_row(2, 0, ["B", 2000, "04/2020", "x"])
        feuille.write_string(2, 4, "0012")

    return classeur(remplir, [*ENTETE, "service"])


def test_les_resultats_gardent_le_genre_des_cases() -> None:
    rendu = ecriture.resultats(calculer(lire(rendre())))
    lignes = CalamineWorkbook.from_filelike(io.BytesIO(rendu)).get_sheet_by_index(0).to_python()
    assert lignes[0][:6] == [*ENTETE, "service", "indemnite_horaire"]
    assert lignes[1][:10] == ["A & <b>", 2000.5, date(2020, 4, 1), 70, "'=1+1", 9.23, 9.23, 70, 646.1, 646.1]
    assert lignes[2][4:6] == ["0012", ""]
    assert "« x » n'est pas un nombre" in str(lignes[2][-1])
    assert lire(rendu).entetes == (*ENTETE, "service")  # renvoyé, il reprend ses seules colonnes


def test_les_lignes_a_corriger_se_renvoient() -> None:
    calcul = calculer(lire(ecriture.a_corriger(calculer(lire(rendre())))))
    assert [f.numero for f in calcul.fautives] == [2]
    assert calcul.tableau.entetes == (*ENTETE, "service")


@pytest.mark.menace("T24")
@pytest.mark.parametrize("texte", ["=HYPERLINK(1)", "@SUM(1)", "+a", "-a", "\ta", "=1"])
def test_t24_un_texte_n_est_jamais_rendu_comme_une_formule(texte: str) -> None:
    csv = f'nom;remuneration;mois;heures;{texte.strip()}\nA;2000;04/2020;70;"{texte}"\n'
    rendu = ecriture.resultats(calculer(lire(csv.encode()))).decode("utf-8-sig")
    entete, ligne = rendu.splitlines()[:2]
    assert entete.split(";")[4].strip('"')[0] == "'" or texte[0] == "\t"
    assert ligne.split(";")[4].strip('"') == f"'{texte}"


def test_un_nombre_negatif_reste_un_nombre() -> None:
    csv = b"nom;remuneration;mois;heures;ecart\nA;2000;04/2020;70;-12,5\n"
    assert ";70;-12,5;" in ecriture.resultats(calculer(lire(csv))).decode()


def test_le_modele_explique_chaque_colonne() -> None:
    colonnes = pl.read_excel(modele.en_classeur(), sheet_name="Colonnes")
    assert colonnes["Colonne"].to_list()[:3] == ["nom", "effectif", "remuneration"]
    assert not calculer(lire(modele.en_classeur())).fautives
