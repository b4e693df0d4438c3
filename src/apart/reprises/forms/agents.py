"""Les gestes d'un agent sur une reprise d'accès."""

from __future__ import annotations

from typing import Any, cast

from django import forms
from django.core.exceptions import ValidationError

from apart.etablissements.models import Etablissement
from apart.reprises.forms.demande import Demande
from apart.reprises.models import PieceAttendue
from apart.reprises.rappel import Numero
from apart.socle import phrases
from apart.socle.formulaires import ChampCourriel, ChampSiret, ChampTexte, Formulaire
from apart.socle.telephones import telephone_lisible


class AuTelephone(Demande):
    """Écrire la demande d'un appelant, en son nom : il en recevra le lien, et la relira."""

    siret = ChampSiret(label="N° de Siret", error_messages={"required": "Indiquez le SIRET de l'établissement."})
    courriel = ChampCourriel(
        label="Courriel de l'appelant",
        help_text="Le lien qui prouve son adresse y part. Il relira tout avant que la demande existe.",
        error_messages={"required": phrases.COURRIEL_MANQUE},
    )
    field_order = ["siret", *Demande.field_order]

    def clean_siret(self) -> str:
        siret: str = self.cleaned_data["siret"]
        self.etablissement = Etablissement.objects.filter(siret=siret).first()
        if self.etablissement is None:
            raise ValidationError(
                "Cet établissement n'a pas d'espace : la personne peut l'ouvrir elle-même, sans reprise d'accès.",
                code="sans_espace",
            )
        return siret


class PieceVoulue(Formulaire):
    piece = forms.ChoiceField(
        label="Pièce à demander",
        choices=PieceAttendue.choices,
        error_messages={"required": "Choisissez la pièce à demander.", "invalid_choice": "Choisissez une des pièces."},
    )


class Rappel(Formulaire):
    numero = forms.ChoiceField(
        label="Numéro rappelé",
        help_text="Au dossier depuis plus de trente jours. Un numéro que donne la personne ne prouve rien.",
        error_messages={"required": "Choisissez le numéro rappelé.", "invalid_choice": "Choisissez un des numéros."},
    )

    def __init__(self, data: Any = None, *, numeros: list[Numero]) -> None:
        super().__init__(data)
        choix = [(n.numero, f"{telephone_lisible(n.numero)}, {n.de}") for n in numeros]
        cast(forms.ChoiceField, self.fields["numero"]).choices = choix


class Motive(Formulaire):
    """Une phrase que quelqu'un d'autre lira : le collègue qui approuve, ou la personne qui a demandé."""

    motif = ChampTexte(
        label="Votre phrase",
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={
            "required": "Écrivez pourquoi : quelqu'un d'autre relira.",
            "max_length": "Votre texte dépasse 1 000 caractères : raccourcissez-le.",
        },
    )
