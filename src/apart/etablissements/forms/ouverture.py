"""Après la preuve de l'adresse : relire ce qui a été saisi avant elle, puis choisir son mot de passe, sa question."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError

from apart.comptes import question as question_secrete
from apart.comptes.forms.mot_de_passe import ChoixMotDePasse
from apart.comptes.models import Question
from apart.etablissements.forms.creation import COURRIEL_ETABLISSEMENT_MANQUE, Coordonnees
from apart.socle import phrases
from apart.socle.formulaires import ChampCourriel, ChampLigne


class Relecture(Coordonnees):
    """Ce qu'un inconnu a peut-être tapé : la personne le voit, le corrige, et le fait sien.

    est_connue : elle a déjà un identifiant, ses propres coordonnées ne changent pas.
    """

    courriel = ChampCourriel(
        label="Courriel établissement",
        suggerer=False,
        help_text="Un message y partira, pour vérifier cette adresse.",
        error_messages={"required": COURRIEL_ETABLISSEMENT_MANQUE},
    )

    def __init__(self, *args: Any, est_connue: bool, **options: Any) -> None:
        super().__init__(*args, **options)
        for nom in self.PERSONNE if est_connue else ():
            del self.fields[nom]

    @property
    def etablissement(self) -> dict[str, str]:
        return {nom: self.cleaned_data[nom] for nom in self.ETABLISSEMENT}

    @property
    def personne(self) -> dict[str, str]:
        return {nom: self.cleaned_data[nom] for nom in self.PERSONNE if nom in self.fields}


class ChoixAcces(ChoixMotDePasse):
    """Mot de passe, et question secrète si la maison en veut. interdits : ce que la réponse ne doit pas reprendre."""

    question = forms.ChoiceField(
        label="Question secrète",
        choices=[("", "Pas de question secrète"), *Question.choices],
        required=False,
        help_text="Posée, après le courriel, si vous oubliez votre mot de passe.",
        error_messages={"required": phrases.QUESTION_MANQUE},
    )
    reponse = ChampLigne(
        label="Réponse",
        max_length=200,
        required=False,
        help_text="Majuscules et accents ne comptent pas.",
        error_messages={"required": phrases.REPONSE_MANQUE},
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )

    def __init__(self, *args: Any, interdits: tuple[str, ...] = (), **options: Any) -> None:
        super().__init__(*args, **options)
        self.interdits = interdits
        if settings.QUESTION_SECRETE == "desactivee":
            del self.fields["question"], self.fields["reponse"]
        elif settings.QUESTION_SECRETE == "obligatoire":
            self.fields["question"].required = self.fields["reponse"].required = True

    def clean(self) -> dict[str, Any]:
        saisie: dict[str, Any] = super().clean() or self.cleaned_data
        question, reponse = saisie.get("question"), saisie.get("reponse")
        if question and not reponse:
            self.add_error("reponse", phrases.REPONSE_MANQUE)
        elif question and reponse:
            try:
                question_secrete.verifier_choix(reponse, interdits=(*self.interdits, Question(question).label))
            except ValidationError as erreur:
                self.add_error("reponse", erreur)
        return saisie

    @property
    def secrete(self) -> dict[str, str]:
        """La question choisie et l'empreinte de sa réponse ; vide si elle n'en veut pas."""
        question = self.cleaned_data.get("question")
        if not question:
            return {}
        return {"question": question, "empreinte_reponse": question_secrete.empreinte(self.cleaned_data["reponse"])}
