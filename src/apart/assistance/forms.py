"""Les formulaires d'aide : demande d'assistance, conversation, file du bureau."""

from __future__ import annotations

import uuid
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.http import QueryDict

from apart.assistance.actions.demandes import Saisie
from apart.assistance.actions.renvois import MotifRenvoi
from apart.assistance.etats import Etat
from apart.assistance.models import LONGUEUR_MESSAGE, Motif
from apart.pieces.formulaires import ChampPieces
from apart.socle import phrases
from apart.socle.anti_robot import AntiRobot
from apart.socle.formulaires import (
    ChampCourriel,
    ChampLigne,
    ChampLu,
    ChampSiret,
    ChampTelephone,
    ChampTexte,
    Formulaire,
)

SANS_TEXTE = "Écrivez votre message avant de l'envoyer."
EXEMPLE_SIRET = "732 829 320 00074"
EXEMPLE_TELEPHONE = "01 02 03 04 05"
EXEMPLE_COURRIEL = "prenom.nom@exemple.fr"


def milliers(nombre: int) -> str:
    """1005 → « 1 005 », l'espace insécable."""
    return f"{nombre:,}".replace(",", "\u00a0")


class ChampMessage(ChampTexte):
    """Un texte libre limité, avec un compteur que complète static/assistance/compteur.js."""

    def __init__(self, *, longueur: int = LONGUEUR_MESSAGE, rows: int = 8, **options: Any) -> None:
        self.longueur = longueur
        attributs = {"rows": str(rows), "data-compteur": str(longueur)}
        options.setdefault("widget", forms.Textarea(attributs))
        super().__init__(**options)

    def clean(self, value: Any) -> str:
        texte: str = super().clean(value)
        if len(texte) > self.longueur:
            raise ValidationError(
                "Votre texte a %(n)s caractères, il en faut %(max)s au plus. Retirez-en %(trop)s.",
                code="longueur",
                params={
                    "n": milliers(len(texte)),
                    "max": milliers(self.longueur),
                    "trop": milliers(len(texte) - self.longueur),
                },
            )
        return texte


def _attributs(exemple: str, **autres: str) -> dict[str, str]:
    return {"placeholder": exemple, **autres}


class DemandeAssistanceForm(AntiRobot, Formulaire):
    """Le « Formulaire de demande d'assistance » de la note, champ pour champ."""

    nom_anti_robot = "assistance"

    siret = ChampSiret(
        label="N° de Siret",
        error_messages={"required": phrases.SIRET_MANQUE},
        widget=forms.TextInput(_attributs(EXEMPLE_SIRET, inputmode="numeric", autocomplete="off")),
    )
    denomination = ChampLigne(
        label="Dénomination établissement",
        max_length=250,
        error_messages={"required": phrases.DENOMINATION_MANQUE},
        widget=forms.TextInput({"autocomplete": "organization"}),
    )
    nom_complet = ChampLigne(
        label="Nom et prénom",
        max_length=160,
        error_messages={"required": "Indiquez votre nom et votre prénom."},
        widget=forms.TextInput({"autocomplete": "name"}),
    )
    telephone = ChampTelephone(
        label="N° de téléphone",
        error_messages={"required": phrases.TELEPHONE_MANQUE},
        widget=forms.TextInput(_attributs(EXEMPLE_TELEPHONE, type="tel", autocomplete="tel")),
    )
    courriel = ChampCourriel(
        label="Adresse électronique",
        error_messages={"required": phrases.COURRIEL_MANQUE},
        widget=forms.EmailInput(_attributs(EXEMPLE_COURRIEL, autocomplete="email")),
    )
    motif = forms.ChoiceField(
        label="Motif de la demande",
        choices=[("", "Veuillez sélectionner un motif…"), *Motif.choices],
        error_messages={
            "required": "Choisissez le motif de votre demande.",
            "invalid_choice": "Choisissez le motif dans la liste.",
        },
    )
    description = ChampMessage(label="Description de la demande", required=False, help_text="1 000 caractères maximum")
    pieces = ChampPieces()
    envoi = forms.UUIDField(initial=uuid.uuid4, required=False, widget=forms.HiddenInput())

    def saisie(self) -> Saisie:
        """Ce qui a été tapé, une fois le formulaire valide."""
        lu = self.cleaned_data
        return Saisie(
            siret=lu["siret"],
            denomination=lu["denomination"],
            nom_complet=lu["nom_complet"],
            telephone=lu["telephone"],
            courriel=lu["courriel"],
            motif=Motif(lu["motif"]),
            description=lu["description"],
            envoi=lu["envoi"] or uuid.uuid4(),
            pieces=tuple(lu["pieces"]),
        )


