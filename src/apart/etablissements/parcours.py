"""L'état du parcours de création voyage signé dans l'adresse des pages : ni session, ni cookie, rien de perdu."""

from __future__ import annotations

from dataclasses import dataclass

from django.core import signing
from django.http import Http404

SEL = "creer-espace"


@dataclass(frozen=True)
class Etape:
    """Le SIRET vérifié à la première page, et la demande déjà déposée s'il y en a une.

    Deux sortes de demandes, deux champs : le même numéro désigne ailleurs la demande d'une autre personne (T25).
    """

    siret: str
    demande_espace: int | None = None
    demande_rejoindre: int | None = None

    def signer(self) -> str:
        return signing.dumps([self.siret, self.demande_espace, self.demande_rejoindre], salt=SEL)


def lire(signee: str) -> Etape:
    """Retrouve l'étape ; lève Http404 si l'adresse a été modifiée."""
    try:
        return Etape(*signing.loads(signee, salt=SEL))
    except signing.BadSignature as erreur:
        raise Http404 from erreur
