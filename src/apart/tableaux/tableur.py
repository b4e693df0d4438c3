"""Un tableau court, en texte, pour un tableur français."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from decimal import Decimal
from io import StringIO

from apart.socle.saisies import DECLENCHEURS

MARQUE = "\ufeff"  # sans elle, Excel lit l'UTF-8 comme du latin-1


def en_csv(lignes: Iterable[Iterable[object]], *, fin_de_ligne: str = "\n") -> str:
    """Un tableau pour un tableur français : point-virgule, virgule décimale, aucun texte qu'il exécuterait."""
    tampon = StringIO()
    ecrivain = csv.writer(tampon, delimiter=";", lineterminator=fin_de_ligne)
    ecrivain.writerows([_cellule(valeur) for valeur in ligne] for ligne in lignes)
    return tampon.getvalue()


def _cellule(valeur: object) -> str:
    """Un nombre avec sa virgule ; un texte qui commencerait une formule prend une apostrophe (T24)."""
    if isinstance(valeur, Decimal):
        return f"{valeur:f}".replace(".", ",")
    texte = "" if valeur is None else str(valeur)
    return f"'{texte}" if texte and texte[0] in DECLENCHEURS else texte
