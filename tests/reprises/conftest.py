"""La boulangerie que Marie tient, sur une lettre : là où commencent les essais des attaquants."""

from __future__ import annotations

import pytest

from apart.comptes.models import Utilisateur
from apart.etablissements.models import Etablissement
from tests.reprises.attaques import MARIE
from tests.reprises.gens import boulangerie, tenir


@pytest.fixture
def ou() -> Etablissement:
    ouverte = boulangerie()
    tenir(ouverte)
    return ouverte


@pytest.fixture
def marie(ou: Etablissement) -> Utilisateur:
    return Utilisateur.objects.get(courriel=MARIE)
