"""Les jours et les nombres écrits en français."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from apart.regles.francais import euros, jour_en_lettres, nombre, pourcentage


@pytest.mark.parametrize(
    ("jour", "ecrit"),
    [
        (date(2020, 6, 1), "1er juin 2020"),
        (date(2021, 8, 2), "2 août 2021"),
        (date(2026, 12, 31), "31 décembre 2026"),
    ],
)
def test_un_jour_s_ecrit_en_toutes_lettres(jour: date, ecrit: str) -> None:
    assert jour_en_lettres(jour) == ecrit


@pytest.mark.parametrize(
    ("valeur", "decimales", "ecrit"),
    [
        ("151.67", None, "151,67"),
        ("1607", None, "1\u202f607"),
        ("1234567.5", 2, "1\u202f234\u202f567,50"),
        ("7.175", 2, "7,18"),
        ("7.165", 2, "7,17"),
        ("-1540", None, "-1\u202f540"),
        ("0", 2, "0,00"),
    ],
)
def test_un_nombre_a_sa_virgule_et_ses_milliers(valeur: str, decimales: int | None, ecrit: str) -> None:
    assert nombre(Decimal(valeur), decimales) == ecrit


def test_un_montant_est_au_centime() -> None:
    assert euros(Decimal("8.5")) == "8,50\u00a0€"
    assert euros(Decimal("1539.417")) == "1\u202f539,42\u00a0€"


@pytest.mark.parametrize(
    ("fraction", "ecrit"),
    [
        ("0.36", "36\u00a0%"),
        ("0.0271", "2,71\u00a0%"),
        ("1.00", "100\u00a0%"),
        ("0.9825", "98,25\u00a0%"),
        ("0", "0\u00a0%"),
    ],
)
def test_un_taux_s_ecrit_en_pour_cent(fraction: str, ecrit: str) -> None:
    assert pourcentage(Decimal(fraction)) == ecrit
