"""L'état d'un parcours, chiffré et daté, qui voyage dans une adresse : ni session, ni cookie (décision 0002).

Signer ne suffit pas : une adresse se lit dans un historique, un journal, une capture d'écran.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

from cryptography.fernet import InvalidToken
from django.http import Http404
from django.utils import timezone

from apart.socle.chiffrement import coffre


class EtatPerime(Exception):
    """Cette adresse est bien de nous, mais trop vieille ; la page d'erreur le dit (socle.erreurs)."""


def sceller(usage: str, contenu: Any) -> str:
    """Le texte à mettre dans une adresse. usage : un parcours ne lit pas l'état d'un autre. contenu : du JSON.

    Sans le « = » qui finit un base64 : les journaux masquent d'un bloc ce qui suit (socle.journalisation).
    """
    maintenant = int(timezone.now().timestamp())
    return coffre(usage).encrypt_at_time(json.dumps(contenu).encode(), maintenant).decode().rstrip("=")


def desceller(usage: str, scelle: str, *, duree: timedelta) -> Any:
    """Le contenu ; lève Http404 si l'adresse a été modifiée, EtatPerime au-delà de cette durée."""
    jeton = scelle.encode() + b"=" * (-len(scelle) % 4)
    try:
        contenu = coffre(usage).decrypt(jeton)
        scelle_le = datetime.fromtimestamp(coffre(usage).extract_timestamp(jeton), UTC)
    except InvalidToken as erreur:
        raise Http404 from erreur
    if timezone.now() >= scelle_le + duree:
        raise EtatPerime
    return json.loads(contenu)
