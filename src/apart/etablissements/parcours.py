"""L'état du parcours de création voyage scellé dans l'adresse des pages : ni session, ni cookie, rien de perdu."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from apart.socle.etat_scelle import desceller, sceller

USAGE = "creer-espace"
DUREE = timedelta(days=7)  # comme la demande d'espace qu'elle désigne


@dataclass(frozen=True)
class Etape:
    """Le SIRET vérifié à la première page, et la demande déjà déposée s'il y en a une.

    Deux sortes de demandes, deux champs : le même numéro désigne ailleurs la demande d'une autre personne (T25).
    """

    siret: str
    demande_espace: int | None = None
    demande_rejoindre: int | None = None

    def sceller(self) -> str:
        return sceller(USAGE, [self.siret, self.demande_espace, self.demande_rejoindre])


def lire(scellee: str) -> Etape:
    """Retrouve l'étape ; lève Http404 si l'adresse a été modifiée, EtatPerime après sept jours."""
    return Etape(*desceller(USAGE, scellee, duree=DUREE))
