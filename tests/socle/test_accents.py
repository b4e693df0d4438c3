"""Normaliser ne coûte que la longueur du texte : une lettre chargée d'accents n'arrête pas le site."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from pathlib import Path
from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

import apart
from apart.comptes import motdepasse, question
from apart.courriels.neutralite import neutre
from apart.simulateur import consultation
from apart.socle import accents, saisies
from apart.tableaux import cellules

RACINE = Path(apart.__file__).parent
PILE = "a" + "\u0301" * 500 + "\u0316" * 500  # deux accents de classes différentes : à ranger


def test_une_seule_porte_normalise() -> None:
    """unicodedata.normalize range par insertion les accents qui se suivent : 64 Kio coûtaient deux secondes."""
    ailleurs = [
        str(fichier.relative_to(RACINE))
        for fichier in RACINE.rglob("*.py")
        if re.search(r"unicodedata\.normalize|import normalize", fichier.read_text()) and fichier.name != "accents.py"
    ]
    assert not ailleurs


@pytest.fixture
def piles(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """La plus longue suite d'accents que reçoit chaque normalisation."""
    recues: list[int] = []
    normalize = unicodedata.normalize

    def noter(forme: Literal["NFC", "NFD", "NFKC", "NFKD"], texte: str) -> str:
        marques = "".join("a" if unicodedata.combining(signe) else " " for signe in texte)
        recues.append(max(map(len, marques.split()), default=0))
        return normalize(forme, texte)

    monkeypatch.setattr(unicodedata, "normalize", noter)
    return recues


@pytest.mark.parametrize(
    "lire",
    [
        saisies.ligne, saisies.paragraphes, saisies.compact, motdepasse.ecritures, motdepasse.faiblesse,
        question.normaliser, consultation.plat, cellules.mots, cellules.court, neutre,
    ],
)  # fmt: skip
def test_une_lettre_chargee_d_accents_ne_se_range_pas(lire: Callable[[str], object], piles: list[int]) -> None:
    lire(PILE)
    assert piles
    assert max(piles) <= accents.ACCENTS_DE_SUITE


@given(st.text(max_size=30))
def test_un_texte_ordinaire_se_normalise_comme_par_python(texte: str) -> None:
    for forme in ("NFC", "NFKC", "NFKD"):
        assert accents.normale(forme, texte) == unicodedata.normalize(forme, texte)


def test_trente_accents_se_gardent_et_pas_un_de_plus() -> None:
    assert accents.normale("NFKD", "q" + "\u0301" * 30) == "q" + "\u0301" * 30
    assert accents.normale("NFKD", "q" + "\u0301" * 31) == "q" + "\u0301" * 30


def test_sans_accents() -> None:
    assert accents.sans_accents("Été à Nœud-Âpre, ﬁn") == "Ete a Nœud-Apre, fin"
