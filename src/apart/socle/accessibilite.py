"""Le relevé d'accessibilité (accessibilite.yaml), d'où viennent la déclaration, le pied de page et le document."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import cache
from pathlib import Path

import yaml
from django.template.loader import render_to_string

FICHIER = Path(__file__).with_name("accessibilite.yaml")
MOITIE = 50  # en deçà, la loi dit « non conforme »
METHODES = {
    "axe": "contrôle automatique",
    "arbre": "arbre d'accessibilité",
    "clavier": "parcours au clavier",
    "calcul": "contraste calculé",
    "mesure": "page mesurée",
    "validateur": "validateur HTML",
    "lu": "lu à l'œil",
}
MENTIONS = {"non": "non conforme", "partiellement": "partiellement conforme", "totalement": "totalement conforme"}


class Etat(StrEnum):
    CONFORME = "C"
    NON_CONFORME = "NC"
    SANS_OBJET = "NA"
    NON_VERIFIE = "NV"


@dataclass(frozen=True)
class Critere:
    numero: str
    quoi: str
    etat: Etat
    vu: str
    par: tuple[str, ...]

    @property
    def methodes(self) -> str:
        return ", ".join(METHODES[nom] for nom in self.par)


@dataclass(frozen=True)
class Releve:
    releve_le: date
    pages: dict[str, str]
    themes: dict[str, list[Critere]]

    def a(self, etat: Etat) -> list[Critere]:
        return [critere for criteres in self.themes.values() for critere in criteres if critere.etat is etat]

    @property
    def conformes(self) -> list[Critere]:
        return self.a(Etat.CONFORME)

    @property
    def non_conformes(self) -> list[Critere]:
        return self.a(Etat.NON_CONFORME)

    @property
    def non_verifies(self) -> list[Critere]:
        return self.a(Etat.NON_VERIFIE)

    @property
    def sans_objet(self) -> list[Critere]:
        return self.a(Etat.SANS_OBJET)

    @property
    def applicables(self) -> int:
        return len(self.conformes) + len(self.non_conformes) + len(self.non_verifies)

    @property
    def taux(self) -> int:
        """En pour cent des critères applicables, arrondi vers le bas ; ce qui n'est pas vérifié n'est pas conforme."""
        return 100 * len(self.conformes) // self.applicables

    @property
    def niveau(self) -> str:
        """Une valeur du réglage ACCESSIBILITE."""
        if len(self.conformes) == self.applicables:
            return "totalement"
        return "partiellement" if self.taux >= MOITIE else "non"


@cache
def releve() -> Releve:
    donnees = yaml.safe_load(FICHIER.read_text(encoding="utf-8"))
    themes = {
        theme["nom"]: [
            Critere(f"{n}.{rang}", **{**un, "etat": Etat(un["etat"]), "par": tuple(un.get("par", ()))})
            for rang, un in enumerate(theme["criteres"], 1)
        ]
        for n, theme in enumerate(donnees["themes"], 1)
    }
    return Releve(donnees["releve_le"], donnees["pages"], themes)


def mention(reglage: str) -> str:
    """« partiellement conforme » : ce que dit le relevé, sauf si l'exploitant a fait faire son propre audit."""
    return MENTIONS[reglage or releve().niveau]


def en_markdown() -> str:
    """docs/accessibilite.md, en entier."""
    texte = render_to_string("socle/accessibilite.md", {"releve": releve(), "mention": mention("")})
    return texte.rstrip() + "\n"
