"""Une ligne du tableau de « make banc » : notre vitesse, à côté de sa limite mesurée dans la même exécution."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Ligne:
    """chemin : ce qui est mesuré. nous, limite : dans la même unité, plus haut est mieux. vise : rapport voulu."""

    chemin: str
    nous: float
    limite: float
    unite: str
    vise: float

    @property
    def rapport(self) -> float:
        return self.nous / self.limite
