"""Chaque champ requis de chaque formulaire dit, dans les mots de la personne, ce qu'il attend."""

import re
from typing import Any

import pytest
from django import forms
from django.contrib.auth.models import AnonymousUser
from django.test import RequestFactory

from apart.etablissements.forms.creation import CreationEspace
from apart.etablissements.forms.ouverture import ChoixAcces
from apart.socle.formulaires import Formulaire
from tests.test_formulaires import formulaires

# « Indiquez la ville. » : un verbe qui dit quoi faire, puis la chose, et rien qui vaille pour n'importe quel champ.
PHRASE = re.compile(r"(?:Indiquez|Choisissez|Tapez|Cochez|Écrivez|Donnez) (?:\S+ )+\S+\.|Tapez le code\.")
PASSE_PARTOUT = re.compile(r"\b(?:ce|cette|un|une) (?:champ|réponse|case|zone|valeur)\b(?! pour)", re.IGNORECASE)


def phrase(champ: forms.Field) -> str:
    return str(champ.error_messages["required"])


def manque_de(champs: dict[str, forms.Field]) -> dict[str, str]:
    """Ce que chaque champ requis et visible dit quand il est vide."""
    return {nom: phrase(champ) for nom, champ in champs.items() if champ.required and not champ.widget.is_hidden}


def fautes(champs: dict[str, forms.Field]) -> list[str]:
    return [
        f"{nom} : {dit}"
        for nom, dit in manque_de(champs).items()
        if not PHRASE.fullmatch(dit) or PASSE_PARTOUT.search(dit)
    ]


@pytest.mark.parametrize("formulaire", sorted(set(formulaires()), key=str))
def test_chaque_champ_requis_a_sa_phrase(formulaire: type[Formulaire]) -> None:
    assert not fautes(formulaire.base_fields)


@pytest.mark.parametrize("formulaire", sorted(set(formulaires()), key=str))
def test_deux_champs_d_une_page_ne_disent_pas_la_meme_phrase(formulaire: type[Formulaire]) -> None:
    """« Ce champ est à remplir. » huit fois sur une page ne dit rien de ce qui manque."""
    dites = list(manque_de(formulaire.base_fields).values())
    assert len(dites) == len(set(dites))


@pytest.mark.parametrize("formulaire", [CreationEspace, ChoixAcces])
def test_un_champ_qu_un_reglage_rend_requis_a_aussi_la_sienne(formulaire: type[Formulaire], settings: Any) -> None:
    settings.QUESTION_SECRETE = "obligatoire"
    requete = RequestFactory().get("/")
    requete.user = AnonymousUser()
    options: dict[str, Any] = {"request": requete} if formulaire is CreationEspace else {}
    champs = formulaire(**options).fields
    assert champs["question"].required
    assert not fautes(champs)


def test_la_regle_voit_une_phrase_passe_partout() -> None:
    for dit in ("Ce champ est obligatoire.", "Ce champ est à remplir.", "Indiquez ce champ ici.", "À remplir.", ""):
        champ = forms.CharField(error_messages={"required": dit})
        assert fautes({"essai": champ}), dit
