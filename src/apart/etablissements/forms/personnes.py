"""Retirer une personne, changer son rôle, passer la main, revoir les accès."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.html import format_html
from django.utils.safestring import SafeString

from apart.etablissements.actions.personnes import Suite
from apart.etablissements.models import Habilitation, HabilitationQuerySet, MotifRetrait, Role
from apart.socle.formulaires import Formulaire
from apart.socle.typographie import insecable

MOTIFS = [MotifRetrait.DEPART, MotifRetrait.MISSION, MotifRetrait.INCONNUE, MotifRetrait.AUTRE]
ROLES = {
    Role.PRINCIPAL: "utilisateur principal : répond aux demandes à rejoindre, tient la liste des personnes",
    Role.MEMBRE: "membre : a accès à l'établissement",
    Role.TIERS: "tiers déclarant : un cabinet, qui agit pour l'établissement",
}


EFFETS = {
    Suite.RESTER: "Vous gardez ce rôle, à deux ou à plusieurs.",
    Suite.MEMBRE: "Vous gardez l'accès ; vous ne répondez plus aux demandes et ne tenez plus la liste des personnes.",
    Suite.QUITTER: "Vous n'avez plus accès à cet établissement, tout de suite. Pour revenir, il faudra le demander.",
}


def avec_son_effet(suite: Suite) -> SafeString:
    return format_html('{}<span class="fr-hint-text">{}</span>', suite.label.capitalize(), insecable(EFFETS[suite]))


class Retrait(Formulaire):
    motif = forms.ChoiceField(
        label="Pour quelle raison ?",
        choices=[(motif.value, motif.label.capitalize()) for motif in MOTIFS],
        widget=forms.RadioSelect,
        error_messages={"required": "Choisissez une raison : elle est gardée dans l'histoire de l'établissement."},
    )
    retour = forms.CharField(required=False, max_length=10, widget=forms.HiddenInput)


class ChoixRole(Formulaire):
    role = forms.ChoiceField(
        label="Rôle",
        choices=[(role.value, phrase.capitalize()) for role, phrase in ROLES.items()],
        widget=forms.RadioSelect,
        error_messages={"required": "Choisissez le rôle de cette personne."},
    )


class ChoixPersonne(forms.ModelChoiceField):
    def label_from_instance(self, obj: Habilitation) -> str:
        return f"{obj.utilisateur}, {obj.get_role_display()}"


class PasserLaMain(Formulaire):
    """personnes : celles que l'on peut désigner."""

    puis = forms.ChoiceField(
        label="Et vous, ensuite ?",
        choices=[(suite.value, avec_son_effet(suite)) for suite in Suite],
        widget=forms.RadioSelect,
        error_messages={"required": "Choisissez ce que vous devenez ensuite."},
    )

    def __init__(self, *args: Any, personnes: HabilitationQuerySet, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["personne"] = ChoixPersonne(
            label="Qui devient utilisateur principal ?",
            queryset=personnes,
            empty_label=None,
            widget=forms.RadioSelect,
            error_messages={
                "required": "Choisissez la personne à qui passer la main.",
                "invalid_choice": "Cette personne n'a plus accès à l'établissement : choisissez-en une autre.",
            },
        )
        self.order_fields(["personne", "puis"])


class ToutEstAJour(Formulaire):
    """vues : les numéros des habilitations que la page montrait, séparés par des virgules."""

    vues = forms.CharField(max_length=50_000, widget=forms.HiddenInput)

    def clean_vues(self) -> frozenset[int]:
        numeros = str(self.cleaned_data["vues"]).split(",")
        return frozenset(int(n) for n in numeros if n.isascii() and n.isdigit() and len(n) < 19)
