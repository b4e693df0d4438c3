"""Les états d'une demande à rejoindre, d'une preuve demandée, d'une offre de rôle, et leurs gestes permis."""

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
    ANNULEE = "annulee", "annulée"


# Rien ne sort d'« entrée » ni d'« annulée » : un accord sert une fois, et ne fait pas revenir un ancien membre.
TRANSITIONS: Final[dict[str, Transition]] = {
    "confirmer_rejoindre": de(EtatRejoindre.DEPOSEE, vers=EtatRejoindre.CONFIRMEE),
    "accepter_rejoindre": de(EtatRejoindre.CONFIRMEE, vers=EtatRejoindre.ACCEPTEE),
    "refuser_rejoindre": de(EtatRejoindre.CONFIRMEE, vers=EtatRejoindre.REFUSEE),
    "annuler_admission": de(EtatRejoindre.ACCEPTEE, vers=EtatRejoindre.ANNULEE),
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
    # Défaite ou refusée par qui n'en avait le pouvoir que par une reprise, défaite depuis.
    "rendre_preuve": de(EtatPreuve.DEFAITE, vers=EtatPreuve.POSEE),
    "ecarter_refus": de(EtatPreuve.REFUSEE, EtatPreuve.OPPOSEE, vers=EtatPreuve.ABANDONNEE),
}


class EtatOffre(TextChoices):
    OFFERTE = "offerte", "offerte"
    ACQUISE = "acquise", "acquise"
    DECLINEE = "declinee", "déclinée"
    OPPOSEE = "opposee", "refusée par un autre membre"
    CADUQUE = "caduque", "sans objet"


# Un refus clôt : le rôle ne se prend plus alors que sur une preuve 5 ou 6 (actions.offres.prendre), sans offre.
TRANSITIONS_OFFRE: Final[dict[str, Transition]] = {
    "decliner_offre": de(EtatOffre.OFFERTE, vers=EtatOffre.DECLINEE),
    "opposer_offre": de(EtatOffre.OFFERTE, vers=EtatOffre.OPPOSEE),
    "acquerir_offre": de(EtatOffre.OFFERTE, vers=EtatOffre.ACQUISE),
    "abandonner_offre": de(EtatOffre.OFFERTE, vers=EtatOffre.CADUQUE),
}
