"""Changer l'adresse de son compte."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError

from apart.comptes.actions.adresse import C_EST_LA_VOTRE
from apart.comptes.models import Utilisateur
from apart.socle.formulaires import ChampCourriel, Formulaire


class NouvelleAdresse(Formulaire):
    courriel = ChampCourriel(
        label="Nouvelle adresse électronique",
        help_text="Une adresse que vous lisez vous-même : un lien y part, à ouvrir dans l'heure.",
        error_messages={"required": "Indiquez la nouvelle adresse."},
    )

    def __init__(self, *args: Any, utilisateur: Utilisateur, **options: Any) -> None:
        super().__init__(*args, **options)
        self.utilisateur = utilisateur

    def clean_courriel(self) -> str:
        courriel: str = self.cleaned_data["courriel"]
        if courriel == self.utilisateur.courriel:
            raise ValidationError(C_EST_LA_VOTRE, code="la_sienne")
        return courriel
