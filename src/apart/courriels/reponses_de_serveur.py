"""Ce qui se garde d'une réponse de serveur, et ce qui s'en dit au journal, sans l'adresse."""

from __future__ import annotations

import logging
import re

from apart.courriels.models import Courriel, Sort

journal = logging.getLogger(__name__)
LONGUEUR_REPONSE = 500


def gardee(reponse: str) -> str:
    """Ce que PostgreSQL peut garder d'une réponse : ni signe nul, ni moitié de signe. Sinon, la tournée s'y arrête."""
    return reponse.replace("\0", "").encode(errors="replace").decode()[:LONGUEUR_REPONSE]


def dire(courriel: Courriel, sort: Sort, reponse: str) -> None:
    """Chaque message qui n'arrivera pas a sa ligne au journal, sans l'adresse."""
    journal.warning(
        "courriel %s %s, chez %s : %s", courriel.numero, sort.label, domaine(courriel), sans_adresse(reponse)
    )


def domaine(courriel: Courriel) -> str:
    return courriel.destinataire.rpartition("@")[2]


def sans_adresse(reponse: str) -> str:
    """Les serveurs citent l'adresse qu'ils refusent : le journal n'en garde que le domaine."""
    return re.sub(r"[^\s<>@:;,]{1,64}@", "•••@", reponse)
