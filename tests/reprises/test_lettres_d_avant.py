"""La lettre de reprise écrite avant les trois places garde la sienne : la première, au nom de sa boîte."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.utils import timezone

from tests.migrations import migrer, schema_remis
from tests.monde import etablissement

pytestmark = pytest.mark.jour
AVANT = ("reprises", "0003_attaques_et_phrases")
APRES = ("reprises", "0004_lettres_par_demandeur")


@pytest.fixture
def _schema_remis(transactional_db: None) -> Iterator[None]:
    with schema_remis():
        yield


@pytest.mark.usefixtures("_schema_remis")
def test_une_lettre_d_avant_a_sa_boite_et_la_premiere_place() -> None:
    ou = etablissement("73282932000074", "Boulangerie du Lac")
    avant = migrer(AVANT)
    reprise = avant.get_model("reprises", "Reprise").objects.create(
        etablissement_id=ou.pk,
        courriel="lea+paie@exemple.fr",
        raison="partie",
        etat="confirmee",
        confirmee_le=timezone.now(),
    )
    avant.get_model("reprises", "Lettre").objects.create(
        etablissement_id=ou.pk, reprise=reprise, adresse="BOULANGERIE\n74000 ANNECY", code_chiffre=b"x"
    )

    lettre = migrer(APRES).get_model("reprises", "Lettre").objects.get()

    assert (lettre.demandeur, lettre.place, lettre.ecartee_par_id) == ("lea@exemple.fr", 1, None)
