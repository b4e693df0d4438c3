"""Le nom d'un établissement : son unité légale, puis son enseigne quand elle dit autre chose."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apart.etablissements.models import Coordonnees
from apart.repertoire.models import Fiche, Unite


def nom(unite: str | None, enseigne: str) -> str:
    return Fiche(unite=None if unite is None else Unite(denomination=unite), enseigne=enseigne).denomination


@pytest.mark.parametrize(
    ("unite", "enseigne", "attendu"),
    [
        ("COMMUNE DE NANTES", "MAIRIE", "COMMUNE DE NANTES, enseigne MAIRIE"),
        (
            "REGIE AUTONOME DES TRANSPORTS PARISIENS",
            "GARE RER B",
            "REGIE AUTONOME DES TRANSPORTS PARISIENS, enseigne GARE RER B",
        ),
        ("LA POSTE", "", "LA POSTE"),
        ("LA POSTE", "LA POSTE", "LA POSTE"),
        ("LA POSTE", "La Poste.", "LA POSTE"),
        ("SKEMA  BUSINESS SCHOOL", "SKEMA", "SKEMA  BUSINESS SCHOOL"),
        ("BOULANGERIE PERE & FILS SARL", "Boulangerie Père et Fils", "BOULANGERIE PERE & FILS SARL"),
        ("BOULANGERIE PERE SARL", "Boulangerie Père", "BOULANGERIE PERE SARL"),
        ("DURANDAL", "DURAND", "DURANDAL, enseigne DURAND"),  # un mot entier, pas un bout de mot
        ("MARIE DURAND", "DURAND MARIE", "MARIE DURAND, enseigne DURAND MARIE"),
        ("DURAND", "BOULANGERIE DURAND", "DURAND, enseigne BOULANGERIE DURAND"),
        ("DURAND", "- * -", "DURAND"),
        ("", "CHEZ LEA", "CHEZ LEA"),  # unité masquée
        (None, "CHEZ LEA", "CHEZ LEA"),  # absente du fichier
        ("", "", ""),
        (None, "", ""),
        ("МОСТ", "Мост", "МОСТ"),
    ],
)  # fmt: skip
def test_le_nom_se_compose_de_l_unite_et_de_l_enseigne(unite: str | None, enseigne: str, attendu: str) -> None:
    assert nom(unite, enseigne) == attendu


def test_le_plus_long_nom_de_l_insee_tient_dans_la_colonne() -> None:
    """120 signes pour une dénomination d'unité, 100 pour la dénomination usuelle d'un établissement."""
    largeur = Coordonnees._meta.get_field("denomination").max_length
    assert len(nom("A" * 120, "B" * 100)) <= (largeur or 0)


@given(st.text(max_size=30), st.text(max_size=30))
def test_un_nom_commence_par_l_unite_et_ne_la_repete_pas(unite: str, enseigne: str) -> None:
    assert nom(unite, enseigne).startswith(unite)
    assert nom(unite, unite) == unite
