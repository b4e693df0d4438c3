"""Choisir sa question secrète depuis « Sécurité »."""

from __future__ import annotations

from typing import Any

from django import forms

from apart.comptes import question as question_secrete
from apart.comptes.models import Question, Utilisateur
from apart.socle import phrases
from apart.socle.formulaires import ChampLigne, Formulaire


class ChoixQuestion(Formulaire):
    question = forms.ChoiceField(
        label="Question secrète",
        choices=Question.choices,
        error_messages={"required": phrases.QUESTION_MANQUE},
    )
    reponse = ChampLigne(
        label="Réponse",
        max_length=200,
        help_text="Majuscules et accents ne comptent pas.",
        error_messages={"required": phrases.REPONSE_MANQUE},
    )

    def __init__(self, *args: Any, utilisateur: Utilisateur, **options: Any) -> None:
        super().__init__(*args, **options)
        self.interdits = (utilisateur.nom, utilisateur.prenom, utilisateur.courriel, utilisateur.identifiant)
        self.fields["reponse"].widget.attrs["autocomplete"] = "off"

    def clean_reponse(self) -> str:
        reponse: str = self.cleaned_data["reponse"]
        question_secrete.verifier_choix(reponse, interdits=self.interdits)
        return reponse
