"""Des lignes coupées en parties, et les sommes en sens inverse : les mois d'une période, les lois d'un mois."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

from apart.regles.formules import Entiers, Masque

G = TypeVar("G", bound=np.generic)


def distincts(*colonnes: Entiers | Masque) -> tuple[list[int], Entiers]:
    """Le premier rang de chaque combinaison distincte, et la combinaison de chaque ligne."""
    cle = np.zeros(len(colonnes[0]), np.int64)
    for colonne in colonnes:
        moindre, plus_grand = int(colonne.min()), int(colonne.max())
        cle = cle * (plus_grand - moindre + 1) + colonne - moindre
    _, premiers, rangs = np.unique(cle, return_index=True, return_inverse=True)
    return premiers.tolist(), rangs


class Parties(NamedTuple):
    """Les parties de chaque ligne, à la suite : leur ligne, leur rang dans la table, leurs heures."""

    origine: Entiers
    cible: Entiers
    heures: Entiers
    premieres: Entiers  # de chaque ligne

    def prendre(self, colonne: Entiers) -> Entiers:
        """Une colonne des lignes, pour chaque partie."""
        return colonne.take(self.origine)

    def reduire(self, comment: np.ufunc, colonne: NDArray[G]) -> NDArray[G]:
        """Une colonne des parties réduite à une valeur par ligne ; elle-même si chacune n'en a qu'une."""
        if len(self.origine) == len(self.premieres):
            return colonne
        reduite: NDArray[G] = comment.reduceat(colonne, self.premieres)
        return reduite


def couper(poids: Sequence[Sequence[int]], rangs: Entiers, heures: Entiers) -> Parties:
    """Chaque ligne en autant de parties que sa suite de poids : ce que chacune prend de ses heures, à côté des autres.

    La table est celle de toutes les suites bout à bout.
    """
    tailles = np.array([len(suite) for suite in poids])
    debuts = np.cumsum(tailles) - tailles
    n = tailles.take(rangs)
    premieres = np.cumsum(n) - n
    origine = np.repeat(np.arange(len(rangs)), n)
    cible = np.arange(len(origine)) + (debuts.take(rangs) - premieres).take(origine)
    de_la_table = np.array([pese for suite in poids for pese in suite])
    return Parties(origine, cible, repartir(heures, origine, premieres, de_la_table.take(cible)), premieres)


def repartir(heures: Entiers, origine: Entiers, premieres: Entiers, poids: Entiers) -> Entiers:
    """Les heures de chaque partie, comme mois.repartir : les centièmes qui restent vont aux plus grands restes."""
    if len(origine) == len(heures):
        return heures
    entieres, restes = np.divmod(poids * heures.take(origine), np.add.reduceat(poids, premieres).take(origine))
    manque = heures - np.add.reduceat(entieres, premieres)
    rang = np.empty_like(origine)
    rang[np.lexsort((-restes, origine))] = np.arange(len(origine)) - premieres.take(origine)
    return entieres + (rang < manque.take(origine))
