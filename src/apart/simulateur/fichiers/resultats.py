"""Ce que la page montre d'un fichier calculé, et les fichiers qu'elle rend."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property

import polars as pl

from apart.regles.francais import euros
from apart.simulateur.fichiers.calcul import MONTANTS, SANS_MONTANT, Calcul
from apart.simulateur.fichiers.colonnes import A_CORRIGER, A_VERIFIER, RESULTATS
from apart.simulateur.fichiers.constats import citer, constats, suppositions
from apart.tableaux.ecriture import ecrire
from apart.tableaux.fautes import Faute
from apart.tableaux.tableau import Genre, lettres

LIGNES_MONTREES = 50
EUROS = pl.Decimal(18, 2)


class Resultats:
    def __init__(self, calcul: Calcul) -> None:
        self.calcul = calcul
        self.fautives = calcul.fautives
        self.suppositions = suppositions(calcul)
        self.constats = constats(calcul)

    # --- La page ---

    @property
    def nombre(self) -> int:
        return len(self.calcul.calculees)

    @property
    def totaux(self) -> list[tuple[str, str]]:
        return [
            ("Indemnité due aux salariés", euros(self.calcul.total("indemnite"))),
            ("Allocation versée à l'employeur", euros(self.calcul.total("allocation"))),
            ("Reste à charge", euros(self.calcul.total("reste_a_charge"))),
        ]

    @property
    def montrees(self) -> list[tuple[int, str, list[tuple[str, str]]]]:
        """Les premières lignes à corriger : numéro, nom, fautes."""
        noms = self.calcul.cadre["nom"] if "nom" in self.calcul.places else None
        return [
            (fautive.numero, ((noms is not None and noms[fautive.rang]) or "")[:60],
             [self._faute(fautive.numero, faute) for faute in fautive.fautes])
            for fautive in self.fautives[:LIGNES_MONTREES]
        ]  # fmt: skip

    @property
    def nombre_fautives(self) -> int:
        return len(self.fautives)

    @property
    def autres(self) -> int:
        """Les lignes à corriger qui ne tiennent pas dans la page."""
        return max(0, len(self.fautives) - LIGNES_MONTREES)

    def _faute(self, numero: int, faute: Faute) -> tuple[str, str]:
        """« heures, case I12 », et sa phrase."""
        rang = self.calcul.places.get(faute.champ)
        place = "" if rang is None else f", case {lettres(rang)}{numero}"
        return f"{faute.champ}{place}" or "toute la ligne", faute.phrase

    @property
    def a_verifier(self) -> list[tuple[str, str]]:
        """Chaque constat, et les lignes qu'il touche : « 2, 3 et 40 autres »."""
        numeros = self.calcul.tableau.lignes
        return [(constat.phrase, citer([str(n) for n in numeros[constat.rangs]])) for constat in self.constats]

    @cached_property
    def reserves(self) -> list[str]:
        """Ce que le fichier a d'incertain, sans répétition."""
        employees = set(self.calcul.reserve[self.calcul.calculees].tolist())
        return list(dict.fromkeys(phrase for rang in sorted(employees) for phrase in self.calcul.reserves[rang]))

    @property
    def genre(self) -> str:
        return "CSV" if self.calcul.tableau.genre is Genre.CSV else "classeur Excel"

    # --- Les fichiers rendus ---

    def fichier(self) -> bytes:
        """Toutes les lignes dans leur ordre, suivies des résultats, de ce qui est à vérifier et à corriger."""
        calcul = self.calcul
        est_calculee = pl.Series(calcul.montants["indemnite"] != SANS_MONTANT)
        ajouts = [
            (nom, self._montant(colonne, est_calculee)) for nom, colonne in zip(RESULTATS, MONTANTS, strict=False)
        ]
        reserves = pl.Series([" ".join(phrases) or None for phrases in calcul.reserves], dtype=pl.String)
        ajouts.append(("a_confirmer", _si(est_calculee, reserves.gather(calcul.reserve))))
        if self.constats:
            phrases = ((rang, constat.phrase) for constat in self.constats for rang in constat.rangs.tolist())
            ajouts.append((A_VERIFIER, self._textes(phrases)))
        if self.fautives:
            ajouts.append((A_CORRIGER, self._textes((fautive.rang, fautive.phrase) for fautive in self.fautives)))
        return ecrire(calcul.tableau, ajouts, notes=self.suppositions)

    def a_corriger(self) -> bytes:
        """Les seules lignes à corriger, telles que reçues, et pour chacune ce qu'il faut faire."""
        phrases = self._textes((fautive.rang, fautive.phrase) for fautive in self.fautives)
        rangs = [fautive.rang for fautive in self.fautives]
        return ecrire(self.calcul.tableau, [(A_CORRIGER, phrases)], rangs=rangs)

    def _montant(self, nom: str, est_calculee: pl.Series) -> pl.Series:
        """En euros ou en heures ; vide si la loi en donne plusieurs ou si la ligne n'est pas calculée."""
        centiemes = pl.Series(self.calcul.montants[nom])
        montres = est_calculee & (centiemes != SANS_MONTANT) if nom.endswith("_horaire") else est_calculee
        return _si(montres, (centiemes / 100).cast(EUROS))

    def _textes(self, phrases: Iterable[tuple[int, str]]) -> pl.Series:
        """Ces phrases à leurs lignes, vide ailleurs."""
        dites: dict[int, str] = {}
        for rang, phrase in phrases:
            dites[rang] = f"{dites[rang]} {phrase}" if rang in dites else phrase
        return pl.Series([dites.get(rang) for rang in range(len(self.calcul))], dtype=pl.String)


def _si(vrai: pl.Series, valeurs: pl.Series) -> pl.Series:
    return pl.select(pl.when(vrai).then(valeurs)).to_series()
