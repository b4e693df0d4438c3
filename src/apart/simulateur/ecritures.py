"""Les écarts et les périodes comme la page et le PDF les écrivent."""

from __future__ import annotations

from decimal import Decimal

from apart.regles.francais import euros, jour_en_lettres
from apart.regles.mois import Ligne

MOINS = "\N{MINUS SIGN}"


def ecart(montant: Decimal) -> str:
    """« + 12,00 € », « − 3,50 € », « 0,00 € »."""
    if not montant:
        return euros(montant)
    return f"{'+' if montant > 0 else MOINS}\N{NO-BREAK SPACE}{euros(abs(montant))}"


def du_au(ligne: Ligne) -> str:
    """« du 1er au 31 mai 2026 »."""
    du, au = ligne.periode.du, ligne.periode.au
    if du == au:
        return f"le {jour_en_lettres(du)}"
    debut = jour_en_lettres(du)
    if (du.year, du.month) == (au.year, au.month):
        debut = debut.split()[0]
    return f"du {debut} au {jour_en_lettres(au)}"
