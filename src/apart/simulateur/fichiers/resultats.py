"""Ce que la page de résultats montre : les totaux, les lignes à corriger, et de quoi reprendre le fichier."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from apart.regles.francais import euros
from apart.simulateur.fichiers.calcul import Calcul, LigneFautive
from apart.simulateur.fichiers.colonnes import lettres
from apart.simulateur.fichiers.formulaire import FichierForm
from apart.simulateur.fichiers.reception import garder
from apart.simulateur.fichiers.tableaux import Genre

LIGNES_MONTREES = 50


class FauteMontree(NamedTuple):
    colonne: str  # « heures, case I12 »
    phrase: str


class LigneMontree(NamedTuple):
    numero: int
    nom: str
    fautes: list[FauteMontree]


@dataclass(frozen=True)
class Resultats:
    calcul: Calcul
    form: FichierForm

    @property
    def totaux(self) -> list[tuple[str, str]]:
        return [
            ("Indemnité due aux salariés", euros(self.calcul.total("indemnite"))),
            ("Allocation versée à l'employeur", euros(self.calcul.total("allocation"))),
            ("Reste à charge", euros(self.calcul.total("reste_a_charge"))),
        ]

    @property
    def nombre_de_fautives(self) -> int:
        return len(self.calcul.fautives)

    @property
    def montrees(self) -> list[LigneMontree]:
        return [self._montrer(fautive) for fautive in self.calcul.fautives[:LIGNES_MONTREES]]

    @property
    def autres(self) -> int:
        """Les lignes à corriger qui ne tiennent pas dans la page."""
        return max(0, self.nombre_de_fautives - LIGNES_MONTREES)

    def _montrer(self, fautive: LigneFautive) -> LigneMontree:
        rang = self.calcul.tableau.places.get("nom")
        nom = "" if rang is None else self.calcul.tableau.cadre[str(rang)][fautive.rang] or ""
        return LigneMontree(fautive.numero, nom[:60], list(self._fautes(fautive)))

    def _fautes(self, fautive: LigneFautive) -> Iterator[FauteMontree]:
        places = self.calcul.tableau.places
        for champ, phrase in ((faute.champ, faute.phrase) for faute in fautive.fautes):
            place = f", case {lettres(places[champ])}{fautive.numero}" if champ in places else ""
            yield FauteMontree(f"{champ}{place}" if champ else "toute la ligne", phrase)

    @property
    def inconnues(self) -> list[str]:
        return [nom for nom in self.calcul.tableau.inconnues if nom]

    @property
    def genre(self) -> str:
        return "classeur Excel" if self.calcul.tableau.genre is Genre.XLSX else "CSV"

    @property
    def contenu(self) -> str:
        """Le fichier, s'il est assez petit pour voyager dans la page ; sinon, il est à renvoyer."""
        return garder(self.form.source)

    @property
    def nom(self) -> str:
        return f"{self.form.nom_du_fichier}.{self.calcul.tableau.genre}"
