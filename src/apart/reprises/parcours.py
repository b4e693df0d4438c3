"""L'état du parcours d'une reprise voyage scellé dans l'adresse des pages : ni session, ni cookie, rien de perdu."""

from __future__ import annotations

from dataclasses import dataclass

from apart.reprises.models.reprise import DELAI_CONFIRMATION
from apart.socle.etat_scelle import desceller, sceller

USAGE = "reprise"


@dataclass(frozen=True)
class Etape:
    """Le SIRET et la demande déposée, à renvoyer sans rien retaper."""

    siret: str
    reprise: int

    def sceller(self) -> str:
        return sceller(USAGE, [self.siret, self.reprise])


def lire(scellee: str) -> Etape:
    """Retrouve l'étape ; lève Http404 si l'adresse a été modifiée, EtatPerime quand la demande n'existe plus."""
    return Etape(*desceller(USAGE, scellee, duree=DELAI_CONFIRMATION))
