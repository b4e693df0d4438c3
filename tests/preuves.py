"""Ce qu'un navigateur aurait joint au formulaire pour le contrôle de sécurité, sans attendre."""

from datetime import timedelta

import altcha
from django.utils import timezone

from apart.socle import anti_robot


def preuve(nom: str) -> dict[str, str]:
    """Champs à joindre à un POST de test : client.post(url, saisie | preuve("creer-espace")). Vaut une seule fois.

    Au prix fort : elle vaut quel que soit le réseau d'où le test l'envoie.
    """
    return {"altcha": resoudre(anti_robot.creer_defi(nom, effort=2, majore=True)), "ouvert": ouvert(nom)}


def sans_javascript(nom: str) -> dict[str, str]:
    return {"sans_javascript": "1", "ouvert": ouvert(nom)}


def ouvert(nom: str, *, il_y_a: timedelta = timedelta(seconds=5)) -> str:
    return anti_robot.signer_instant(nom, timezone.now() - il_y_a)


def resoudre(defi: altcha.Challenge) -> str:
    solution = altcha.solve_challenge(defi)
    assert solution is not None
    return altcha.Payload(defi, solution).to_base64()
