"""Les gestes d'un agent sur une reprise d'accès."""

from __future__ import annotations

from typing import Any, cast

from django import forms
from django.core.exceptions import ValidationError

from apart.etablissements.models import Etablissement
from apart.reprises.forms.demande import Demande
from apart.reprises.models import PieceAttendue, Raison
from apart.reprises.rappel import Numero
from apart.socle.formulaires import ChampCourriel, ChampLigne, ChampSiret, ChampTelephone, ChampTexte, Formulaire
from apart.socle.telephones import telephone_lisible

# Ce que dit l'appelant, dans les mots d'un agent qui parle de lui.
RAISONS_DITES = {
    Raison.PARTIE: "La personne qui tenait l'espace est partie",
    Raison.MESSAGERIE: "La messagerie de cette personne est fermée, ou l'appelant n'y a plus accès",
    Raison.INJOIGNABLE: "Cette personne est absente, et l'appelant ne peut pas la joindre",
    Raison.INCONNUE: "L'appelant ne sait pas qui tient l'espace",
}


class AuTelephone(Demande):
    """Écrire la demande d'un appelant, en son nom : il en recevra le lien, et la relira. L'agent y parle de lui."""

    siret = ChampSiret(
        label="N° de Siret",
        help_text="14 chiffres : l'appelant les lit sur une facture ou un bulletin de paie.",
        error_messages={"required": "Indiquez le SIRET de l'établissement."},
    )
    raison = forms.ChoiceField(
        label="Ce qui se passe, d'après l'appelant",
        choices=list(RAISONS_DITES.items()),
        widget=forms.RadioSelect,
        error_messages={"required": "Choisissez ce qui se passe.", "invalid_choice": "Choisissez l'une des réponses."},
    )
    explication = ChampTexte(
        label="Ce que dit l'appelant",
        required=False,
        max_length=1000,
        help_text="Facultatif, 1 000 caractères au plus. Il le relira. N'y mettez ni mot de passe, ni code.",
        widget=forms.Textarea(attrs={"rows": 4}),
        error_messages={"max_length": "Votre texte dépasse 1 000 caractères : raccourcissez-le."},
    )
    nom = ChampLigne(
        label="Nom de l'appelant", max_length=80, error_messages={"required": "Indiquez le nom de l'appelant."}
    )
    prenom = ChampLigne(
        label="Prénom de l'appelant", max_length=80, error_messages={"required": "Indiquez le prénom de l'appelant."}
    )
    fonction = ChampLigne(
        label="Fonction de l'appelant dans l'entreprise",
        max_length=120,
        help_text="Exemple : responsable des ressources humaines, gérante.",
        error_messages={"required": "Indiquez la fonction de l'appelant."},
    )
    telephone = ChampTelephone(
        label="Téléphone de l'appelant",
        help_text="Pour le joindre. Ce numéro ne prouve rien : le rappel se fait à un numéro déjà au dossier.",
        error_messages={"required": "Indiquez le téléphone de l'appelant."},
    )
    courriel = ChampCourriel(
        label="Courriel de l'appelant",
        help_text="Le lien qui prouve cette adresse y part. L'appelant relit et confirme : rien n'existe avant.",
        error_messages={"required": "Indiquez l'adresse électronique de l'appelant."},
    )
    field_order = ["siret", *Demande.field_order]

    def clean_siret(self) -> str:
        siret: str = self.cleaned_data["siret"]
        self.etablissement = Etablissement.objects.filter(siret=siret).first()
        if self.etablissement is None:
            raise ValidationError(
                "Cet établissement n'a pas d'espace : l'appelant peut l'ouvrir lui-même, sans reprise d'accès.",
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
