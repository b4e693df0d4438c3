"""L'échantillon réel, lu une fois, et de quoi fabriquer un fichier stock à partir de ses lignes."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path

import pytest

from apart.repertoire.actions import ECHANTILLON
from apart.repertoire.progression import Progression

ETABLISSEMENTS = ECHANTILLON / "StockEtablissement_echantillon.csv"
UNITES = ECHANTILLON / "StockUniteLegale_echantillon.csv"

Ligne = dict[str, str]
EcrireStock = Callable[..., Path]


class Muette(Progression):
    """Une progression que personne ne regarde."""

    def etape(self, titre: str, total: int = 0, unite: str = "") -> None:
        return None

    def avancer(self, fait: int) -> None:
        return None

    def finir(self) -> None:
        return None


@pytest.fixture
def muette() -> Muette:
    return Muette()


def lignes(fichier: Path) -> list[Ligne]:
    with fichier.open(encoding="utf-8", newline="") as flux:
        return list(csv.DictReader(flux))


@pytest.fixture
def ecrire_stock(tmp_path: Path) -> EcrireStock:
    """Écrit un fichier stock avec ces lignes ; les colonnes non dites sont vides."""

    def ecrire(nom: str, *contenu: Ligne, colonnes: list[str] | None = None, modele: Path = ETABLISSEMENTS) -> Path:
        noms = colonnes or list(lignes(modele)[0])
        chemin = tmp_path / nom
        with chemin.open("w", encoding="utf-8", newline="") as flux:
            plume = csv.DictWriter(flux, noms, restval="", extrasaction="ignore", lineterminator="\n")
            plume.writeheader()
            plume.writerows(contenu)
        return chemin

    return ecrire
