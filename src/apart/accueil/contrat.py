"""Le contrat de prestation en PDF."""

from __future__ import annotations

from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any

from apart.accueil.forms.contrat import MISSIONS
from apart.socle import dates, impression
from apart.socle.saisies import siret_lisible

GABARIT = Path(__file__).parent / "contrat.typ"


def composer(saisie: dict[str, Any]) -> bytes:
    """PDF/UA rempli avec les données d'un ContratForm valide."""
    textes = {nom: str(valeur) for nom, valeur in saisie.items() if nom.startswith(("client_", "cabinet_"))}
    for partie in ("client", "cabinet"):
        textes[f"{partie}_siret"] = siret_lisible(saisie[f"{partie}_siret"])
    missions = [texte for rang, texte in enumerate(MISSIONS) if str(rang) in saisie["missions"]]
    return impression.composer(
        GABARIT, {**textes, "missions": missions, "du": _jour(saisie["du"]), "au": _jour(saisie.get("au"))}
    )


@lru_cache(maxsize=1)
def vierge() -> bytes:
    """Le même contrat, à remplir à la main."""
    return impression.composer(GABARIT, {"missions": MISSIONS})


def _jour(jour: date | None) -> str:
    return dates.jour(jour) if jour else ""
