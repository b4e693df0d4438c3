"""Les états d'une demande à rejoindre un établissement, et les gestes permis dans chacun."""

from __future__ import annotations

from typing import Final

from django.db.models import TextChoices

from apart.socle.automate import Transition, de


class EtatRejoindre(TextChoices):
    DEPOSEE = "deposee", "déposée"
    CONFIRMEE = "confirmee", "à décider"
    ACCEPTEE = "acceptee", "acceptée"
    REFUSEE = "refusee", "refusée"
    ENTREE = "entree", "entrée"


# Rien ne sort d'« entrée » : un accord sert une fois, et ne fait pas revenir un ancien membre.
TRANSITIONS: Final[dict[str, Transition]] = {
    "confirmer_rejoindre": de(EtatRejoindre.DEPOSEE, vers=EtatRejoindre.CONFIRMEE),
    "accepter_rejoindre": de(EtatRejoindre.CONFIRMEE, vers=EtatRejoindre.ACCEPTEE),
    "refuser_rejoindre": de(EtatRejoindre.CONFIRMEE, vers=EtatRejoindre.REFUSEE),
    "entrer": de(EtatRejoindre.ACCEPTEE, vers=EtatRejoindre.ENTREE),
}
