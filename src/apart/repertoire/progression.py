"""Dire où en est un long travail : barre sur un terminal, lignes simples dans un journal."""

from __future__ import annotations

import sys
from typing import Never, Protocol

from tqdm import tqdm


class Progression(Protocol):
    def etape(self, titre: str, total: int = 0, unite: str = "") -> None:
        """Commence une étape ; total 0 : durée inconnue."""

    def avancer(self, fait: int) -> None: ...

    def finir(self) -> None: ...


class Barre:
    """Pour un terminal."""

    def __init__(self) -> None:
        self._barre: tqdm[Never] | None = None

    def etape(self, titre: str, total: int = 0, unite: str = "") -> None:
        self.finir()
        self._barre = tqdm(total=total or None, desc=titre, unit=unite, unit_scale=True, dynamic_ncols=True)

    def avancer(self, fait: int) -> None:
        if self._barre is not None:
            self._barre.update(fait)

    def finir(self) -> None:
        if self._barre is not None:
            self._barre.close()
            self._barre = None


class Lignes:
    """Pour un journal : une ligne par étape et par dixième."""

    def __init__(self) -> None:
        self._titre, self._total, self._fait, self._dit = "", 0, 0, 0

    def etape(self, titre: str, total: int = 0, unite: str = "") -> None:
        self._titre, self._total, self._fait, self._dit = titre, total, 0, 0
        self._ecrire(titre)

    def avancer(self, fait: int) -> None:
        self._fait += fait
        dixieme = self._fait * 10 // self._total if self._total else 0
        if dixieme > self._dit:
            self._dit = dixieme
            self._ecrire(f"{self._titre} : {min(dixieme, 10) * 10} %")

    def finir(self) -> None:
        return None

    def _ecrire(self, texte: str) -> None:
        sys.stderr.write(texte + "\n")
        sys.stderr.flush()


def adaptee() -> Progression:
    return Barre() if sys.stderr.isatty() else Lignes()
