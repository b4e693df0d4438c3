"""L'état du parcours de création voyage signé dans l'adresse des pages : ni session, ni cookie, rien de perdu."""

from __future__ import annotations

from dataclasses import dataclass

from django.core import signing
from django.http import Http404

SEL = "creer-espace"


@dataclass(frozen=True)
class Etape:
    """Le SIRET vérifié à la première page, et la demande déjà déposée s'il y en a une."""

    siret: str
    demande: int | None = None

    def signer(self) -> str:
        return signing.dumps([self.siret, self.demande], salt=SEL)


def lire(signee: str) -> Etape:
    """Retrouve l'étape ; lève Http404 si l'adresse a été modifiée."""
    try:
        siret, demande = signing.loads(signee, salt=SEL)
    except signing.BadSignature as erreur:
        raise Http404 from erreur
    return Etape(siret, demande)
