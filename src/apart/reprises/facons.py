"""Les façons de prouver qui conviennent à cette reprise-ci, de la plus rapide à la plus lente, en données."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from apart.etablissements.models import Preuve
from apart.reprises.actions import preuves
from apart.reprises.models import Reprise


@dataclass(frozen=True)
class Facon:
    """Une façon de prouver : ce qu'elle demande, quand elle rend l'accès, l'adresse de son geste (vide : ailleurs)."""

    preuve: Preuve
    titre: str
    explication: str
    delai: str
    bouton: str
    url: str
    convient: Callable[[Reprise], bool]


FACONS: Final = (
    Facon(
        Preuve.COURRIEL_ETABLISSEMENT,
        "Un code envoyé à l'adresse de l'établissement",
        "Quelqu'un lit cette boîte : le code qui y arrive suffit.",
        "Tout de suite, au code.",
        "Envoyer le code",
        "reprise-par-adresse",
        lambda reprise: preuves.adresse_independante(reprise.etablissement, reprise.courriel),
    ),
    Facon(
        Preuve.MEMBRE,
        "L'accord d'un collègue qui a déjà un accès",
        "Il vous connaît : il répond de vous dans son espace. Prévenez-le de vive voix.",
        "Dès son accord, le plus souvent.",
        "Demander cet accord",
        "reprise-par-collegue",
        lambda reprise: preuves.collegues(reprise).exists(),
    ),
    Facon(
        Preuve.DOMAINE,
        "Votre adresse professionnelle",
        "Elle est du même domaine que celle de l'établissement ou d'une personne qui y a un accès.",
        "Après 72 heures, si personne ne s'y oppose.",
        "Employer mon adresse",
        "reprise-par-domaine",
        lambda reprise: bool(preuves.porteurs_du_domaine(reprise.etablissement, reprise.courriel)),
    ),
    Facon(
        Preuve.REPRESENTANT,
        "Une attestation de l'employeur",
        "Datée et signée par son représentant légal, avec sa pièce d'identité. Deux agents la relisent.",
        "Aussitôt approuvée.",
        "Envoyer mes pièces",
        "reprise-piece",
        lambda reprise: True,
    ),
)


def facons(reprise: Reprise) -> list[Facon]:
    """Celles qui conviennent maintenant ; aucune quand la reprise n'attend plus de preuve."""
    return [facon for facon in FACONS if facon.convient(reprise)] if reprise.est_ouverte else []
