"""La page « Consultez votre messagerie » : son état voyage scellé dans son adresse, sans session ni cookie.

Elle marche donc depuis un autre appareil, et reste la même au mot près qu'un compte existe ou non.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings

from apart.comptes.jetons import Demande
from apart.socle.etat_scelle import desceller, sceller

USAGE = "consultez-votre-messagerie"
DUREE = timedelta(days=1)  # au-delà du lien : la page dit encore quoi faire quand rien n'est arrivé


@dataclass(frozen=True)
class Attente:
    """Ce que la page sait : la demande, l'adresse masquée si la personne l'a tapée, ce qu'elle a saisi."""

    demande: Demande
    masque: str = ""
    saisie: str = ""

    @property
    def expire_le(self) -> datetime:
        return self.demande.deposee_le + settings.DUREE_JETON

    def sceller(self) -> str:
        return sceller(USAGE, [self.demande.ecrite(), self.masque, self.saisie])


def lire(scellee: str) -> Attente:
    """Retrouve l'état de la page ; lève Http404 si l'adresse a été modifiée, EtatPerime après un jour."""
    demande, masque, saisie = desceller(USAGE, scellee, duree=DUREE)
    return Attente(Demande.lue(**demande), masque, saisie)
