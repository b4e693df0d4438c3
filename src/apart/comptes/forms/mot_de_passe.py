"""Choisir un mot de passe : le même formulaire à l'ouverture d'un espace, après un oubli, pour un agent."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms

from apart.comptes import motdepasse
from apart.comptes.models import Utilisateur
from apart.socle.formulaires import Formulaire


class ChoixMotDePasse(Formulaire):
    """Un seul champ, sans confirmation : on relit ce que l'on tape en l'affichant, et l'on peut coller.

    Retaper n'attrape que les fautes de frappe, au prix d'un gestionnaire de mots de passe qui remplit mal ; une faute
    ici se répare par « J'ai oublié mon mot de passe ». mots : ce que le mot de passe ne doit pas reprendre, en plus
    de ce que l'on sait de l'utilisateur (SIRET, dénomination).
    """

    mot_de_passe = forms.CharField(
        label="Nouveau mot de passe",
        strip=False,
        error_messages={"required": "Choisissez un mot de passe."},
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password", "spellcheck": "false"}),
    )

    def __init__(
        self, data: Any = None, *, utilisateur: Utilisateur | None = None, mots: Iterable[str] = (), **options: Any
    ) -> None:
        super().__init__(data, **options)
        self.identifiant = utilisateur.identifiant_lisible if utilisateur else ""
        self.mots = [*(motdepasse.contexte(utilisateur) if utilisateur else ()), *mots]

    def clean_mot_de_passe(self) -> str:
        mot_de_passe = str(self.cleaned_data["mot_de_passe"])
        motdepasse.verifier(mot_de_passe, mots=self.mots)
        return mot_de_passe
