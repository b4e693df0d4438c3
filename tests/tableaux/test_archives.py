"""Un classeur piégé est refusé sans rien coûter : ce qu'il annonce n'est pas cru, ce qu'il contient est compté."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable

import pytest

from apart.tableaux import archives
from apart.tableaux.archives import ABIME, PIEGE, PROTEGE, TROP_GROS, Archive
from apart.tableaux.classeurs import MAL_RANGE, TROP_DE_FEUILLES
from apart.tableaux.tableau import COLONNES_PERMISES, TROP_DE_COLONNES, FichierRefuse
from tests.tableaux.fabrique import ENTETE, FEUILLE, LIGNE, classeur, feuille_brute, lu, refaire, refus

BON = classeur({"Paie": [ENTETE, LIGNE]})
MIO = 1 << 20


def sur_la_feuille(changer: Callable[[bytes], bytes]) -> bytes:
    return refaire(BON, lambda nom, partie: changer(partie) if nom == FEUILLE else partie)


def declarer(declaration: bytes) -> bytes:
    return sur_la_feuille(lambda partie: partie.replace(b"?>\n", b"?>\n" + declaration, 1))


PIEGES = {
    "colonne": (feuille_brute(b'<row r="5"><c r="XFD5"><v>1</v></c></row>'), TROP_DE_COLONNES),
    "colonnes sans place": (
        feuille_brute(b'<row r="5">' + b"<c><v>1</v></c>" * (COLONNES_PERMISES + 1) + b"</row>"), TROP_DE_COLONNES
    ),
    "apostrophes": (feuille_brute(b"<row r='5'><c\nr = 'XFD5'><v>1</v></c></row>"), TROP_DE_COLONNES),
    "prefixe": (feuille_brute(b'<row><x:c xmlns:x="a" r="XFD5"><v>1</v></x:c></row>'), TROP_DE_COLONNES),
    "entite": (feuille_brute(b'<row><c r="&#88;FD5"><v>1</v></c></row>'), TROP_DE_COLONNES),
    "case deux fois": (feuille_brute(b'<row><c r="A3"><v>1</v></c><c r="A3"><v>2</v></c></row>'), MAL_RANGE),
    "ligne deux fois": (feuille_brute(b'<row r="2"><c r="A2"><v>1</v></c></row>'), MAL_RANGE),
    "texte absent": (feuille_brute(b'<row r="5"><c r="A5" t="s"><v>99</v></c></row>'), ABIME),
    "texte d'avant le premier": (feuille_brute(b'<row r="5"><c r="A5" t="s"><v>-1</v></c></row>'), ABIME),
    "style d'avant le premier": (feuille_brute(b'<row r="5"><c r="A5" s="-1"><v>1</v></c></row>'), ABIME),
    "nombre de Python": (feuille_brute(b'<row r="5"><c r="A5"><v>7_0</v></c></row>'), ABIME),
    "feuille citée deux fois": (
        refaire(classeur({"A": [ENTETE, LIGNE], "B": [ENTETE, LIGNE]}),
                lambda _, partie: partie.replace(b'r:id="rId2"', b'r:id="rId1"')), TROP_DE_FEUILLES
    ),
    "nombre impossible": (feuille_brute(b'<row r="5"><c r="A5"><v>NaN</v></c></row>'), ABIME),
    "jour impossible": (feuille_brute(b'<row r="5"><c r="A5"><v>1e400</v></c></row>'), ABIME),
    "doctype": (declarer(b'<!DOCTYPE a SYSTEM "b">'), PIEGE),
    "entites": (declarer(b'<!DOCTYPE a [<!ENTITY b "bbbbbbbbbb"><!ENTITY c "&b;&b;&b;">]>'), PIEGE),
    "encodage": (sur_la_feuille(lambda partie: partie.replace(b"UTF-8", b"UTF-7")), ABIME),
    "format impossible": (refaire(BON, lambda _, partie: partie.replace(b'numFmtId="0"', b'numFmtId=""')), ABIME),
    "xml coupé": (sur_la_feuille(lambda partie: partie[: len(partie) // 2]), ABIME),
    "profondeur": (feuille_brute(b"<a>" * 200_000 + b"</a>" * 200_000), PIEGE),
    "noms": (feuille_brute(b"".join(b"<n%d/>" % n for n in range(100_000))), PIEGE),
    "balise": (feuille_brute(b'<a b="' + b"x" * (3 * MIO) + b'"/>'), PIEGE),
    "tronqué": (BON[:3_000], ABIME),
    "archive": (b"PK\x05\x06" + b"\0" * 18, "pas un classeur"),
    "xls": (archives.OLE + b"\0" * 600, "ancien format .xls"),
    "mot de passe": (archives.OLE + "EncryptedPackage".encode("utf-16-le"), PROTEGE),
}  # fmt: skip


@pytest.mark.parametrize(("contenu", "phrase"), PIEGES.values(), ids=PIEGES)
def test_un_classeur_piege_est_refuse_avec_une_phrase(contenu: bytes, phrase: str) -> None:
    assert phrase in refus(contenu)


@pytest.mark.menace("T40")
@pytest.mark.parametrize(("borne", "partie"), [("BALISES_PERMISES", b"<a/>"), ("OCTETS_DECOMPRESSES", b" " * 100)])
def test_t40_trop_de_contenu_arrete_la_lecture(monkeypatch: pytest.MonkeyPatch, borne: str, partie: bytes) -> None:
    monkeypatch.setattr(archives, borne, 10_000)
    assert lu(feuille_brute(partie * 10)).cadre.height == 1
    assert refus(feuille_brute(partie * 10_000)) == TROP_GROS


def test_une_case_posee_tres_loin_ne_coute_que_sa_ligne() -> None:
    """312 octets suffisaient à faire réserver un milliard de cases."""
    tableau = lu(feuille_brute(b'<row r="1048576"><c r="A1048576"><v>1</v></c></row>'))
    assert tableau.lignes.tolist() == [2, 1_048_576]


def test_des_dimensions_annoncees_immenses_ne_changent_rien() -> None:
    grand = b'<dimension ref="A1:XFD1048576"/>'
    assert lu(sur_la_feuille(lambda c: c.replace(b'<dimension ref="A1:D2"/>', grand))).cadre.height == 1


def test_une_taille_annoncee_fausse_ne_trompe_pas() -> None:
    contenu = bytearray(BON)
    place = contenu.rfind(FEUILLE.encode()) - 46  # son entrée dans la table de l'archive
    contenu[place + 24 : place + 28] = (10).to_bytes(4, "little")
    assert refus(bytes(contenu)) == ABIME


def test_ce_qui_n_est_pas_lu_n_est_pas_decompresse(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archives, "OCTETS_DECOMPRESSES", MIO)
    assert lu(refaire(BON, ajouts={"xl/media/a.bin": b"\0" * (2 * MIO)})).cadre.height == 1


# --- Linéaire : deux fois plus long, deux fois plus d'événements ---


class Comptee(Archive):
    """Une archive qui compte ce que son analyseur a dû lire, relectures comprises."""

    def __init__(self, partie: bytes) -> None:
        tampon = io.BytesIO()
        with zipfile.ZipFile(tampon, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("a.xml", partie)
        super().__init__(tampon.getvalue())
        self.evenements = 0

    def compter(self) -> int:
        def un(*_: object) -> None:
            self.evenements += 1

        noms = ("sheet", "c", "a")
        try:
            self.lire("a.xml", dict.fromkeys(noms, un), dict.fromkeys(noms, un), un)
        except FichierRefuse:
            self.evenements += 1
        return self.evenements + self.relus


FORMES: dict[str, Callable[[int], bytes]] = {
    "balises": lambda n: b"<r>" + b"<sheet/>" * n + b"</r>",
    "balise jamais fermée": lambda n: b"<r>" + b"<sheet " * n,
    "cases": lambda n: b"<r>" + b'<c r="A1"><v>1</v></c>' * n + b"</r>",
    "balise géante": lambda n: b'<a b="' + b"x" * (40 * n) + b'"/>',
    "attributs": lambda n: b"<a " + b" ".join(b'b%d="1"' % rang for rang in range(n)) + b"/>",
    "texte": lambda n: b"<r>" + b"&amp;" * n + b"</r>",
    "commentaire": lambda n: b"<r><!--" + b"x" * (40 * n) + b"--></r>",
}


@pytest.mark.parametrize("forme", FORMES.values(), ids=FORMES)
def test_deux_fois_plus_long_ne_demande_que_deux_fois_plus(forme: Callable[[int], bytes]) -> None:
    n = 60_000
    assert Comptee(forme(2 * n)).compter() <= 2.2 * Comptee(forme(n)).compter() + 10
