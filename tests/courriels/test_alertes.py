"""Une part anormale de courriels qui ne passent pas se voit : au bureau, au journal, à « apart check »."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.test import Client

from apart.courriels.alertes import alerte, courriels_passent
from apart.courriels.models import Courriel, Sort
from apart.courriels.taches import avertir
from tests.comptes.fabriques import agent, lu
from tests.courriels.conftest import avis

pytestmark = [pytest.mark.django_db, pytest.mark.jour]
MIDI = datetime(2026, 11, 23, 11, 0, tzinfo=UTC)


def messages(nombre: int, *, il_y_a: timedelta, chez: str = "exemple.fr", **champs: object) -> None:
    for n in range(nombre):
        courriel = avis(f"personne{n}@{chez}")
        Courriel.objects.filter(pk=courriel.pk).update(cree_le=MIDI - il_y_a, **champs)


def remis(nombre: int, *, il_y_a: timedelta) -> None:
    messages(nombre, il_y_a=il_y_a, sort=Sort.REMIS, remis_le=MIDI, secrets=b"")


RECENT, AVANT = timedelta(minutes=20), timedelta(hours=3)


@pytest.mark.parametrize("sort", [Sort.DIFFERE, Sort.REFUSE, Sort.REBONDI, Sort.INCERTAIN, Sort.PERIME])
def test_un_message_sur_quatre_qui_ne_passe_pas_fait_une_alerte(sort: Sort) -> None:
    remis(30, il_y_a=RECENT)
    messages(9, il_y_a=RECENT, chez="orange.fr", sort=sort)
    assert alerte(MIDI) == ""
    messages(1, il_y_a=RECENT, chez="orange.fr", sort=sort)
    assert alerte(MIDI).replace("\N{NO-BREAK SPACE}", " ") == (
        "Depuis une heure, 10 courriels sur 40 (25 %) sont différés ou refusés, contre 0 % les six heures d'avant ; "
        "d'abord chez orange.fr (10). Les réponses des serveurs sont dans le journal."
    )


def test_une_part_faible_mais_double_de_la_veille_fait_une_alerte_et_la_meme_qu_avant_n_en_fait_pas() -> None:
    remis(90, il_y_a=RECENT)
    messages(10, il_y_a=RECENT, sort=Sort.REFUSE)
    assert alerte(MIDI)
    remis(45, il_y_a=AVANT)
    messages(5, il_y_a=AVANT, sort=Sort.REFUSE)
    assert alerte(MIDI) == ""


def test_un_message_qui_n_a_pas_encore_ete_essaye_n_est_pas_en_peine_mais_notre_panne_l_est() -> None:
    messages(20, il_y_a=RECENT)
    assert alerte(MIDI) == ""
    Courriel.objects.update(reponse="Serveur injoignable : 111")
    assert alerte(MIDI)


def test_l_alerte_se_lit_au_bureau_au_journal_et_a_apart_check(
    client: Client, caplog: pytest.LogCaptureFixture
) -> None:
    with time_machine.travel(MIDI, tick=False):
        messages(10, il_y_a=RECENT, chez="orange.fr", sort=Sort.REFUSE)
        client.force_login(agent())
        assert "d'abord chez orange.fr (10)" in lu(client.get("/agents/assistance/"))
        avertir(0)
        assert "d'abord chez orange.fr" in caplog.text
        assert [message.id for message in courriels_passent(databases=["default"])] == ["apart.W020"]
        assert courriels_passent(databases=None) == []
