"""Confirmer que c'est bien soi, taper un code, changer de mot de passe."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from allauth.core import context
from allauth.mfa.base.forms import AuthenticateForm, ReauthenticateForm
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.forms import ActivateTOTPForm
from allauth.mfa.webauthn.forms import (
    AddWebAuthnForm,
    AuthenticateWebAuthnForm,
    EditWebAuthnForm,
    ReauthenticateWebAuthnForm,
)
from django import forms
from django.core.exceptions import ValidationError
from django.http import HttpRequest

from apart.comptes import appareils, second_facteur
from apart.comptes.actions import connexion
from apart.comptes.actions.second_facteur import employer_code
from apart.comptes.forms.mot_de_passe import ChoixMotDePasse
from apart.comptes.models import Utilisateur
from apart.socle import saisies
from apart.socle.formulaires import ChampLigne, ChampLu, Formulaire
from apart.socle.lecture_json import Prudent
from apart.socle.limites import TropDeDemandes, reseau_de

TROP_D_ESSAIS = (
    "Trop d'essais. Attendez quelques minutes, ou passez par un appareil où vous vous connectez d'habitude. "
    "Si d'autres que vous essaient, choisissez un nouveau mot de passe : les essais repartent de zéro."
)
CLE_ILLISIBLE = "La clé d'accès n'a pas été reconnue. Recommencez, ou employez un autre moyen."
PAS_CELUI_DE_L_AUTRE = "Ce n'est pas le mot de passe de ce compte, ou trop d'essais ont eu lieu récemment."
PAS_LE_BON = "Ce n'est pas votre mot de passe actuel, ou trop d'essais ont eu lieu récemment."


class ChampCode(ChampLu):
    """« 123 456 » copié d'un message, espaces et signes invisibles compris."""

    lire = staticmethod(saisies.compact)


def champ_code(libelle: str) -> ChampCode:
    return ChampCode(
        label=libelle,
        error_messages={"required": "Tapez le code."},
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code", "inputmode": "numeric", "spellcheck": "false"}),
    )


def est_son_mot_de_passe(request: HttpRequest, utilisateur: Utilisateur, mot_de_passe: str) -> bool:
    """Vérifie un mot de passe retapé, avec les mêmes freins qu'à la connexion."""
    try:
        reconnu = connexion.tenter(
            identifiant=utilisateur.identifiant,
            mot_de_passe=mot_de_passe,
            adresse=reseau_de(request),
            appareil=appareils.reconnu(request, utilisateur.identifiant),
        )
    except TropDeDemandes:
        return False
    return reconnu == utilisateur


def compter_essai(utilisateur: Utilisateur) -> None:
    """Compte un code tapé, à l'appareil s'il est reconnu ; ValidationError au-delà. allauth connaît la requête."""
    try:
        second_facteur.compter_essai(utilisateur, appareils.reconnu(context.request, utilisateur.identifiant))
    except TropDeDemandes as refus:
        raise ValidationError(TROP_D_ESSAIS, code="essais") from refus


class _CodeFreine:
    """Freine les essais d'un code et n'accepte chacun qu'une fois."""

    user: Utilisateur
    authenticator: Authenticator

    def clean_code(self) -> str:
        compter_essai(self.user)
        code = str(super().clean_code())  # type: ignore[misc]  # fourni par le formulaire d'allauth
        chiffres = "".join(filter(str.isalnum, code))
        if self.authenticator.type == Authenticator.Type.TOTP and not employer_code(self.user, chiffres):
            raise ValidationError("Ce code a déjà servi. Attendez le suivant, 30 secondes au plus.", code="employe")
        return code


class CodeForm(_CodeFreine, Formulaire, AuthenticateForm):  # type: ignore[misc]  # allauth n'est pas typé
    code = champ_code("Code à 6 chiffres, ou code de rechange")


class ConfirmationParCodeForm(_CodeFreine, Formulaire, ReauthenticateForm):  # type: ignore[misc]  # idem
    code = champ_code("Code à 6 chiffres, ou code de rechange")


class ActiverApplicationForm(Formulaire, ActivateTOTPForm):  # type: ignore[misc]  # idem
    code = champ_code("Code affiché par l'application")

    def clean_code(self) -> str:
        compter_essai(self.user)
        return str(super().clean_code())


