"""Du nombre exact au centime, et retour. Jamais de flottant : un centime faux se paie des millions de fois.

Aucun texte n'impose d'arrondi ; les exemples du ministère arrondissent le taux horaire au centime, au demi-supérieur,
puis multiplient par les heures (docs/regles/arrondis.md).
"""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

CENTIME = Decimal("0.01")


def arrondir(montant: Decimal) -> Decimal:
    """Au centime, demi-supérieur : 7,175 donne 7,18. Vaut pour des euros comme pour des heures."""
    return montant.quantize(CENTIME, ROUND_HALF_UP)


def centiemes(nombre: Decimal) -> int:
    """Le nombre entier de centièmes, demi-supérieur : 10,15 € donne 1 015."""
    return int(nombre.scaleb(2).to_integral_value(ROUND_HALF_UP))


def depuis_centiemes(nombre: int) -> Decimal:
    """1 015 donne 10,15 : l'inverse de centiemes."""
    return Decimal(nombre).scaleb(-2)


def entier(nombre: Decimal, puissance: int) -> int:
    """Le nombre fois 10 puissance « puissance », qui doit tomber juste. Lève ValueError sinon."""
    decale = nombre.scaleb(puissance)
    if decale != decale.to_integral_value():
        raise ValueError(f"{nombre} a plus de {puissance} décimales.")
    return int(decale)
