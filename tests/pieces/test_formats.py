"""Le contenu dit ce qu'est une pièce ; ce qui en imite une, ou en cache une autre, est refusé en disant quoi faire."""

from __future__ import annotations

from pathlib import Path

import pytest

from apart.accueil import contrat
from apart.pieces import formats
from apart.pieces.bornes import OCTETS_PERMIS
from apart.pieces.formats import PieceRefusee, verifier
from apart.pieces.models import Sorte
from tests.pieces.fabriques import EICAR, HTML, PDF, SVG, archive, jpeg, morceau, png, segment

RACINE = Path(__file__).resolve().parents[2]


def phrase(contenu: bytes) -> str:
    with pytest.raises(PieceRefusee) as refus:
        verifier(contenu)
    return str(refus.value)


@pytest.mark.parametrize(
    ("contenu", "sorte"),
    [
        (PDF, Sorte.PDF),
        (png(), Sorte.PNG),
        (png(entre=morceau(b"tEXt", b"Auteur\0Marie")), Sorte.PNG),
        (jpeg(), Sorte.JPEG),
        (jpeg(entre=segment(0xE1, b"Exif\0\0" + b"\xff\xd9" * 9)), Sorte.JPEG),
        (jpeg(entre=b"\xff\xff\xff" + segment(0xFE, b"remplissage")[1:]), Sorte.JPEG),
    ],
    ids=["pdf", "png", "png et texte", "jpeg", "jpeg et vignette", "jpeg et remplissage"],
)
def test_une_piece_juste_se_reconnait_et_se_garde_entiere(contenu: bytes, sorte: Sorte) -> None:
    assert verifier(contenu) == (sorte, contenu)


def test_de_vrais_fichiers_passent() -> None:
    assert verifier(contrat.vierge())[0] is Sorte.PDF
    assert verifier((RACINE / "docs/images/accueil.png").read_bytes())[0] is Sorte.PNG


@pytest.mark.menace("T23")
@pytest.mark.parametrize(
    ("contenu", "attendue"),
    [
        (b"", formats.VIDE),
        (PDF + b" " * OCTETS_PERMIS, formats.TROP_LOURD),
        (b"MZ\x90\0", formats.AUTRE),
        (EICAR, formats.AUTRE),
        (b"GIF89a", formats.AUTRE),
        (b"\xef\xbb\xbf" + PDF, formats.AUTRE),
        (archive(), formats.ARCHIVE),
        (b"\0\0\0\x18ftypheic", formats.HEIC),
        (SVG, formats.PAGE),
        (b'<?xml version="1.0"?>\n' + SVG, formats.PAGE),
        (HTML, formats.PAGE),
        (HTML + PDF, formats.PAGE),
    ],
    ids=[
        "vide",
        "trop lourd",
        "exe",
        "eicar",
        "gif",
        "pdf décalé",
        "zip",
        "heic",
        "svg",
        "svg xml",
        "html",
        "html+pdf",
    ],
)
def test_t23_ce_qui_n_est_pas_une_piece_dit_ce_que_c_est_et_quoi_faire(contenu: bytes, attendue: str) -> None:
    assert phrase(contenu) == attendue


@pytest.mark.menace("T23")
@pytest.mark.parametrize(
    "contenu",
    [
        b"%PDF-1.4\n" + HTML + PDF,
        PDF.replace(b"endobj", b"endobj\n<SVG onload=alert(1)>"),
        b"%PDF-1.4\n" + archive() + b"\n%%EOF",
        png(entre=morceau(b"tEXt", b"c\0<script>alert(1)</script>")),
        jpeg(entre=segment(0xFE, b"*/alert(1)/*<script>")),
        jpeg(entre=segment(0xFE, archive())),
    ],
    ids=["pdf et html", "pdf et svg", "pdf et zip", "png et script", "jpeg et script", "jpeg et zip"],
)
def test_t23_un_fichier_de_deux_formats_est_refuse(contenu: bytes) -> None:
    assert phrase(contenu) == formats.MELE


@pytest.mark.menace("T23")
@pytest.mark.parametrize("suite", [HTML, archive(), b"x", HTML * 40], ids=["html", "zip", "un octet", "long html"])
def test_t23_rien_ne_suit_la_fin_d_un_pdf(suite: bytes) -> None:
    assert phrase(PDF + suite) == formats.PDF_ABIME
    assert verifier(PDF + b"\r\n\0 ")[0] is Sorte.PDF


@pytest.mark.menace("T23")
@pytest.mark.parametrize("suite", [HTML, archive(), b"alert(1)//", EICAR], ids=["html", "zip", "js", "eicar"])
def test_t23_ce_qui_suit_la_fin_d_une_image_ne_se_garde_pas(suite: bytes) -> None:
    """Des téléphones y mettent une vidéo : la photo passe, et rien d'autre qu'elle n'est gardé."""
    assert verifier(jpeg(apres=suite)) == (Sorte.JPEG, jpeg())
    assert verifier(png(apres=suite)) == (Sorte.PNG, png())


@pytest.mark.menace("T23")
@pytest.mark.parametrize(
    "contenu", [png(40_000, 1), png(20_000, 20_000), jpeg(65_000, 65_000), jpeg(1, 30_001)], ids=len
)
def test_t23_une_image_immense_est_refusee_sur_son_en_tete(contenu: bytes) -> None:
    """Quelques dizaines d'octets qui, dépliés, prendraient des gibioctets : rien n'est déplié."""
    assert phrase(contenu) == formats.TROP_GRANDE


@pytest.mark.parametrize(
    "contenu",
    [
        png()[:-1],
        png()[:40],
        png().replace(b"IDAT", b"IDAZ"),
        png(0, 5),
        png(entre=morceau(b"IHDR", bytes(13))),
        b"\x89PNG\r\n\x1a\n" + morceau(b"IEND"),
        b"\x89PNG\r\n\x1a\n" + b"\xff" * 12,
        jpeg()[:-2],
        jpeg()[:30],
        jpeg(0, 5),
        b"\xff\xd8\xff\xd9",
        b"\xff\xd8\xff" + b"\xff" * 500,
        jpeg(entre=b"\xff\xd8"),
        jpeg(entre=b"\x00"),
    ],
)
def test_une_image_coupee_ou_abimee_dit_de_l_enregistrer_de_nouveau(contenu: bytes) -> None:
    assert phrase(contenu) == formats.IMAGE_ABIMEE


def test_trop_de_morceaux_est_une_image_abimee() -> None:
    assert phrase(png(entre=morceau(b"tEXt") * formats.MORCEAUX)) == formats.IMAGE_ABIMEE
    assert phrase(jpeg(entre=segment(0xFE, b"") * formats.SEGMENTS)) == formats.IMAGE_ABIMEE


@pytest.mark.parametrize("fin", [b"", b"%%EO", b"%%EOF" + b"\n" * 2_000])
def test_un_pdf_sans_fin_est_refuse(fin: bytes) -> None:
    assert phrase(b"%PDF-1.4\n" + fin) == formats.PDF_ABIME


def test_quatre_octets_du_hasard_ne_font_pas_une_archive() -> None:
    assert verifier(jpeg(entre=segment(0xFE, b"PK\5\6" * 9)))[0] is Sorte.JPEG
