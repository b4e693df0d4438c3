"""Mettre un message en file. L'envoi est l'affaire du travailleur."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from apart.courriels.models import Courriel


def mettre_en_file(
    modele: str,
    *,
    a: str,
    contexte: dict[str, Any],
    secrets: dict[str, str] | None = None,
    utilisateur: Any = None,
    siret: str = "",
    expire_le: datetime | None = None,
) -> Courriel:
    """Écrit un message dans la file, dans la transaction de l'appelant ; rend la ligne.

    modele : nom du gabarit (templates/courriels/<modele>.txt et .html). secrets : valeurs des noms que le gabarit
    emploie comme les autres ({{ lien }}, {{ code }}) mais qui ne sont gardées que chiffrées, jusqu'à l'envoi.
    """
    raise NotImplementedError
