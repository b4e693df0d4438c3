"""Le formulaire d'envoi : un tableau de salariés, et ce qu'on veut en recevoir."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from django import forms

from apart.simulateur.fichiers.colonnes import AJOUTEES, COLONNES
from apart.tableaux.formulaires import TableauForm

VOIR, RESULTATS, A_CORRIGER = "voir", "resultats", "a_corriger"
# Chaque choix finit la phrase que l'intitulé commence.
CHOIX = (
    (VOIR, "les totaux et les lignes à corriger, dans la page suivante"),
    (RESULTATS, "le fichier complété de ses résultats"),
    (A_CORRIGER, "un fichier des seules lignes à corriger"),
)


class FichierForm(TableauForm):
    colonnes = COLONNES
    ajoutees = AJOUTEES

    recevoir = forms.ChoiceField(
        label="Je veux recevoir",
        choices=CHOIX,
        initial=VOIR,
        required=False,
        widget=forms.RadioSelect,
        error_messages={"invalid_choice": "Choisissez ce que vous voulez recevoir."},
    )

    @staticmethod
    def manquantes(noms: Sequence[str]) -> Iterable[str]:
        """Les colonnes sans lesquelles aucune ligne ne se calcule, comme on les dit."""
        dits = set(noms)
        if not dits & {"remuneration", "taux_horaire"}:
            yield "le salaire brut mensuel, ou le taux horaire"
        if "mois" not in dits and not dits >= {"du", "au"}:
            yield "le mois, ou le premier et le dernier jour"
        if "heures" not in dits:
            yield "les heures non travaillées"

    def clean_recevoir(self) -> str:
        return self.cleaned_data["recevoir"] or VOIR
