"""Le formulaire du contrat de prestation entre un établissement et son expert-comptable."""

from __future__ import annotations

from typing import Any

from django import forms

from apart.repertoire.models import trouver
from apart.socle import phrases
from apart.socle.formulaires import ChampLigne, ChampSiret, Formulaire
from apart.tableaux.champs import ChampDate

MISSIONS = (
    "Déposer et modifier les demandes d'autorisation préalable d'activité partielle",
    "Déposer et corriger les demandes d'indemnisation",
    "Recevoir les décisions et les courriels de l'administration",
    "Tenir à jour la fiche de l'établissement, hors coordonnées bancaires",
)
SI_VIDE = "Laissez vide pour reprendre le répertoire des entreprises."


def champ_texte(label: str, longueur: int = 120, *, manque: str = "", **options: Any) -> ChampLigne:
    return ChampLigne(label=label, max_length=longueur, error_messages={"required": manque}, **options)


class ContratForm(Formulaire):
    client_siret = ChampSiret(
        label="N° de Siret", help_text="14 chiffres", error_messages={"required": phrases.SIRET_MANQUE}
    )
    client_denomination = champ_texte("Dénomination", 250, required=False, help_text=SI_VIDE)
    client_adresse = champ_texte("Adresse", 250, required=False, help_text=SI_VIDE)
    client_signataire = champ_texte(
        "Signataire : prénom et nom", manque="Indiquez qui signe pour l'employeur : prénom et nom."
    )
    client_qualite = champ_texte(
        "En qualité de",
        help_text="Par exemple : gérante, président",
        manque="Indiquez à quel titre cette personne signe pour l'employeur.",
    )
    cabinet_siret = ChampSiret(
        label="N° de Siret du cabinet",
        help_text="14 chiffres",
        error_messages={"required": "Indiquez le numéro de SIRET du cabinet : 14 chiffres."},
    )
    cabinet_denomination = champ_texte("Dénomination du cabinet", 250, required=False, help_text=SI_VIDE)
    cabinet_adresse = champ_texte("Adresse du cabinet", 250, required=False, help_text=SI_VIDE)
    cabinet_signataire = champ_texte(
        "Signataire du cabinet : prénom et nom", manque="Indiquez qui signe pour le cabinet : prénom et nom."
    )
    cabinet_qualite = champ_texte(
        "En qualité de (cabinet)",
        help_text="Par exemple : expert-comptable associée",
        manque="Indiquez à quel titre cette personne signe pour le cabinet.",
    )
    missions = forms.MultipleChoiceField(
        label="Le cabinet est chargé de",
        choices=[(str(rang), texte) for rang, texte in enumerate(MISSIONS)],
        initial=["0", "1"],
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "Cochez au moins une mission."},
    )
    du = ChampDate(label="Début", manque="Indiquez le jour où le contrat commence.")
    au = ChampDate(
        label="Fin", required=False, help_text="Facultatif. Sans date, le contrat court jusqu'à sa résiliation."
    )

    def clean(self) -> dict[str, Any]:
        for partie in ("client", "cabinet"):
            self._completer(partie)
        donnees = self.cleaned_data
        if donnees.get("client_siret") and donnees.get("client_siret") == donnees.get("cabinet_siret"):
            self.add_error(
                "cabinet_siret", "Le cabinet et l'établissement ont le même numéro : vérifiez lequel change."
            )
        if donnees.get("du") and donnees.get("au") and donnees["au"] <= donnees["du"]:
            self.add_error("au", "La fin du contrat doit venir après son début.")
        return donnees

    def _completer(self, partie: str) -> None:
        """Remplit la dénomination et l'adresse restées vides, d'après le répertoire."""
        siret = self.cleaned_data.get(f"{partie}_siret")
        if siret is None:
            return
        fiche = trouver(siret)
        repertoire = {"denomination": fiche.denomination, "adresse": fiche.adresse} if fiche else {}
        for nom in ("denomination", "adresse"):
            valeur = repertoire.get(nom, "")
            champ = f"{partie}_{nom}"
            if self.cleaned_data.get(champ) == "":
                self.cleaned_data[champ] = valeur
                if not valeur:
                    self.add_error(champ, "Le répertoire ne donne pas cette information : écrivez-la ici.")
