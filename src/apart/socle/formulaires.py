"""Base de tous les formulaires, et champs qui disent en une phrase ce qu'il faut corriger."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django import forms

from apart.socle import saisies


class Formulaire(forms.Form):
    """Rendu par composants/_formulaire.html et composants/_champ.html (DSFR), résumé des manques compris."""

    required_css_class = "requis"
    use_required_attribute = False  # les phrases sont les nôtres, pas celles du navigateur


class ChampLu(forms.CharField):
    """Un champ texte lu par une fonction de socle.saisies, qui le normalise ou explique ce qui manque."""

    lire: Callable[[str], str] = staticmethod(str)

    def __init__(self, **options: Any) -> None:
        options.setdefault("max_length", 254)
        super().__init__(**options)

    def clean(self, value: Any) -> str:
        texte = super().clean(value)
        return type(self).lire(texte) if texte else texte


class ChampSiret(ChampLu):
    lire = staticmethod(saisies.siret)


class ChampTelephone(ChampLu):
    lire = staticmethod(saisies.telephone)


class ChampCodePostal(ChampLu):
    lire = staticmethod(saisies.code_postal)


class ChampCourriel(ChampLu):
    lire = staticmethod(saisies.courriel)
    widget = forms.EmailInput
