"""Les questions du simulateur, et à qui elles se posent : leurs mots sont dans questions.yaml.

La lecture des réponses est dans saisie.py.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from django.urls import reverse

from apart.simulateur.brouillon import Brouillon

FICHIER = Path(__file__).with_suffix(".yaml")


@dataclass(frozen=True, slots=True)
class Question:
    nom: str
    libelle: str
    aide: str = ""
    genre: str = "texte"  # ou nombre, date, mois, choix, case, radio
    choix: tuple[tuple[str, str], ...] = ()
    requise: bool = False


@dataclass(frozen=True, slots=True)
class Profil:
    """Qui répond : l'adresse et les mots de sa page, ses questions."""

    nom: str
    titre: str
    chapeau: str
    questions: tuple[Question, ...]
    precisions: tuple[tuple[str, tuple[Question, ...]], ...]  # sous un titre
    periode: tuple[Question, ...]

    @property
    def adresse(self) -> str:
        return reverse(f"simulateur-{self.nom}")

    def lire(self, brouillon: Brouillon) -> Brouillon:
        return brouillon.d_un_salarie() if self is SALARIE else brouillon


def _profil(nom: str) -> Profil:
    ecrit: dict[str, Any] = yaml.safe_load(FICHIER.read_text(encoding="utf-8"))

    def question(nom_du_champ: str) -> Question:
        mots = ecrit["questions"][nom_du_champ]
        au_salarie = mots.pop("au_salarie", {})
        choix = ecrit["choix"][mots.pop("choix")] if "choix" in mots else {}
        mots |= au_salarie if nom == "salarie" else {}
        return Question(nom_du_champ, choix=tuple(choix.items()), **mots)

    def questions(noms: Iterable[str]) -> tuple[Question, ...]:
        return tuple(map(question, noms))

    lu = ecrit["profils"][nom]
    precisions = tuple((titre, questions(noms)) for titre, noms in lu["precisions"].items())
    posees = questions(lu["questions"]), precisions, questions(lu["periode"])
    return Profil(nom, lu["titre"], lu["chapeau"], *posees)


EMPLOYEUR, SALARIE = _profil("employeur"), _profil("salarie")
