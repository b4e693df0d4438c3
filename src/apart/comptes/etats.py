"""Où en est la demande de qui a perdu son second facteur, et les gestes permis dans chaque état."""

from __future__ import annotations

from typing import Final

from django.db.models import TextChoices

from apart.socle.automate import Transition, de


class EtatFacteurPerdu(TextChoices):
    ATTENTE = "attente", "en attente"
    OUVERTE = "ouverte", "à finir"
    FAITE = "faite", "faite"
    ANNULEE = "annulee", "annulée"
    ABANDONNEE = "abandonnee", "abandonnée"


E = EtatFacteurPerdu
EN_COURS: Final = (E.ATTENTE, E.OUVERTE)

TRANSITIONS: Final[dict[str, Transition]] = {
    "prevenir_a_mi_delai": de(E.ATTENTE),
    "ouvrir_facteur_perdu": de(E.ATTENTE, vers=E.OUVERTE),
    "envoyer_lien_facteur": de(E.OUVERTE),
    "remplacer_facteur": de(E.OUVERTE, vers=E.FAITE),
    "annuler_facteur_perdu": de(*EN_COURS, vers=E.ANNULEE),
    "abandonner_facteur_perdu": de(E.OUVERTE, vers=E.ABANDONNEE),
}
