"""Nos adresses d'envoi : celle qui se voit, et celle où reviennent les rebonds, signée (VERP, T41)."""

from __future__ import annotations

import hashlib
import hmac
import re
from uuid import UUID

from django.conf import settings

from apart.courriels.models import Courriel
from apart.socle.chiffrement import cles

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
    return f"rebond+{numero.hex}.{_signatures(numero)[0]}@{domaine()}"


def numero_du_retour(adresse: str) -> UUID | None:
    """Le numéro du message dont cette adresse est le retour ; None si elle n'est pas signée par nous."""
    lu = RETOUR.search(adresse)
    if lu is None:
        return None
    numero = UUID(lu.group(1))
    donnee = lu.group(2).lower()
    return numero if any(hmac.compare_digest(notre, donnee) for notre in _signatures(numero)) else None


def _signatures(numero: UUID) -> list[str]:
    """Sous la clé du jour, puis sous les anciennes : un avis de non-remise revient parfois des jours après."""
    derivees = [f"apart.courriels.retour:{cle}".encode() for cle in cles()]
    return [hmac.new(derivee, numero.bytes, hashlib.sha256).hexdigest()[:16] for derivee in derivees]
