"""Les colonnes d'un fichier de simulation (colonnes.yaml) : ce qu'on y met, et comment la paie les écrit."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path
from typing import Any

import yaml

from apart.regles.prelevements import Residence
from apart.regles.situations import Dispositif, Secteur, Statut
from apart.tableaux.cellules import NON, OUI
from apart.tableaux.entetes import Colonne

CHOIX: Mapping[str, type[StrEnum]] = {
    "regime": Dispositif, "secteur": Secteur, "statut": Statut, "residence": Residence,
}  # fmt: skip


def _colonne(nom: str, dite: dict[str, Any]) -> Colonne:
    valeurs, questions = dite.pop("valeurs", {}), dite.pop("questions", {})
    if nom in CHOIX:
        dite["permis"] = ", ".join(membre.value for membre in CHOIX[nom])
    return Colonne(
        nom,
        valeurs={ecriture: valeur for valeur, ecritures in valeurs.items() for ecriture in ecritures},
        selon_entete={
            mot: {**dict.fromkeys(OUI, oui), **dict.fromkeys(NON, non)} for mot, (oui, non) in questions.items()
        },
        **dite,
    )


_DITES = yaml.safe_load(Path(__file__).with_suffix(".yaml").read_bytes())
COLONNES = tuple(_colonne(nom, dite) for nom, dite in _DITES.items())
NOMS = tuple(colonne.nom for colonne in COLONNES)
PAR_NOM = {colonne.nom: colonne for colonne in COLONNES}
RESULTATS = {
    "indemnite_horaire": "Indemnité due au salarié pour une heure. Vide si la loi change pendant la période.",
    "allocation_horaire": "Allocation versée à l'employeur pour une heure. Vide si la loi change pendant la période.",
    "heures_indemnisables": "Heures indemnisées d'un salarié, dans la limite de la durée légale ou du contrat.",
    "indemnite": "Indemnité de la ligne : pour tous ses salariés.",
    "allocation": "Allocation de la ligne : pour tous ses salariés.",
    "reste_a_charge": "Indemnité et complément de la ligne, moins l'allocation. Hors cotisations.",
    "a_confirmer": "Ce que ces montants ont d'incertain. Vide le plus souvent.",
}
A_CORRIGER, A_VERIFIER = "a_corriger", "a_verifier"
AJOUTEES = frozenset({*RESULTATS, A_CORRIGER, A_VERIFIER, "a_savoir"})
