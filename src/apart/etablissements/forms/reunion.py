"""Réunir deux comptes : prouver le second, et choisir celui qui reste."""

from __future__ import annotations

from typing import Any

from django import forms

from apart.comptes.forms.securite import AutreCompte
from apart.comptes.models import Utilisateur
from apart.socle.saisies import courriel_lisible


class Reunir(AutreCompte):
    garde = forms.ChoiceField(
        label="Quel compte gardez-vous ?",
        choices=[("mien", ""), ("autre", "")],
        widget=forms.RadioSelect,
        error_messages={"required": "Choisissez le compte que vous gardez."},
    )

    def __init__(self, *args: Any, mien: Utilisateur, user: Utilisateur, **options: Any) -> None:
        super().__init__(*args, user=user, **options)
        comptes = {"mien": ("Celui-ci", mien), "autre": ("L'autre", user)}
        choix = [(cle, f"{lequel} : {courriel_lisible(qui.courriel)}") for cle, (lequel, qui) in comptes.items()]
        self.fields["garde"].choices = choix  # type: ignore[attr-defined]  # un ChoiceField