class AutreCompte(_CodeFreine, Formulaire, AuthenticateForm):  # type: ignore[misc]  # idem
    """Prouver un second compte sans s'y connecter : son mot de passe, et un code s'il a un second facteur."""

    actuel = forms.CharField(
        label="Mot de passe de l'autre compte",
        strip=False,
        error_messages={"required": "Tapez le mot de passe de l'autre compte."},
        widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
    )
    code = champ_code("Code à 6 chiffres, ou code de rechange, de l'autre compte")

    def __init__(self, *args: Any, user: Utilisateur, request: HttpRequest, **options: Any) -> None:
        super().__init__(*args, user=user, **options)
        self.request = request
        self.order_fields(["actuel", "code"])
        if not second_facteur.est_actif(user):
            del self.fields["code"]

    def clean_actuel(self) -> str:
        actuel = str(self.cleaned_data["actuel"])
        if not est_son_mot_de_passe(self.request, self.user, actuel):
            raise ValidationError(PAS_CELUI_DE_L_AUTRE, code="refus")
        return actuel


def champ_cle() -> forms.JSONField:
    return forms.JSONField(
        widget=forms.HiddenInput,
        decoder=Prudent,
        error_messages={"required": CLE_ILLISIBLE, "invalid": CLE_ILLISIBLE},
    )


@contextmanager
def ou_illisible() -> Iterator[None]:
    """N'importe qui peut poster ce que le navigateur envoie : allauth et fido2 tombent sur ce qui n'a pas sa forme."""
    try:
        yield
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError, struct.error) as refus:
        raise ValidationError(CLE_ILLISIBLE, code="cle") from refus


class _ReponseDeCle:
    def clean_credential(self) -> Authenticator:
        with ou_illisible():
            return super().clean_credential()  # type: ignore[misc]  # fourni par le formulaire d'allauth


class CleForm(_ReponseDeCle, AuthenticateWebAuthnForm):  # type: ignore[misc]  # idem
    credential = champ_cle()


class ConfirmationParCleForm(_ReponseDeCle, ReauthenticateWebAuthnForm):  # type: ignore[misc]  # idem
    credential = champ_cle()


class AjouterCleForm(Formulaire, AddWebAuthnForm):  # type: ignore[misc]  # idem
    credential = champ_cle()
    name = ChampLigne(
        label="Nom de cette clé", help_text="Pour la reconnaître : « Mon téléphone ».", max_length=60, required=False
    )

    def clean(self) -> dict[str, Any]:
        with ou_illisible():
            return dict(super().clean() or {})


class RenommerCleForm(Formulaire, EditWebAuthnForm):  # type: ignore[misc]  # idem
    name = ChampLigne(
        label="Nom de cette clé", max_length=60, error_messages={"required": "Donnez un nom à cette clé."}
    )


class ConfirmationForm(Formulaire):
    """Le mot de passe, retapé avant un geste de sécurité."""

    password = forms.CharField(
        label="Mot de passe",
        strip=False,
        error_messages={"required": "Tapez votre mot de passe."},
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )

    def __init__(self, data: Any = None, *, user: Utilisateur, request: HttpRequest, **options: Any) -> None:
        super().__init__(data, **options)
        self.user, self.request = user, request

    def clean_password(self) -> str:
        mot_de_passe = str(self.cleaned_data["password"])
        if not est_son_mot_de_passe(self.request, self.user, mot_de_passe):
            raise ValidationError(PAS_LE_BON, code="refus")
        return mot_de_passe


class ChangementMotDePasse(ChoixMotDePasse):
    """Le mot de passe actuel, puis le nouveau (ASVS 6.2.3)."""

    actuel = forms.CharField(
        label="Mot de passe actuel",
        strip=False,
        error_messages={"required": "Tapez votre mot de passe actuel."},
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )
    field_order = ("actuel", "mot_de_passe")

    def __init__(self, data: Any = None, *, utilisateur: Utilisateur, request: HttpRequest, **options: Any) -> None:
        super().__init__(data, utilisateur=utilisateur, **options)
        self.utilisateur, self.request = utilisateur, request

    def clean_actuel(self) -> str:
        actuel = str(self.cleaned_data["actuel"])
        if not est_son_mot_de_passe(self.request, self.utilisateur, actuel):
            raise ValidationError(PAS_LE_BON, code="refus")
        return actuel
