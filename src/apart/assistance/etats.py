"""Les états d'une demande d'assistance, et les gestes permis dans chacun."""

from __future__ import annotations

from typing import Final

from django.db.models import TextChoices

from apart.socle.automate import Transition, de


class Etat(TextChoices):
    A_TRAITER = "a_traiter", "à traiter"
    REPONDUE = "repondue", "répondue"
    CLOSE = "close", "close"


# Écrire rouvre : qui répond à une réponse, même après la clôture, retrouve sa place dans la file.
TRANSITIONS: Final[dict[str, Transition]] = {
    "prendre": de(Etat.A_TRAITER, Etat.REPONDUE),
    "repondre": de(Etat.A_TRAITER, Etat.REPONDUE, vers=Etat.REPONDUE),
    "ecrire": de(Etat.A_TRAITER, Etat.REPONDUE, Etat.CLOSE, vers=Etat.A_TRAITER),
    "clore": de(Etat.A_TRAITER, Etat.REPONDUE, vers=Etat.CLOSE),
    "rouvrir": de(Etat.CLOSE, vers=Etat.A_TRAITER),
}
