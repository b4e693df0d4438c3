"""Formulaires de récupération : une question par page."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils.html import format_html

from apart.comptes import identifiant as forme
from apart.socle import phrases
from apart.socle.anti_robot import AntiRobot
from apart.socle.formulaires import ChampLigne, ChampLu, Formulaire


class ChampSignes(ChampLu):
    """Un identifiant ou un code en base32 de Crockford : tirets, casse et O/0 sont pardonnés."""

    def __init__(self, *, signes: int, nom: str, manque: str, **options: Any) -> None:
        self.signes, self.nom = signes, nom
        super().__init__(max_length=60, error_messages={"required": manque}, **options)
        self.widget.attrs.update({"autocapitalize": "characters", "spellcheck": "false"})

    def clean(self, value: Any) -> str:
        texte = super().clean(value)
        propre = forme.normaliser(texte)
        if texte and not forme.est_bien_forme(propre, self.signes):
            raise ValidationError(f"{self.nom} a {self.signes} signes, des chiffres et des lettres. Vérifiez-le.")
        return propre


class ChampIdentifiant(ChampSignes):
    def __init__(self, **options: Any) -> None:
        options.setdefault("label", "Identifiant")
        aide = f"8 signes, par exemple {forme.EXEMPLE}. Ne pas saisir l'adresse de messagerie."
        options.setdefault("help_text", aide)
        super().__init__(signes=8, nom="Un identifiant", manque="Indiquez votre identifiant.", **options)
        self.widget.attrs["autocomplete"] = "username"

    def clean(self, value: Any) -> str:
        if "@" in str(value or ""):
            message = 'Ne pas saisir l\'adresse de messagerie. <a href="{}">Retrouvez votre identifiant</a> avec elle.'
            raise ValidationError(format_html(message, reverse("identifiant-oublie")), code="adresse")
        return super().clean(value)


class MotDePasseOublie(AntiRobot, Formulaire):
    nom_anti_robot = "mot-de-passe-oublie"
    identifiant = ChampIdentifiant()


class Renvoi(AntiRobot, Formulaire):
    """Le bouton « Renvoyer le message » : rien à taper, la même preuve que le formulaire qui l'a fait partir."""

    nom_anti_robot = "renvoyer"


class CodeRecu(Formulaire):
    code = ChampSignes(
        signes=8,
        nom="Le code reçu",
        manque="Tapez le code reçu par courriel.",
        label="Code reçu par courriel",
        help_text=f"8 signes, par exemple {forme.EXEMPLE}.",
    )

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["code"].widget.attrs["autocomplete"] = "one-time-code"


class ReponseSecrete(Formulaire):
    reponse = ChampLigne(
        label="Réponse",
        max_length=200,
        help_text="Majuscules et accents ne comptent pas.",
        error_messages={"required": phrases.REPONSE_MANQUE},
    )

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["reponse"].widget.attrs["autocomplete"] = "off"


class CodeDeSecours(AntiRobot, Formulaire):
    nom_anti_robot = "code-de-secours"
    identifiant = ChampIdentifiant()
    code = ChampSignes(
        signes=16,
        nom="Un code de secours",
        manque="Tapez le code de secours imprimé.",
        label="Code de secours",
        help_text="16 signes, sur la feuille imprimée à l'ouverture de votre espace.",
    )
