"""Chaque champ où l'on tape passe par le lecteur commun (socle.saisies), d'un bout à l'autre du site."""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module
from pkgutil import walk_packages

import pytest
from django import forms
from django.core.exceptions import ValidationError

import apart
from apart.socle.formulaires import ChampLu, ChampTexte, Formulaire

# Un mot de passe a ses propres formes (comptes.motdepasse) ; un tableau collé est lu case à case (tableaux.cellules).
A_PART = {"mot_de_passe", "password", "actuel", "colle"}


def formulaires() -> Iterator[type[Formulaire]]:
    for module in walk_packages(apart.__path__, "apart."):
        if ".forms" in module.name or module.name.endswith(("formulaires", "filtre", "anti_robot")):
            import_module(module.name)
    vus: list[type[Formulaire]] = [Formulaire]
    for classe in vus:
        vus += [fille for fille in classe.__subclasses__() if fille not in vus]
        if classe.__module__.startswith("apart."):
            yield classe


def champs_tapes() -> Iterator[tuple[str, forms.Field]]:
    for classe in formulaires():
        for nom, champ in classe.base_fields.items():
            est_tape = isinstance(champ, forms.CharField) and not isinstance(champ, forms.UUIDField)
            if est_tape and not champ.widget.is_hidden and nom not in A_PART:
                yield f"{classe.__name__}.{nom}", champ


TAPES = dict(champs_tapes())


def test_la_liste_des_champs_n_est_pas_vide() -> None:
    assert len(TAPES) > 50


@pytest.mark.parametrize("nom", TAPES)
def test_un_champ_ou_l_on_tape_est_lu_par_le_lecteur_commun(nom: str) -> None:
    assert isinstance(TAPES[nom], (ChampLu, ChampTexte)), f"{nom} lit seul ce que l'on tape"


@pytest.mark.parametrize("nom", [nom for nom, champ in TAPES.items() if champ.required])
@pytest.mark.parametrize("tape", ["\u200b", "\u00a0\u202e", "\u3164", " \ufe0f\n"])
def test_un_champ_ou_l_on_ne_voit_rien_est_vide(nom: str, tape: str) -> None:
    with pytest.raises(ValidationError) as refus:
        TAPES[nom].clean(tape)
    assert refus.value.code == "required"
