"""Les numéros de téléphone que les gens tapent, en France, outre-mer et ailleurs."""

from __future__ import annotations

import pytest
from django.core.exceptions import ValidationError
from hypothesis import given
from hypothesis import strategies as st

from apart.socle import telephones
from tests.socle.test_saisies import lu_ou_rien, refus


@pytest.mark.parametrize(
    ("tape", "garde"),
    [
        ("01 02 03 04 05", "+33102030405"),
        ("06.12.34.56.78", "+33612345678"),
        ("01/42/03/04/05", "+33142030405"),
        ("+33 (0)1 42 03 04 05", "+33142030405"),
        ("0033142030405", "+33142030405"),
        ("142030405", "+33142030405"),
        ("０１４２０３０４０５", "+33142030405"),
        ("01\u202f42\u00a003\u200b04 05\n", "+33142030405"),
        ("0976 01 23 45", "+33976012345"),
        ("0800 12 34 56", "+33800123456"),
        ("0590 27 12 34", "+590590271234"),  # Guadeloupe, Saint-Barthélemy, Saint-Martin
        ("0690 00 12 34", "+590690001234"),
        ("0594 10 12 34", "+594594101234"),  # Guyane
        ("0694 20 12 34", "+594694201234"),
        ("0596 30 12 34", "+596596301234"),  # Martinique : existe aussi en métropole
        ("0696 20 12 34", "+596696201234"),
        ("0262 20 12 34", "+262262201234"),  # La Réunion
        ("0692 12 34 56", "+262692123456"),
        ("0269 61 12 34", "+262269611234"),  # Mayotte : existe aussi en métropole
        ("0639 01 23 45", "+262639012345"),
        ("0508 41 12 34", "+508411234"),  # Saint-Pierre-et-Miquelon
        ("+508 41 12 34", "+508411234"),
        ("+687 26 12 34", "+687261234"),  # Nouvelle-Calédonie
        ("+681 72 12 34", "+681721234"),  # Wallis-et-Futuna
        ("40 41 23 45", "+68940412345"),  # Polynésie française
        ("+689 87 12 34 56", "+68987123456"),
        ("+33 262 61 23 45", "+262262612345"),  # composé comme en métropole, indicatif de la métropole devant
        ("0033 262 61 23 45", "+262262612345"),
        ("+33 (0)6 92 12 34 56", "+262692123456"),
        ("+33 1 02 03 04 05", "+33102030405"),
        ("+377 93 15 22 22", "+37793152222"),  # Monaco
        ("+41 22 730 51 11", "+41227305111"),
        ("0049 30 901820", "+4930901820"),
        ("+1 (202) 555-0123", "+12025550123"),
        ("tel:+33-1-02-03-04-05", "+33102030405"),
        ("01 02 03 04 05 poste 12", "+33102030405;ext=12"),
        ("01 02 03 04 05 (Poste : 12)", "+33102030405;ext=12"),
        ("01.02.03.04.05, ext. 4012", "+33102030405;ext=4012"),
        ("+41 22 730 51 11 interne 7", "+41227305111;ext=7"),
        ("3646", "3646"),
        ("36 46", "3646"),
        ("0709 00 12 34", "+590709001234"),  # les mobiles d'outre-mer par tranches de 07
        ("+33 7 09 00 12 34", "+590709001234"),
        ("07 09 31 12 34", "+594709311234"),
        ("33612345678", "+33612345678"),
        ("(+33) 1 02 03 04 05", "+33102030405"),
    ],
)
def test_les_telephones_de_tous_les_territoires(tape: str, garde: str) -> None:
    assert telephones.telephone(tape) == garde
    assert telephones.telephone(telephones.telephone_lisible(garde)) == garde


def test_un_numero_a_six_chiffres_demande_son_indicatif() -> None:
    refuse = refus(telephones.telephone, "41 12 34")
    assert refuse.code == "indicatif"
    assert "+508" in refuse.messages[0]


@pytest.mark.parametrize(
    "tape",
    [
        "", "12", "01 02 03 04", "01 02 03 04 05 06", "00 00 00 00 00", "+41 22 730 51", "+1 202 555 01234",
        "+999 12 34 56",
        "0142CAFE05", "appelez le 0142030405", "0142030405 / 0142030406", "0142030405 poste", "poste 12",
        "0142030405 poste 12 13",
        "112", "15", "4646", "3646 poste 12", "+3646", "+33+102030405", "0102030405+", "٠١٤٢٠٣٠٤٠٥",
        "+" * 40, "1" * 5000,
    ],
)  # fmt: skip
def test_un_telephone_faux_est_refuse_avec_un_exemple(tape: str) -> None:
    assert "Exemples : 01 02 03 04 05, ou" in refus(telephones.telephone, tape).messages[0]


@given(st.integers(10_000_000, 59_999_999), st.data())
def test_un_telephone_se_lit_quels_que_soient_ses_espaces(numero: int, donnees: st.DataObject) -> None:
    national = f"0{donnees.draw(st.sampled_from('67'))}{numero:08d}"
    try:
        attendu = telephones.telephone(national)
    except ValidationError:
        return
    espaces = st.sampled_from(["", " ", ".", "-", "\u00a0", "/"])
    tape = "".join(chiffre + donnees.draw(espaces) for chiffre in national[:-1]) + national[-1]
    assert telephones.telephone(tape) == attendu
    assert telephones.telephone(attendu) == attendu


@given(st.text(max_size=40) | st.from_regex(r"[0-9+(). /-]{4,20}", fullmatch=True))
def test_n_importe_quel_texte_donne_un_telephone_stable_ou_une_phrase(texte: str) -> None:
    lu = lu_ou_rien(telephones.telephone, texte)
    if lu is not None:
        assert telephones.telephone(lu) == lu


@pytest.mark.parametrize(
    ("garde", "lisible"),
    [
        ("+33102030405;ext=12", "01 02 03 04 05 poste 12"),
        ("+262262612345", "0262 61 23 45"),
        ("+41227305111", "+41 22 730 51 11"),
        ("3646", "3646"),
    ],
)
def test_un_numero_se_relit_comme_on_le_compose(garde: str, lisible: str) -> None:
    assert telephones.telephone_lisible(garde) == lisible
