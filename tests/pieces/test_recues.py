"""Le nom d'une pièce : celui d'origine, sans rien qui trompe ni qui mène ailleurs, et qui finit par ce qu'elle est."""

from __future__ import annotations

import pytest

from apart.pieces.models import NOM_LE_PLUS_LONG, Sorte
from apart.pieces.recues import examiner, nommer
from tests.pieces.fabriques import PDF, jpeg


@pytest.mark.menace("T23")
@pytest.mark.parametrize(
    ("annonce", "sorte", "nom"),
    [
        ("Kbis.pdf", Sorte.PDF, "Kbis.pdf"),
        ("facture.pdf.exe", Sorte.PDF, "facture.pdf"),
        ("facture.exe.pdf", Sorte.PDF, "facture.exe.pdf"),
        ("../../../etc/passwd", Sorte.PDF, "passwd.pdf"),
        ("C:\\Users\\Marie\\scan.PDF", Sorte.PDF, "scan.pdf"),
        ("photo.png", Sorte.JPEG, "photo.jpg"),
        ("photo.JPEG", Sorte.JPEG, "photo.jpeg"),
        ("page.html", Sorte.PDF, "page.pdf"),
        ("\u202egnp.exe", Sorte.PNG, "gnp.png"),
        ('a"; filename="b.exe', Sorte.PDF, "a-; filename=-b.pdf"),
        ("Lettre n° 3.2", Sorte.PDF, "Lettre n° 3.2.pdf"),
        ("attestation employeur été 2026.pdf", Sorte.PDF, "attestation employeur été 2026.pdf"),
        ("a\r\nSet-Cookie: x=1.pdf", Sorte.PDF, "a Set-Cookie- x=1.pdf"),
        (".pdf", Sorte.PDF, "pdf.pdf"),
        ("", Sorte.PNG, "piece.png"),
        (" . ", Sorte.PNG, "piece.png"),
        ("\u200b", Sorte.PDF, "piece.pdf"),
        ("dossier/", Sorte.PDF, "piece.pdf"),
    ],
)
def test_t23_un_nom_est_remis_au_propre(annonce: str, sorte: Sorte, nom: str) -> None:
    assert nommer(annonce, sorte) == nom


def test_un_nom_sans_fin_est_coupe_et_garde_son_suffixe() -> None:
    nom = nommer("é" * 5_000 + ".pdf", Sorte.PDF)
    assert len(nom) == NOM_LE_PLUS_LONG
    assert nom.endswith("é.pdf")


def test_l_empreinte_est_celle_de_ce_qui_est_garde() -> None:
    assert examiner("a.jpg", jpeg(apres=b"vid\xc3\xa9o")).empreinte == examiner("b.jpg", jpeg()).empreinte
    assert examiner("a.pdf", PDF).empreinte != examiner("a.jpg", jpeg()).empreinte
