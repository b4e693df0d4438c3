"""« MON ESPACE PERSONNEL » : identifiant et mot de passe."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.http import HttpRequest

from apart.comptes import appareils
from apart.comptes.actions import connexion
from apart.comptes.identifiant import EXEMPLE, normaliser
from apart.comptes.models import Utilisateur
from apart.socle.formulaires import ChampLu, Formulaire
from apart.socle.limites import reseau_de

# Une seule phrase pour toutes les raisons de refuser (T2) ; elle dit ce que l'on peut vérifier soi-même.
REFUS = (
    "L'identifiant ou le mot de passe ne correspond pas, ou trop d'essais ont eu lieu récemment. L'identifiant a "
    f"8 signes, comme {EXEMPLE}. Après plusieurs essais, attendez quelques minutes ou choisissez un nouveau mot de "
    "passe : cela marche toujours."
)

RIEN_TAPE = "Indiquez votre identifiant et votre mot de passe."


class ConnexionForm(Formulaire):
    """Lié à une requête, is_valid() fait l'essai ; utilisateur est alors la personne reconnue.

    Lève TropDeDemandes quand l'adresse du visiteur essaie trop souvent.
    """

    identifiant = ChampLu(
        label="Identifiant",
        max_length=None,
        help_text="Ne pas saisir l'adresse de messagerie",
        required=False,
        widget=forms.TextInput(
            attrs={"autocomplete": "username", "autocapitalize": "characters", "spellcheck": "false"}
        ),
    )
    mot_de_passe = forms.CharField(
        label="Mot de passe",
        required=False,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )

    def __init__(self, donnees: Any = None, *, request: HttpRequest | None = None, **options: Any) -> None:
        super().__init__(donnees, **options)
        self.request = request
        self.utilisateur: Utilisateur | None = None

    @property
    def a_tape_un_courriel(self) -> bool:
        return self.has_error("identifiant", "courriel")

    def clean_identifiant(self) -> str:
        tape = str(self.cleaned_data["identifiant"])
        if "@" in tape:
            raise ValidationError("Ne pas saisir l'adresse de messagerie", code="courriel")
        return normaliser(tape)

    def clean(self) -> None:
        if self.a_tape_un_courriel:
            return
        if not self.errors and not self.cleaned_data["identifiant"]:
            raise ValidationError(RIEN_TAPE, code="vide")  # aucun compte n'est visé : rien à essayer
        if not self.errors:
            self.utilisateur = self._tenter()
        if self.utilisateur is None:
            raise ValidationError(REFUS, code="refus")

    def _tenter(self) -> Utilisateur | None:
        assert self.request is not None  # noqa: S101 — un formulaire lié l'est toujours à une requête
        identifiant, mot_de_passe = self.cleaned_data["identifiant"], self.cleaned_data["mot_de_passe"]
        return connexion.tenter(
            identifiant=identifiant,
            mot_de_passe=mot_de_passe,
            adresse=reseau_de(self.request),
            appareil=appareils.reconnu(self.request, identifiant),
        )
