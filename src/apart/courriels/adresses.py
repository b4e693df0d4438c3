"""Nos adresses d'envoi : celle qui se voit, et celle où reviennent les rebonds, signée (VERP, T41)."""

from __future__ import annotations

import hashlib
import hmac
import re
from uuid import UUID

from django.conf import settings

from apart.courriels.models import Courriel

RETOUR = re.compile(r"rebond\+([0-9a-f]{32})\.([0-9a-f]{16})@", re.IGNORECASE)


def domaine() -> str:
    """Le domaine de l'expéditeur : SPF et DMARC veulent le même dans l'enveloppe."""
    return separer(settings.EXPEDITEUR)[1].rpartition("@")[2]


def separer(reglage: str) -> tuple[str, str]:
    """« Apart, activité partielle <a@b.fr> » → le nom et l'adresse, sans exiger de guillemets autour du nom."""
    nom, chevron, reste = reglage.rpartition("<")
    return (nom.strip().strip('"'), reste.rstrip("> ")) if chevron else ("", reglage.strip())


def retour(courriel: Courriel) -> str:
    """Expéditeur d'enveloppe d'un message : « rebond+<numéro>.<signature>@domaine ».

    Celui d'un message renouvelé est celui du premier : une liste grise y reconnaît qui elle a fait attendre.
    """
    numero = courriel.premier().numero
    return f"rebond+{numero.hex}.{_signature(numero)}@{domaine()}"


def numero_du_retour(adresse: str) -> UUID | None:
    """Le numéro du message dont cette adresse est le retour ; None si elle n'est pas signée par nous."""
    lu = RETOUR.search(adresse)
    if lu is None:
        return None
    numero = UUID(lu.group(1))
    return numero if hmac.compare_digest(_signature(numero), lu.group(2).lower()) else None


def _signature(numero: UUID) -> str:
    cle = f"apart.courriels.retour:{settings.SECRET_KEY}".encode()
    return hmac.new(cle, numero.bytes, hashlib.sha256).hexdigest()[:16]
