"""Le formulaire d'une annonce."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.utils import timezone

from apart.accueil.models import Annonce, Niveau
from apart.socle.formulaires import ChampLigne, ChampTexte, Formulaire
from apart.tableaux.champs import ChampMoment

ANCIENNE, LOINTAINE = timedelta(days=366), timedelta(days=5 * 366)
TROP_LOIN = (
    "Cette date est trop loin : une annonce commence il y a un an au plus et finit dans les cinq ans. Voyez l'année."
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
    du = ChampMoment(
        label="Visible à partir du", help_text="Heure de Paris", manque="Indiquez quand l'annonce paraît."
    )
    au = ChampMoment(
        label="Visible jusqu'au",
        help_text="Heure de Paris. L'annonce disparaît d'elle-même à ce moment.",
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
