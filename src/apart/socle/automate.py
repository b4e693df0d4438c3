"""Automate d'états : une table de transitions par sorte de dossier, et un seul geste pour la franchir."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import ClassVar

from django.contrib.auth.base_user import AbstractBaseUser
from django.db import models, transaction

from apart.socle.models import journaliser, verrouiller


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

    def verrouiller(self) -> None:
        """Verrouille la ligne et relit l'objet : ce qu'un collègue vient d'écrire ne sera pas écrasé."""
        self.refresh_from_db(from_queryset=verrouiller(type(self)._base_manager.all()))

    @contextmanager
    def franchir(
        self, geste: str, *, par: AbstractBaseUser | None = None, **details: str | int | bool | None
    ) -> Iterator[None]:
        """Verrouille, relit, vérifie la table ; le corps du with pose les champs liés sur l'objet relu.

        Puis un seul UPDATE et une ligne au journal. Lève GesteImpossible si l'état en base ne permet pas le geste.
        """
        with transaction.atomic():
            self.verrouiller()
            if not self.peut(geste):
                raise GesteImpossible(geste, self.etat)
            yield
            de, self.etat = self.etat, self.TRANSITIONS[geste].vers or self.etat
            self.save(force_update=True)
            journaliser(geste, sujet=self.sujet, par=par, de=de, vers=self.etat, **details)


def diagramme(table: Mapping[str, Transition]) -> str:
    """Le diagramme mermaid d'une table, dans son ordre (montré par docs/etats.md)."""
    lignes = ["stateDiagram-v2"]
    for geste, transition in table.items():
        lignes += [f"    {etat} --> {transition.vers or etat} : {geste}" for etat in sorted(transition.depuis)]
    return "\n".join(lignes)
