"""Automate d'états : une table de transitions par sorte de dossier, et un seul geste pour la franchir."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from django.db import models, transaction

from apart.socle.models import journaliser


@dataclass(frozen=True)
class Transition:
    """Les états d'où un geste est permis, et celui où il mène (None : l'état ne change pas)."""

    depuis: frozenset[str]
    vers: str | None


def de(*etats: str, vers: str | None = None) -> Transition:
    return Transition(frozenset(etats), vers)


class GesteImpossible(Exception):
    """L'état du dossier ne permet pas ce geste."""

    def __init__(self, geste: str, etat: str) -> None:
        super().__init__(f"Le geste « {geste} » n'est pas permis dans l'état « {etat} ».")
        self.geste = geste
        self.etat = etat


class Dossier(models.Model):
    """Un dossier dont l'état ne change que par franchir(). La sous-classe donne TRANSITIONS et sujet."""

    TRANSITIONS: ClassVar[Mapping[str, Transition]]
    etat = models.CharField("état", max_length=20)

    class Meta:
        abstract = True

    @property
    def sujet(self) -> str:
        """Le nom du dossier dans le journal."""
        raise NotImplementedError

    def peut(self, geste: str) -> bool:
        return self.etat in self.TRANSITIONS[geste].depuis

    @transaction.atomic
    def franchir(self, geste: str, *, par: Any = None, details: dict[str, str] | None = None, **champs: Any) -> None:
        """Verrouille la ligne, vérifie la table, écrit l'état et les champs liés d'un seul UPDATE, journalise.

        Lève GesteImpossible si l'état présent en base ne permet pas le geste.
        """
        lignes = type(self)._base_manager.filter(pk=self.pk)
        etat = lignes.select_for_update().values_list("etat", flat=True).get()
        transition = self.TRANSITIONS[geste]
        if etat not in transition.depuis:
            raise GesteImpossible(geste, etat)
        ecrits = {**champs, "etat": transition.vers or etat}
        lignes.update(**ecrits)
        for nom, valeur in ecrits.items():
            setattr(self, nom, valeur)
        journaliser(geste, sujet=self.sujet, par=par, de=etat, vers=ecrits["etat"], **(details or {}))


def diagramme(table: Mapping[str, Transition]) -> str:
    """Le diagramme mermaid d'une table, dans son ordre (montré par docs/etats.md)."""
    lignes = ["stateDiagram-v2"]
    for geste, transition in table.items():
        lignes += [f"    {etat} --> {transition.vers or etat} : {geste}" for etat in sorted(transition.depuis)]
    return "\n".join(lignes)
