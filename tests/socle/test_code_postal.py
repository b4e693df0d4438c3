"""Un code postal se lit d'après le pays : français, ou d'ailleurs ; recopié d'une enveloppe, Cedex compris."""

from __future__ import annotations

from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apart.socle import saisies
from tests.socle.test_saisies import lu_ou_rien, refus


@pytest.mark.parametrize(
    "code",
    [
        "01000",
        "20000",
        "20090",
        "2 0 2 0 0",
        "75116",
        "92158",
        "95999",
        "97133",
        "97150",
        "97500",
        "97600",
        "98000",  # Monaco
        "98600",
        "98713",
        "98800",
    ],
)
def test_les_codes_postaux_de_partout(code: str) -> None:
    assert saisies.code_postal(code) == code.replace(" ", "")


@pytest.mark.parametrize(
    ("tape", "lu"),
    [
        ("92158 CEDEX", "92158"),
        ("92158 Paris La Défense Cedex", "92158"),
        ("75380 PARIS CÉDEX 08", "75380"),
        ("92\u00a0158cedex", "92158"),
        ("\u206692158\u2069", "92158"),
        ("７５０１１", "75011"),
    ],
)
def test_un_code_postal_recopie_d_une_enveloppe_se_lit(tape: str, lu: str) -> None:
    assert saisies.code_postal(tape) == lu


@pytest.mark.parametrize(
    "code",
    ["", "7501", "750111", "2A004", "00100", "96000", "97000", "97900", "98100", "99100", "CEDEX", "921581 CEDEX"],
)
def test_un_code_postal_faux_est_refuse(code: str) -> None:
    assert refus(saisies.code_postal, code).code == "code_postal"


@pytest.mark.parametrize(
    ("tape", "lu"),
    [
        ("20099", "20099"),
        ("6203", "6203"),
        ("ch-6203", "CH-6203"),
        ("CH\u20116203", "CH-6203"),
        ("  sw1a  1aa ", "SW1A 1AA"),
        ("98000", "98000"),
        ("00120", "00120"),  # le Vatican : aucun département ne se cherche hors de France
    ],
)
def test_hors_de_france_le_code_du_pays_est_le_bon(tape: str, lu: str) -> None:
    assert saisies.code_postal(tape, pays="Ailleurs") == lu


@pytest.mark.parametrize("tape", ["7", "1234567890123", "10:115", "<b>12</b>", "-12", "１２é４"])
def test_hors_de_france_ce_qui_n_est_pas_un_code_se_refuse(tape: str) -> None:
    assert refus(partial(saisies.code_postal, pays="Ailleurs"), tape).code == "code_postal"


@given(st.text(max_size=12) | st.from_regex(r"[0-9]{5}", fullmatch=True))
def test_n_importe_quel_texte_donne_un_code_postal_ou_une_phrase(texte: str) -> None:
    lu = lu_ou_rien(saisies.code_postal, texte)
    if lu is not None:
        assert saisies.code_postal(f" {lu[:2]} {lu[2:]}\n") == lu
        assert not lu.startswith(("00", "96", "99"))
    ailleurs = lu_ou_rien(partial(saisies.code_postal, pays="Ailleurs"), texte)
    if ailleurs is not None:
        assert saisies.code_postal(f" {ailleurs.lower()}\n", pays="Ailleurs") == ailleurs
        assert 2 <= len(ailleurs) <= 12


@pytest.mark.parametrize("tape", ["", "  ", "France", "france", " FRANCE\n", "Ｆｒａｎｃｅ", "Fran\u200bce"])
def test_la_france_se_lit_vide(tape: str) -> None:
    assert saisies.pays(tape) == ""


@pytest.mark.parametrize(
    ("tape", "lu"),
    [("Allemagne", "Allemagne"), (" CÔTE  D'IVOIRE ", "CÔTE D'IVOIRE"), ("Ελλάδα", "Ελλάδα"), ("Monaco", "Monaco")],
)
def test_un_pays_reste_comme_il_est_ecrit(tape: str, lu: str) -> None:
    assert saisies.pays(tape) == lu


@pytest.mark.parametrize("tape", ["75011", "caf-9.fr/remb", "Allemagne;", "---", "a@b"])
def test_ce_qui_n_est_pas_un_pays_se_refuse(tape: str) -> None:
    assert refus(saisies.pays, tape).code == "pays"


@given(st.text(max_size=60))
def test_n_importe_quel_texte_donne_un_pays_ou_une_phrase(texte: str) -> None:
    lu = lu_ou_rien(saisies.pays, texte)
    if lu is not None:
        assert saisies.pays(lu) == lu
