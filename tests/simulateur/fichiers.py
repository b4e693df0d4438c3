"""De quoi lire et calculer un fichier dans un test, sans page ni formulaire."""

from __future__ import annotations

from apart.simulateur.fichiers.calcul import Calcul
from apart.simulateur.fichiers.colonnes import COLONNES
from apart.tableaux.entetes import compter, proposer
from apart.tableaux.lecture import lire as lire_un_tableau
from apart.tableaux.tableau import Tableau


def lire(contenu: bytes | str, feuille: str | None = None) -> Tableau:
    octets = contenu.encode() if isinstance(contenu, str) else contenu
    return lire_un_tableau(octets, lambda cases: compter(cases, COLONNES), feuille=feuille)


def calculer(contenu: bytes | str | Tableau, **sens: str) -> Calcul:
    """Le fichier calculé, ses colonnes telles que proposées ; « sens » corrige celle de cet en-tête."""
    tableau = contenu if isinstance(contenu, Tableau) else lire(contenu)
    proposees = [p.nom for p in proposer(tableau.entetes, COLONNES)]
    return Calcul(tableau, [sens.get(e, p) for e, p in zip(tableau.entetes, proposees, strict=True)])


def phrases(calcul: Calcul) -> list[str]:
    return [fautive.phrase for fautive in calcul.fautives]
