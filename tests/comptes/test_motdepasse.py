"""Ce qu'un mot de passe doit être, et rien de plus."""

from __future__ import annotations

import pytest
from django.core.exceptions import ValidationError
from hypothesis import given
from hypothesis import strategies as st

from apart.comptes import motdepasse
from apart.comptes.forms.mot_de_passe import ChoixMotDePasse


def refus(mot_de_passe: str, *mots: str) -> str | None:
    try:
        motdepasse.verifier(mot_de_passe, mots=mots)
    except ValidationError as refuse:
        return refuse.code
    return None


@pytest.mark.parametrize(
    "mot_de_passe",
    [
        "les vaches paissent au bord du lac",
        "girafe marteau lenteur orage",
        "ouistitiquatorzemarmelades",
        "kx7vq2mzt9bdwh4",
        " deux espaces autour de moi ",
        "Un été où l'œuf fêlé gît là",
        "密码很长但是没有人能猜到它的内容吧",
        "z" + "xkqjvhwbfgpmd" * 4,
    ],
)
def test_une_phrase_ou_un_tirage_au_hasard_conviennent(mot_de_passe: str) -> None:
    assert refus(mot_de_passe) is None


@pytest.mark.parametrize(
    ("mot_de_passe", "raison"),
    [
        ("azertyuiop12345", "suite"),
        ("AzertyUiop12345", "suite"),
        ("qwertyuiopasdfg", "suite"),
        ("123456789012345", "suite"),
        ("abcdefghijklmnop", "suite"),
        ("poiuytreza98765", "suite"),
        ("1aqw2zsx3edc4rfv", "suite"),
        ("aaaaaaaaaaaaaaaa", "repetition"),
        ("abababababababab", "repetition"),
        ("aaaabbbbccccdddd", "repetition"),
        ("k7mk7mk7mk7mk7mk7m", "repetition"),
        ("motdepasse2024!", "courant"),
        ("M0tDeP@sse2024!!", "courant"),
        ("bonjourbonjour1", "repetition"),
        ("doudouchouchou12", "repetition"),
        ("sunshineprincess", "courant"),
        ("ActivitePartielle1", "contexte"),
        ("activitépartielle2026", "contexte"),
    ],
)
def test_ce_qu_un_attaquant_essaie_en_premier_est_refuse(mot_de_passe: str, raison: str) -> None:
    assert refus(mot_de_passe) == raison


@pytest.mark.parametrize(
    "mot_de_passe",
    [
        "Boulangerie Durand!",
        "73282932000074ab",
        "marie.durand@boulangerie",
        "K7MP2QXVK7MP2QXV7",
        "bnp paribas bnp paribas",
    ],
)
def test_le_nom_le_siret_l_adresse_et_l_identifiant_sont_refuses(mot_de_passe: str) -> None:
    connu = [
        "Durand",
        "Marie",
        "BOULANGERIE DURAND SARL",
        "73282932000074",
        "K7MP2QXV",
        "marie.durand@boulangerie.fr",
        "BNP PARIBAS",
    ]

    assert refus(mot_de_passe, *connu) in {"contexte", "repetition"}


def test_la_longueur_va_de_15_a_128_signes() -> None:
    assert refus("vqzmhxkwbjdtpf") == "court"
    assert refus("vqzmhxkwbjdtpfg") is None
    assert refus("vqzmhxkwbjdtpfg" * 8 + "lacsneuf") is None
    assert refus("vqzmhxkwbjdtpfg" * 8 + "lacsneufs") == "long"


def test_aucune_composition_n_est_exigee() -> None:
    """ASVS 6.2.5 : vingt minuscules conviennent."""
    assert refus("vqzmhxkwbjdtpfgnlcrs") is None


@given(st.text(min_size=0, max_size=200))
def test_tout_texte_recoit_une_reponse_et_une_phrase(mot_de_passe: str) -> None:
    form = ChoixMotDePasse({"mot_de_passe": mot_de_passe})

    assert form.is_valid() or all(len(str(phrase)) > 15 for phrase in form.errors["mot_de_passe"])


def test_les_espaces_autour_du_mot_de_passe_sont_gardes() -> None:
    form = ChoixMotDePasse({"mot_de_passe": "  girafe marteau lenteur orage "})

    assert form.is_valid()
    assert form.cleaned_data["mot_de_passe"] == "  girafe marteau lenteur orage "


def test_la_phrase_de_refus_dit_combien_de_signes_manquent() -> None:
    form = ChoixMotDePasse({"mot_de_passe": "court"})

    assert "a 5 signes, il en faut 15 au moins" in str(form.errors["mot_de_passe"][0])


def test_la_longueur_se_compte_sur_la_forme_que_l_on_garde() -> None:
    assert refus("e\u0301" * 14) == "court"
