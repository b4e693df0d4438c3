"""Un document s'imprime toujours, quoi qu'on y ait tapé et quelles que soient les polices de la machine."""

from __future__ import annotations

import io
import unicodedata
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pypdf import PdfReader

from apart.socle.impression import ABSENTS, REMPLACES, SEULS, composer

GABARIT = """\
#let d = json(bytes(sys.inputs.donnees))
#set document(title: "Essai")
#set text(lang: "fr", font: "Libertinus Serif")
= Essai
#for t in d.textes [#t #strong(t)\n\n]
#d.remplaces
"""
ECRITURES = st.text(max_size=40) | st.text(st.characters(max_codepoint=0x2FFF), max_size=40)


@pytest.fixture(scope="module")
def gabarit(tmp_path_factory: pytest.TempPathFactory) -> Path:
    fichier = tmp_path_factory.mktemp("typst") / "essai.typ"
    fichier.write_text(GABARIT)
    return fichier


def imprime(gabarit: Path, *textes: str) -> str:
    document = PdfReader(io.BytesIO(composer(gabarit, {"textes": textes})))
    return " ".join(" ".join(page.extract_text() for page in document.pages).split())


def test_chaque_signe_promis_est_dans_les_polices_de_typst(gabarit: Path) -> None:
    promis = [
        signe
        for signe in map(chr, range(0xFFFF))
        if not ABSENTS.match(signe) and unicodedata.category(signe) not in SEULS
    ]
    assert len(promis) > 2_000
    assert "signes tapés" not in imprime(gabarit, *promis)


@pytest.mark.parametrize("texte", ["Léa Müller, 35 €", "Αθήνα", "Москва", "Nguyễn", "Nguye\u0302\u0303n", "½ ≤ →"])
def test_une_lettre_latine_grecque_ou_cyrillique_reste(gabarit: Path, texte: str) -> None:
    lu = imprime(gabarit, texte)
    assert unicodedata.normalize("NFKC", texte) in unicodedata.normalize("NFKC", lu)
    assert "▯" not in lu


@pytest.mark.parametrize(
    "signe", ["李", "ก", "\u0600", "\x08", "\x07", "\x1b", "\x00", "\ufffe", "\U0010ffff", "😀", "م", "҃", "\ue000"]
)
def test_un_signe_que_les_polices_n_ont_pas_se_remplace_et_se_dit(gabarit: Path, signe: str) -> None:
    lu = imprime(gabarit, f"Jean {signe} Durand")
    assert "Jean ▯ Durand" in lu
    assert REMPLACES[:40] in lu


def test_ce_qui_ne_se_voit_pas_s_ote_sans_rien_dire(gabarit: Path) -> None:
    lu = imprime(gabarit, "Jean\u200b Du\u00adrand\ufeff")
    assert "Jean Durand" in lu
    assert "▯" not in lu


@settings(max_examples=150, deadline=None)
@given(st.lists(ECRITURES, min_size=1, max_size=6))
def test_quoi_qu_on_tape_le_document_se_fait(gabarit: Path, textes: list[str]) -> None:
    assert composer(gabarit, {"textes": textes}).startswith(b"%PDF")
