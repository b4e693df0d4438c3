"""Le département d'une adresse : de lui dépend quel service est compétent."""

import pytest

from apart.repertoire.adresses import departement


@pytest.mark.parametrize(
    ("code_postal", "code_commune", "attendu"),
    [
        ("44000", "44109", "44"),
        ("92158", "", "92"),  # un Cedex
        ("20000", "2A004", "2A"),
        ("20200", "", "2B"),
        ("20190", "", "2A"),
        ("97400", "97411", "974"),
        ("98713", "", "987"),
        ("98000", "99138", ""),  # Monaco est hors de France
        ("98000", "", ""),
        ("01200", "74001", "74"),  # le code postal déborde : la commune décide
        ("", "", ""),
        ("SW1A 1AA", "", ""),
    ],
)
def test_le_code_de_la_commune_decide_sinon_le_code_postal(code_postal: str, code_commune: str, attendu: str) -> None:
    assert departement(code_postal, code_commune) == attendu
