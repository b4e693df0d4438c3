"""Une adresse qui vient d'être posée ne sert, vingt-quatre heures, à reprendre aucun autre accès (T38)."""

from __future__ import annotations

from datetime import datetime

from django.core.exceptions import PermissionDenied

from apart.comptes.models import Utilisateur
from apart.socle import dates

REPOND_TROP_TOT = "Vous venez de reprendre un accès : vous ne pouvez répondre de personne"


class AdresseRetenue(PermissionDenied):
    """Cette adresse vient de servir à reprendre un accès, ou d'être changée ; le message dit quoi et jusqu'à quand."""

    def __init__(self, phrase: str, jusqu_au: datetime) -> None:
        super().__init__(f"{phrase} avant {dates.heure(jusqu_au)}.")
        self.jusqu_au = jusqu_au


def exiger_qui_repond(par: Utilisateur) -> None:
    """Qui vient de reprendre un accès n'y fait entrer ni monter personne. Lève AdresseRetenue."""
    if fin := Utilisateur.objects.get(pk=par.pk).adresse_retenue_jusqu_au:
        raise AdresseRetenue(REPOND_TROP_TOT, fin)
