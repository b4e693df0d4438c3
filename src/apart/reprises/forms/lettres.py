"""Le code d'une lettre à taper, et ce qu'un agent fait d'une lettre ou d'un lot."""

from __future__ import annotations

from django import forms
from django.db.models import TextChoices

from apart.comptes.forms.recuperation import ChampSignes
from apart.reprises.lettres import SIGNES_DU_CODE
from apart.socle.formulaires import ChampLigne, Formulaire

MOTIF_MANQUE = "Écrivez pourquoi, par exemple « bourrage à l'atelier, pages 12 à 40 »."


class CodeDeLettre(Formulaire):
    code = ChampSignes(
        signes=SIGNES_DU_CODE,
        nom="Le code de la lettre",
        manque="Tapez le code imprimé dans la lettre.",
        label="Code reçu par lettre",
        help_text="10 signes, par exemple K7MP2-2QXV3.",
    )

    def __init__(self, *args: object, **options: object) -> None:
        super().__init__(*args, **options)
        self.fields["code"].widget.attrs["autocomplete"] = "one-time-code"


class Reimpression(Formulaire):
    motif = ChampLigne(label="Pourquoi le réimprimer", max_length=200, error_messages={"required": MOTIF_MANQUE})


class GesteLettre(TextChoices):
    REVENUE = "revenue", "Elle est revenue : le destinataire est introuvable à cette adresse"
    REIMPRIMER = "reimprimer", "La réimprimer au prochain lot, avec le même code"
    ANNULER = "annuler", "L'annuler : son code ne vaudra plus"


class SuiteDeLettre(Formulaire):
    geste = forms.ChoiceField(
        label="Que faire de cette lettre ?",
        choices=GesteLettre.choices,
        widget=forms.RadioSelect,
        error_messages={"required": "Choisissez ce qu'il faut faire de cette lettre."},
    )
    motif = ChampLigne(
        label="Pourquoi",
        max_length=200,
        required=False,
        help_text="Pour une réimpression ou une annulation. Exemple : « page déchirée ».",
    )

    def clean(self) -> dict[str, object]:
        lu = self.cleaned_data
        if lu.get("geste") in {GesteLettre.REIMPRIMER, GesteLettre.ANNULER} and lu.get("motif") == "":
            self.add_error("motif", MOTIF_MANQUE)
        return lu
