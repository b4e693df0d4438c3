"""Les états d'une demande à rejoindre un établissement et d'une preuve demandée, et les gestes permis dans chacun."""

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


class EtatPreuve(TextChoices):
    DEPOSEE = "deposee", "en attente"
    POSEE = "posee", "posée"
    OPPOSEE = "opposee", "arrêtée par une opposition"
    REFUSEE = "refusee", "refusée"
    ABANDONNEE = "abandonnee", "sans suite"
    DEFAITE = "defaite", "défaite"


TRANSITIONS_PREUVE: Final[dict[str, Transition]] = {
    "relever_preuve": de(EtatPreuve.DEPOSEE, vers=EtatPreuve.POSEE),
    "opposer_preuve": de(EtatPreuve.DEPOSEE, vers=EtatPreuve.OPPOSEE),
    "refuser_preuve": de(EtatPreuve.DEPOSEE, vers=EtatPreuve.REFUSEE),
    "abandonner_preuve": de(EtatPreuve.DEPOSEE, vers=EtatPreuve.ABANDONNEE),
    "defaire_preuve": de(EtatPreuve.POSEE, vers=EtatPreuve.DEFAITE),
}
