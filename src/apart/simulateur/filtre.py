"""Le filtre du barème : date, mots, sujet, régime, certitude. Ce qui ne va pas se dit, le reste sert."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms

from apart.regles.francais import jour_en_lettres
from apart.simulateur.consultation import CERTITUDES, Filtre
from apart.simulateur.sujets import REGIMES, SUJETS
from apart.socle.formulaires import ChampLu, Formulaire
from apart.tableaux.cellules import lire_date

PREMIER_JOUR = date(2013, 1, 1)


class _Choix(forms.ChoiceField):
    """Une liste facultative ; une adresse tapée à la main peut nommer autre chose."""

    def __init__(self, tous: str, choix: dict[str, str], **options: Any) -> None:
        super().__init__(choices=[("", tous), *choix.items()], required=False, **options)
        self.error_messages["invalid_choice"] = "« %(value)s » n'est pas dans la liste : ce filtre est laissé de côté."


class FiltreForm(Formulaire):
    """Lu dans l'adresse : une page filtrée se garde et se transmet."""

    q = ChampLu(label="Mots à chercher", required=False, max_length=100, help_text="Par exemple : plancher.")
    sujet = _Choix("Tous", {nom: sujet.titre for nom, sujet in SUJETS.items()}, label="Sujet")
    regime = _Choix(
        "Tous", {nom: titre for nom, (titre, _) in REGIMES.items()}, label="Régime", help_text="Tout ce qui y compte."
    )
    certitude = _Choix("Toutes", {c.value: libelle for c, libelle in CERTITUDES.items()}, label="Certitude")

    titre_resume = "Le filtre est à revoir"

    @property
    def filtre(self) -> Filtre:
        self.is_valid()
        return Filtre(**{nom: self.cleaned_data.get(nom, "") for nom in ("q", "sujet", "certitude", "regime")})


class FiltreDuJourForm(FiltreForm):
    """Le même, un jour donné."""

    le = ChampLu(
        label="En vigueur le",
        required=False,
        max_length=40,
        help_text="Par exemple 15/04/2020. Sans date : aujourd'hui.",
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
    )
    field_order = ("le", "q", "sujet", "regime", "certitude")

    def clean_le(self) -> date | None:
        texte = self.cleaned_data["le"]
        try:
            jour = lire_date(texte) if texte else None
        except ValueError as refus:
            raise forms.ValidationError(str(refus)) from refus
        if jour and jour < PREMIER_JOUR:
            raise forms.ValidationError(
                f"Le barème commence le {jour_en_lettres(PREMIER_JOUR)} : choisissez une date à partir de ce jour."
            )
        return jour
