"""Une date tapée dans un formulaire se lit comme dans un fichier, par la même lecture, avec les mêmes phrases."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from importlib import import_module
from typing import Any

import pytest
from django import forms
from django.core.exceptions import ValidationError

from apart.administrations.forms import ChampJour
from apart.tableaux.champs import ChampDate, ChampMoment


@pytest.mark.parametrize("champ", [ChampDate(), ChampJour()], ids=["date", "jour d'agent"])
@pytest.mark.parametrize("texte", ["24/11/2026", "24/11/26", "24 novembre 2026", "２４/11/2026", "24/11/2026\u200b"])
@pytest.mark.jour
def test_une_date_se_tape_comme_dans_un_fichier(champ: ChampDate, texte: str) -> None:
    assert champ.clean(texte) == date(2026, 11, 24)


def test_un_moment_est_a_l_heure_de_paris() -> None:
    assert ChampMoment().clean("24 novembre 2026 à 9 h") == datetime(2026, 11, 24, 8, tzinfo=UTC)


@pytest.mark.parametrize("champ", [ChampDate, ChampMoment])
def test_ce_qui_ne_se_voit_pas_n_est_pas_une_date(champ: Any) -> None:
    with pytest.raises(ValidationError, match=r"Indiquez le jour\."):
        champ(manque="Indiquez le jour.").clean("\u200b ")
    assert champ(required=False).clean("\u2066\u2069") is None


@pytest.mark.parametrize("champ", [ChampDate(), ChampJour(), ChampMoment()], ids=["date", "jour", "moment"])
def test_une_date_illisible_a_partout_la_meme_phrase(champ: Any) -> None:
    with pytest.raises(ValidationError, match=r"« mardi » n'est pas une date\. Écrivez-la comme 01/04/2020\."):
        champ.clean("mardi")


def test_aucun_formulaire_ne_lit_une_date_autrement() -> None:
    assert {type(champ) for champ in champs_de_date()} >= {ChampDate, ChampMoment, ChampJour}
    assert [champ for champ in champs_de_date() if not isinstance(champ, ChampDate | ChampMoment)] == []


def champs_de_date() -> Iterator[forms.Field]:
    import_module("apart.config.urls")  # toutes les vues, donc tous les formulaires
    for classe in _formulaires(forms.BaseForm):
        for champ in getattr(classe, "base_fields", {}).values():
            if isinstance(champ, forms.DateField | forms.DateTimeField):
                yield champ


def _formulaires(classe: type[object]) -> Iterator[type[object]]:
    for fille in type.__subclasses__(classe):
        if fille.__module__.startswith("apart."):
            yield fille
        yield from _formulaires(fille)
