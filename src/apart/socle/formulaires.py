"""Base de tous les formulaires, et champs qui disent en une phrase ce qu'il faut corriger.

Le rendu est dans templates/composants : _resume_erreurs.html (form), _champ.html (champ), _formulaire.html (le tout).
Les champs reçoivent ici leurs classes DSFR et leurs attributs ; Django relie lui-même l'aide et les messages
(aria-describedby, aria-invalid).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from django import forms
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.http import QueryDict

from apart.socle import saisies, telephones

SANS_CLASSE = (forms.CheckboxInput, forms.RadioSelect, forms.CheckboxSelectMultiple, forms.HiddenInput)


class ChampLu(forms.CharField):
    """Une ligne de texte, lue par une fonction de socle.saisies, qui la normalise ou explique ce qui manque.

    Ce qui ne se voit pas est ôté d'abord (saisies.ligne) : un champ où l'on ne voit rien est vide.
    """

    lire: Callable[[str], str] = staticmethod(str)
    attributs: dict[str, str] = {}

    def __init__(self, **options: Any) -> None:
        options.setdefault("max_length", 254)
        super().__init__(**options)

    def widget_attrs(self, widget: forms.Widget) -> dict[str, Any]:
        return {**super().widget_attrs(widget), **self.attributs}

    def to_python(self, value: Any) -> str:
        return saisies.ligne(super().to_python(value) or "")

    def clean(self, value: Any) -> str:
        texte = super().clean(value)
        return type(self).lire(texte) if texte else texte


class ChampLigne(ChampLu):
    """Un nom, une adresse, un motif : une ligne qui dit quelque chose."""

    lire = staticmethod(saisies.nommable)


class ChampTexte(forms.CharField):
    """Un texte de plusieurs lignes, vu comme son auteur le voit (saisies.paragraphes) avant d'être compté."""

    widget = forms.Textarea

    def to_python(self, value: Any) -> str:
        return saisies.paragraphes(super().to_python(value) or "")


class ChampSiret(ChampLu):
    """Pas de longueur maximale à la frappe : un numéro collé avec ses espaces doit tenir."""

    lire = staticmethod(saisies.siret)
    attributs = {"inputmode": "numeric", "autocomplete": "off", "spellcheck": "false"}


class ChampTelephone(ChampLu):
    """Le numéro gardé se relit comme on l'écrit : « 01 02 03 04 05 », non « +33102030405 »."""

    lire = staticmethod(telephones.telephone)
    attributs = {"inputmode": "tel", "autocomplete": "tel"}

    def prepare_value(self, value: Any) -> Any:
        est_garde = isinstance(value, str) and re.fullmatch(r"\+[0-9]+(?:;ext=[0-9]+)?", value)
        return telephones.telephone_lisible(value) if est_garde else value


class ChampCodePostal(ChampLu):
    """Se lit d'après le pays, que le formulaire lui donne. Sans clavier de chiffres : ailleurs, il y a des lettres."""

    attributs = {"autocomplete": "postal-code"}
    pays = ""

    def clean(self, value: Any) -> str:
        texte = super().clean(value)
        return saisies.code_postal(texte, pays=self.pays) if texte else texte


class ChampPays(ChampLu):
    lire = staticmethod(saisies.pays)
    attributs = {"autocomplete": "country-name"}


class ChampCourriel(ChampLu):
    """Une adresse électronique. « suggerer » propose une correction à une faute de frappe probable, une fois.

    Le premier envoi de « marie@gmial.com » est refusé avec « Vouliez-vous dire marie@gmail.com ? » et un bouton qui
    corrige d'un clic ; renvoyer la même adresse sans y toucher l'accepte. Rien à écrire dans la vue ni le gabarit :
    Formulaire et composants/_champ.html s'en chargent. Le bouton corrige aussi les champs de confirmation qui avaient
    la même valeur ; leur donner suggerer=False.
    """

    lire = staticmethod(saisies.courriel)
    widget = forms.EmailInput
    attributs = {"autocomplete": "email", "spellcheck": "false", "autocapitalize": "none"}

    def __init__(self, *, suggerer: bool = True, **options: Any) -> None:
        super().__init__(**options)
        self.suggerer = suggerer
        self.suggestion: str | None = None


class Formulaire(forms.Form):
    """Rendu par composants/_formulaire.html et composants/_champ.html (DSFR), résumé des manques compris."""

    required_css_class = "requis"
    use_required_attribute = False  # les phrases sont les nôtres, pas celles du navigateur

    def __init__(self, data: Any = None, *args: Any, **options: Any) -> None:
        super().__init__(data, *args, **options)
        if isinstance(self.data, QueryDict):
            self.data = self._corriger(self.data)
        for champ in self.fields.values():
            _habiller(champ)

    def _corriger(self, donnees: QueryDict) -> QueryDict:
        """Prend la correction choisie d'un clic (bouton corriger_<champ>), partout où figurait la faute."""
        for nom in [nom for nom, champ in self.fields.items() if isinstance(champ, ChampCourriel)]:
            cle = self.add_prefix(nom)
            faute, voulue = donnees.get(cle), donnees.get(f"corriger_{cle}")
            if not voulue or not faute:
                continue
            donnees = donnees.copy()
            for autre in [autre for autre in donnees if donnees[autre] == faute]:
                donnees[autre] = voulue
        return donnees

    def _clean_fields(self) -> None:
        super()._clean_fields()  # type: ignore[misc]  # absente des types, présente depuis Django 1.0
        for nom, champ in self.fields.items():
            if isinstance(champ, ChampCourriel) and champ.suggerer and nom in self.cleaned_data:
                self._suggerer(nom, champ)

    def _suggerer(self, nom: str, champ: ChampCourriel) -> None:
        adresse = self.cleaned_data[nom]
        probable = saisies.courriel_probable(adresse) if adresse else None
        cle = self.add_prefix(nom)
        insiste = str(self.data.get(f"confirme_{cle}", "")).strip().lower() == adresse
        if probable and not insiste:
            champ.suggestion = probable
            phrase = f"Vouliez-vous dire {probable} ? Sinon, renvoyez le formulaire sans changer l'adresse."
            self.add_error(nom, ValidationError(phrase, code="probable"))

    @property
    def titre_resume(self) -> str:
        """Titre du résumé en tête : « Il manque 2 réponses », ou ce qui est à corriger."""
        nombre = len([nom for nom in self.errors if nom != NON_FIELD_ERRORS])
        codes = {erreur.code for liste in self.errors.as_data().values() for erreur in liste}
        if codes == {"required"}:
            return "Il manque une réponse" if nombre == 1 else f"Il manque {nombre} réponses"
        if nombre == 0:
            return "Votre demande n'a pas pu être enregistrée"
        return "Une réponse est à revoir" if nombre == 1 else f"{nombre} réponses sont à revoir"


def _habiller(champ: forms.Field) -> None:
    """Classes du DSFR et aria-required."""
    widget = champ.widget
    if not isinstance(widget, SANS_CLASSE):
        classe = "fr-select" if isinstance(widget, forms.Select) else "fr-input"
        if isinstance(widget, forms.PasswordInput):
            classe = "fr-password__input fr-input"
        widget.attrs["class"] = f"{classe} {widget.attrs.get('class', '')}".strip()
    if champ.required and not widget.is_hidden and not widget.use_fieldset:
        widget.attrs.setdefault("aria-required", "true")