class MessageForm(Formulaire):
    """Un message du demandeur sur la page de suivi."""

    texte = ChampMessage(
        label="Votre message", help_text="1 000 caractères maximum", rows=5, error_messages={"required": SANS_TEXTE}
    )
    pieces = ChampPieces()


class ReponseForm(Formulaire):
    """La réponse d'un agent : plus longue, elle peut expliquer une procédure."""

    texte = ChampMessage(
        label="Votre réponse",
        longueur=4000,
        rows=8,
        help_text="Elle part par courriel et se lit sur la page de suivi. 4 000 caractères maximum.",
        error_messages={"required": SANS_TEXTE},
    )
    pieces = ChampPieces()


class NoteForm(Formulaire):
    """Une note que seuls les agents lisent."""

    texte = ChampMessage(
        label="Note interne",
        longueur=2000,
        rows=3,
        help_text="Jamais montrée au demandeur.",
        error_messages={"required": "Écrivez la note avant de l'enregistrer."},
    )


class LienPerduForm(AntiRobot, Formulaire):
    nom_anti_robot = "suivi-retrouver"
    courriel = ChampCourriel(
        label="Adresse électronique",
        help_text="Celle que vous avez donnée dans votre demande.",
        error_messages={"required": phrases.COURRIEL_MANQUE},
        widget=forms.EmailInput(_attributs(EXEMPLE_COURRIEL, autocomplete="email")),
    )


class RechercheForm(Formulaire):
    q = ChampLu(
        label="Que cherchez-vous ?",
        required=False,
        max_length=200,
        widget=forms.TextInput({"type": "search", "autocomplete": "off"}),
    )


class FileForm(Formulaire):
    """Les filtres de la file du bureau."""

    q = ChampLu(
        label="Rechercher",
        help_text="Numéro, SIRET, adresse, nom ou mots du message",
        required=False,
        min_length=3,  # ce que sait chercher un index de trigrammes
        max_length=120,
        error_messages={"min_length": "Tapez au moins trois signes."},
        widget=forms.TextInput({"type": "search"}),
    )
    etat = forms.ChoiceField(
        label="État",
        required=False,
        choices=[("", "Tous"), *Etat.choices],
    )
    motif = forms.ChoiceField(
        label="Motif",
        required=False,
        choices=[("", "Tous"), *Motif.choices],
    )
    en_retard = forms.BooleanField(label="En retard", required=False)
    a_moi = forms.BooleanField(label="À moi", required=False)

    @staticmethod
    def filtre(parametres: QueryDict) -> dict[str, str]:
        """Le filtre et la page, tels qu'ils voyagent dans les adresses du bureau."""
        noms = (*FileForm.base_fields, "page")
        return {nom: str(parametres[nom])[:120] for nom in noms if parametres.get(nom)}


class RenvoiForm(Formulaire):
    """Pourquoi un message repart."""

    motif = forms.ChoiceField(
        label="Pourquoi le renvoyer ?",
        choices=[(motif.value, motif.label.capitalize()) for motif in MotifRenvoi],
        widget=forms.RadioSelect,
        error_messages={"required": "Choisissez une raison : vos collègues la liront ici."},
    )
