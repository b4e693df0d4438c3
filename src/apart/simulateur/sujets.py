"""Les sujets du barème, dans l'ordre où on les lit, et ceux qui comptent dans chaque régime : voir sujets.yaml."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import yaml

ECRITS = yaml.safe_load(Path(__file__).with_suffix(".yaml").read_text(encoding="utf-8"))


class Sujet(NamedTuple):
    """Un chapitre du barème : le début de ses clés, son titre, et à quoi il sert."""

    cle: str
    titre: str
    resume: str


SUJETS = {cle: Sujet(cle, **mots) for cle, mots in ECRITS["sujets"].items()}
# Le titre de chaque régime, et les sujets où chercher ce qui y compte.
REGIMES = {nom: (lu["titre"], {*ECRITS["communs"], *lu["sujets"]}) for nom, lu in ECRITS["regimes"].items()}
D_ABORD: list[str] = ECRITS["d_abord"]


def sujet_de(cle: str) -> Sujet:
    """Le sujet d'une clé ; un sujet que cette liste n'a pas se montre sous son nom."""
    nom = cle.split(".", 1)[0]
    return SUJETS.get(nom) or Sujet(nom, nom.replace("_", " ").capitalize(), "")
