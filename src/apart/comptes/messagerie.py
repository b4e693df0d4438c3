"""La page « Consultez votre messagerie » : son état voyage signé dans son adresse, sans session ni cookie.

Elle marche donc depuis un autre appareil, et reste la même au mot près qu'un compte existe ou non.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.core import signing
from django.http import Http404

from apart.comptes.jetons import Demande

SEL = "consultez-votre-messagerie"


@dataclass(frozen=True)
class Attente:
    """Ce que la page sait : la demande, l'adresse masquée si la personne l'a tapée, ce qu'elle a saisi."""

    demande: Demande
    masque: str = ""
    saisie: str = ""

    @property
    def expire_le(self) -> datetime:
        return self.demande.deposee_le + settings.DUREE_JETON

    def signer(self) -> str:
        contenu = {
            "r": self.demande.reference.hex,
            "l": self.demande.deposee_le.isoformat(),
            "m": self.masque,
            "s": self.saisie,
        }
        return signing.dumps(contenu, salt=SEL)


def lire(signee: str) -> Attente:
    """Retrouve l'état de la page ; lève Http404 si l'adresse a été modifiée."""
    try:
        contenu = signing.loads(signee, salt=SEL)
    except signing.BadSignature as erreur:
        raise Http404 from erreur
    return Attente(Demande.lue(contenu["r"], contenu["l"]), contenu["m"], contenu["s"])
