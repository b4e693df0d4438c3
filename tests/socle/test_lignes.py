"""Ce que l'on voit, et rien d'autre : toutes les catégories d'Unicode passées au lecteur des lignes et des textes."""

from __future__ import annotations

import sys
import unicodedata
from collections.abc import Callable

import pytest
import regex
from django.core.exceptions import ValidationError
from hypothesis import given
from hypothesis import strategies as st

from apart.comptes import identifiant
from apart.socle import saisies

TOUS = [chr(code) for code in range(sys.maxunicode + 1)]
ASSIGNES = [signe for signe in TOUS if unicodedata.category(signe) != "Cn"]
SANS_DESSIN = regex.compile(r"\p{Default_Ignorable_Code_Point}")
TEXTES = st.text(
    st.characters() | st.sampled_from("\u200b\u2066\u202e\ufe0f\u3164\u00a0\u00b4 \n²e\u0301"), max_size=20
)


def est_invisible(signe: str) -> bool:
    return unicodedata.category(signe) in {"Cf", "Cs", "Cc", "Zl", "Zp"} or SANS_DESSIN.match(signe) is not None


def test_chaque_signe_assigne_seul_est_rendu_ou_n_est_rien() -> None:
    for signe in ASSIGNES:
        lue = saisies.ligne(signe)
        assert not any(map(est_invisible, lue)), f"U+{ord(signe):04X} laisse un signe invisible"
        assert lue == lue.strip()
        if est_invisible(signe) or signe.isspace():
            assert not lue, f"U+{ord(signe):04X}, invisible, est lu {lue!r}"
        elif signe != "\u2800":  # le braille sans point
            assert lue, f"U+{ord(signe):04X}, visible, n'est pas lu"


def test_chaque_signe_invisible_ne_change_pas_le_mot_qu_il_traverse() -> None:
    for signe in filter(est_invisible, ASSIGNES):
        attendu = "Ma rie" if saisies.visible(signe) == " " else "Marie"
        assert saisies.ligne(f"Ma{signe}rie") == attendu, f"U+{ord(signe):04X}"


def test_chaque_tiret_et_chaque_espace_se_saute_dans_un_code() -> None:
    separateurs = [s for s in ASSIGNES if unicodedata.category(s) in {"Pd", "Zs", "Zl", "Zp", "Cf", "Cc"}]
    assert len(separateurs) > 200
    for signe in separateurs:
        assert saisies.siret(f"732{signe}82932000074") == "73282932000074", f"U+{ord(signe):04X}"
        assert identifiant.normaliser(f"k7mp{signe}2qxv") == "K7MP2QXV", f"U+{ord(signe):04X}"


@given(TEXTES)
def test_une_ligne_lue_se_relit_la_meme(texte: str) -> None:
    lue = saisies.ligne(texte)
    assert saisies.ligne(lue) == lue
    assert "\n" not in lue


@given(TEXTES)
def test_un_texte_lu_se_relit_le_meme_et_garde_ses_lignes(texte: str) -> None:
    lu = saisies.paragraphes(texte)
    assert saisies.paragraphes(lu) == lu
    assert bool(lu) is bool(saisies.ligne(texte))
    assert not {"\u202e", "\u2066", "\u200b"} & set(lu)


@pytest.mark.parametrize(
    ("tape", "lu"),
    [
        ("  Marie\u00a0\tDurand\n", "Marie Durand"),
        ("\u200b", ""),
        ("\u3164\u2800", ""),
        ("Marie\u202eDurand", "MarieDurand"),
        ("ＭＡＲＩＥ", "MARIE"),
        ("cafe\u0301", "café"),
        ("e\u200d\u0301", "é"),
        ("l´Étoile", "l'Étoile"),
        ("L’Étoile", "L’Étoile"),
        ("10²", "10²"),
        ("n° 3½", "n° 3½"),
        ("ﬁn", "fin"),
    ],
)
def test_une_ligne_est_celle_que_l_on_voit(tape: str, lu: str) -> None:
    assert saisies.ligne(tape) == lu


@pytest.mark.parametrize(
    ("tape", "lu"),
    [
        ("Bonjour,\r\n\r\nmerci.\r\n", "Bonjour,\n\nmerci."),
        ("10 m² à 50 %\tpar mois", "10 m² à 50 % par mois"),
        ("bravo ❤️ 👩‍🔧", "bravo ❤️ 👩‍🔧"),
        ("می‌خواهم", "می‌خواهم"),  # le persan sépare par un signe de largeur nulle
        ("\u202etexte\u202c", "texte"),
        ("\u200d\ufe0f\n\u200b", ""),
    ],
)
def test_un_texte_libre_reste_comme_on_l_a_tape(tape: str, lu: str) -> None:
    assert saisies.paragraphes(tape) == lu


@pytest.mark.parametrize("tape", [".", "-", "\u0301", "« »", "☺"])
def test_un_nom_a_une_lettre_ou_un_chiffre(tape: str) -> None:
    with pytest.raises(ValidationError):
        saisies.nommable(tape)


@pytest.mark.parametrize("lire", [saisies.ligne, saisies.paragraphes, saisies.compact])
def test_un_texte_long_ne_coute_que_sa_longueur(lire: Callable[[str], str]) -> None:
    """Le même travail par signe à n et à 8 n : des signes qui se composent, s'ignorent et se suivent."""
    motif = "e\u0301\u200b\u00a0²½\ufe0f\n\u202e"
    assert len(lire(motif * 8_000)) == pytest.approx(8 * len(lire(motif * 1_000)), rel=0.01)
