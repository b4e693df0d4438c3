"""Les jours et les nombres comme on les écrit en français, sans Django.

Les espaces insécables sont celles de l'Imprimerie nationale : U+00A0 devant « € » et « % », U+202F entre les milliers.
"""

from __future__ import annotations

from datetime import date
from decimal import ROUND_HALF_UP, Decimal

INSECABLE = "\N{NO-BREAK SPACE}"
FINE = "\N{NARROW NO-BREAK SPACE}"
MOIS = (
    *("janvier", "février", "mars", "avril", "mai", "juin"),
    *("juillet", "août", "septembre", "octobre", "novembre", "décembre"),
)


def jour_en_lettres(jour: date) -> str:
    """« 1er juin 2020 », « 23 novembre 2026 »."""
    quantieme = "1er" if jour.day == 1 else str(jour.day)
    return f"{quantieme} {MOIS[jour.month - 1]} {jour.year}"


def nombre(valeur: Decimal, decimales: int | None = None) -> str:
    """« 1 607 » ou « 151,67 » ; sans `decimales`, celles que porte la valeur ; avec, arrondi au demi supérieur."""
    if decimales is not None:
        valeur = valeur.quantize(Decimal(1).scaleb(-decimales), ROUND_HALF_UP)
    return f"{valeur:,f}".replace(",", FINE).replace(".", ",")


def euros(montant: Decimal) -> str:
    """« 8,57 € », toujours au centime."""
    return f"{nombre(montant, 2)}{INSECABLE}€"


def pourcentage(fraction: Decimal) -> str:
    """« 36 % » pour 0,36 ; « 2,71 % » pour 0,0271 : les zéros inutiles tombent."""
    centuple = fraction * 100
    entier = centuple.to_integral_value()
    return f"{nombre(entier if centuple == entier else centuple.normalize())}{INSECABLE}%"


def heures(duree: Decimal) -> str:
    """« 151,67 h », « 70 h »."""
    entier = duree.to_integral_value()
    return f"{nombre(duree, 0 if duree == entier else 2)}{INSECABLE}h"


def mois_en_lettres(premier: date) -> str:
    """« avril 2020 »."""
    return f"{MOIS[premier.month - 1]} {premier.year}"
