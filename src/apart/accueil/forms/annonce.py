"""Le formulaire d'une annonce."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.utils import timezone

from apart.accueil.models import Annonce, Niveau
from apart.socle.formulaires import ChampLigne, ChampTexte, Formulaire

MOMENT = "%Y-%m-%dT%H:%M"
ANCIENNE, LOINTAINE = timedelta(days=366), timedelta(days=5 * 366)
TROP_LOIN = (
    "Cette date est trop loin : une annonce commence il y a un an au plus et finit dans les cinq ans. Voyez l'année."
)


def champ_moment(label: str, aide: str, *, manque: str) -> forms.DateTimeField:
    return forms.DateTimeField(
        label=label,
        help_text=aide,
        input_formats=[MOMENT, "%d/%m/%Y %H:%M", "%Y-%m-%d %H:%M"],
        widget=forms.DateTimeInput(format=MOMENT, attrs={"type": "datetime-local"}),
        error_messages={"invalid": "Cette date ne se lit pas. Exemple : 24/11/2026 09:00.", "required": manque},
    )


class AnnonceForm(Formulaire):
    titre = ChampLigne(
        label="Titre",
        max_length=120,
        help_text="Une phrase courte : ce qui se passe.",
        error_messages={"required": "Donnez un titre à l'annonce."},
    )
    texte = ChampTexte(
        label="Texte",
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 6}),
        help_text="Ce qui se passe, puis ce qu'il faut faire. Les adresses en https deviennent des liens.",
        error_messages={"required": "Écrivez le texte de l'annonce."},
    )
    niveau = forms.ChoiceField(
        label="Niveau",
        choices=Niveau.choices,
        widget=forms.RadioSelect,
        error_messages={"required": "Choisissez le niveau de l'annonce."},
    )
    du = champ_moment("Visible à partir du", "Heure de Paris", manque="Indiquez quand l'annonce paraît.")
    au = champ_moment(
        "Visible jusqu'au",
        "Heure de Paris. L'annonce disparaît d'elle-même à ce moment.",
        manque="Indiquez quand l'annonce disparaît.",
    )

    def clean_du(self) -> datetime:
        return self._proche("du")

    def clean_au(self) -> datetime:
        return self._proche("au")

    def _proche(self, nom: str) -> datetime:
        """Une faute de frappe dans l'année. La date d'une vieille annonce que l'on corrige peut rester."""
        moment: datetime = self.cleaned_data[nom]
        ecart = moment - timezone.now()
        if not -ANCIENNE <= ecart <= LOINTAINE and nom in self.changed_data:
            raise forms.ValidationError(TROP_LOIN)
        return moment

    def clean(self) -> dict[str, Any]:
        """Les contraintes de la table, avec leurs phrases."""
        if not self.errors:
            Annonce(**self.cleaned_data).validate_constraints(exclude={"par"})
        return self.cleaned_data
