"""Le JSON d'ailleurs : ce qui ne pourrait s'écrire dans aucune réponse se refuse en entrant, à sa place."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apart.socle.lecture_json import JsonRefuse, Prudent, lire_json


def accorder(texte: str) -> str:
    """Deux moitiés qui se suivent sont un signe."""
    return texte.encode("utf-16", "surrogatepass").decode("utf-16", "surrogatepass")


SIGNES = st.text(st.characters(exclude_categories=())).map(accorder)  # moitiés seules comprises
DOCUMENTS = st.recursive(SIGNES, lambda autres: st.lists(autres) | st.dictionaries(SIGNES, autres), max_leaves=5)


@given(DOCUMENTS, st.booleans())
def test_ce_qui_est_lu_s_ecrit(document: object, strict: bool) -> None:
    """json.dumps échappe chaque signe : ce sont les moitiés, et elles seules, qui se refusent."""
    try:
        json.dumps(document, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        with pytest.raises(JsonRefuse, match="signe coupé en deux"):
            lire_json(json.dumps(document).encode(), strict=strict)
    else:
        assert lire_json(json.dumps(document).encode(), strict=strict) == document


def test_la_place_d_une_moitie_est_dite() -> None:
    with pytest.raises(JsonRefuse) as refus:
        lire_json(b'{"juste": "\\\\ud800 \\ud83d\\ude00",\n "\\uDFFF": 1}', strict=True)
    assert (refus.value.ligne, refus.value.colonne) == (2, 3)


@pytest.mark.parametrize("texte", ["[" * 100_000, "9" * 5_000, '"\\ud800"', "{"], ids=range(4))
def test_un_decodeur_prudent_ne_leve_que_ce_que_django_attend(texte: str) -> None:
    with pytest.raises(json.JSONDecodeError):
        json.loads(texte, cls=Prudent)
