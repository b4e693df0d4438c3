"""Ce qu'un mandataire annonce ne fait pas d'un visiteur plusieurs."""

from __future__ import annotations

import pytest
from django.test import RequestFactory
from pytest_django.fixtures import Settings

from apart.socle.limites import adresse_ip, reseau_de
from apart.socle.reseau import lire


@pytest.mark.parametrize(
    ("annoncee", "adresse"),
    [
        ("192.0.2.7", "192.0.2.7"),
        (" 192.0.2.7:40001 ", "192.0.2.7"),
        ("[2001:db8:1::1]:40001", "2001:db8:1::1"),
        ("[2001:db8:1::1]", "2001:db8:1::1"),
        ("2001:db8:1::1", "2001:db8:1::1"),
        ("fe80::1%eth0", "fe80::1"),
        ("unknown", ""),
        ("_cache", ""),
        ("192.0.2.7:40001:1", ""),
        ("", ""),
    ],
)
def test_une_adresse_annoncee_se_lit_sans_son_port(annoncee: str, adresse: str) -> None:
    assert lire(annoncee) == adresse


@pytest.mark.menace("T7")
def test_t7_ni_le_port_ni_un_texte_quelconque_ne_font_un_autre_visiteur(settings: Settings) -> None:
    settings.MANDATAIRES_DE_CONFIANCE = 1
    annonces = ["[2001:db8:1::{0}]:{0}", "9.9.9.9:{0}", "x{0}", "1.1.1.1, x{0}"]
    vus = [
        {reseau_de(RequestFactory().get("/", headers={"X-Forwarded-For": a.format(n)})) for n in range(1, 30)}
        for a in annonces
    ]
    assert vus == [{"2001:db8:1::"}, {"9.9.9.9"}, {"127.0.0.1"}, {"127.0.0.1"}]


@pytest.mark.menace("T7")
def test_t7_sans_mandataire_rien_d_annonce_n_est_cru(settings: Settings) -> None:
    settings.MANDATAIRES_DE_CONFIANCE = 0
    assert adresse_ip(RequestFactory().get("/", headers={"X-Forwarded-For": "9.9.9.9"})) == "127.0.0.1"
