"""Ce qu'il y a à corriger dans un tableau : où, et quoi faire."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Faute:
    """Une réponse à revoir : le champ ou la colonne (« » pour toute la ligne), et ce qu'il faut faire."""

    champ: str
    phrase: str


@dataclass(frozen=True, slots=True)
class LigneFautive:
    """Une ligne à corriger : son rang dans le tableau, son numéro dans le fichier, ce qu'elle a."""

    rang: int
    numero: int
    fautes: tuple[Faute, ...]

    @property
    def phrase(self) -> str:
        return " ".join(f"{faute.champ} : {faute.phrase}" if faute.champ else faute.phrase for faute in self.fautes)
