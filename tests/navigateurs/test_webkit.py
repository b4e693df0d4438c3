"""Les cas 1, 2.2 et 3 de la note dans WebKit, le moteur de Safari et de tous les iPhone : les mêmes histoires."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from tests.boite import Boite
from tests.navigateurs import webkit
from tests.navigateurs.gestes import Parcours
from tests.navigateurs.test_cas_1 import test_cas_1_d_un_siret_a_un_espace_ouvert as test_cas_1
from tests.navigateurs.test_cas_1 import test_cas_1_une_faute_ne_fait_rien_perdre as test_cas_1_une_faute
from tests.navigateurs.test_cas_2 import marie as marie
from tests.navigateurs.test_cas_2 import test_cas_2_2_identifiant_oublie as test_cas_2_2_identifiant
from tests.navigateurs.test_cas_2 import test_cas_2_2_mot_de_passe_oublie as test_cas_2_2_mot_de_passe
from tests.navigateurs.test_cas_3 import test_cas_3_le_code_de_secours_remplace_le_courriel as test_cas_3_le_code
from tests.navigateurs.test_cas_3 import test_cas_3_le_serveur_de_l_entreprise_bloque_et_l_agent_le_voit as test_cas_3

__all__ = [
    "test_cas_1", "test_cas_1_une_faute", "test_cas_2_2_identifiant", "test_cas_2_2_mot_de_passe", "test_cas_3",
    "test_cas_3_le_code",
]  # fmt: skip


@dataclass
class ParcoursWebKit(Parcours):
    """Le courriel s'ouvre dans un autre profil du même navigateur."""

    def ailleurs(self) -> Any:
        return self.ouvrir()


@pytest.fixture(scope="session")
def affichage() -> Iterator[str]:
    assert webkit.programme(), "WebKit est absent : make test-webkit l'installe"
    with webkit.ecran() as affichage:
        yield affichage


@pytest.fixture
def parcours(affichage: str, serveur: str, boite: Boite) -> Iterator[Parcours]:
    pages: list[webkit.PageWebKit] = []

    def ouvrir(*_: object, **__: object) -> Any:
        pages.append(webkit.ouvrir(affichage, serveur))
        return pages[-1]

    yield ParcoursWebKit(ouvrir, boite, "chromium", javascript=True)
    for page in pages:
        page.session.fermer()
