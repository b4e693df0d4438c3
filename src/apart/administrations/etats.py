"""Où en est la proposition de remplacer le second facteur d'un agent, et les gestes permis dans chaque état."""

from __future__ import annotations

from typing import Final

from django.db.models import TextChoices

from apart.socle.automate import Transition, de


class EtatProposition(TextChoices):
    PROPOSEE = "proposee", "à approuver"
    APPROUVEE = "approuvee", "approuvée"
    RETIREE = "retiree", "retirée"
    PERIMEE = "perimee", "périmée"


E = EtatProposition

TRANSITIONS: Final[dict[str, Transition]] = {
    "approuver_facteur_agent": de(E.PROPOSEE, vers=E.APPROUVEE),
    "retirer_facteur_agent": de(E.PROPOSEE, vers=E.RETIREE),
    "perimer_facteur_agent": de(E.PROPOSEE, vers=E.PERIMEE),
}
