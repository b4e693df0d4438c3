"""Lire les messages qui reviennent. Seule une adresse de retour signée par nous désigne une ligne (T41)."""

from __future__ import annotations

import re
from email import message_from_bytes
from email.message import Message
from enum import StrEnum

from flufl.bounce import all_failures

from apart.courriels.actions import noter_rebond
from apart.courriels.adresses import numero_du_retour
from apart.courriels.models import Courriel
from apart.socle.journalisation import masquer

# Où le serveur d'arrivée écrit l'adresse à laquelle le rebond a été remis.
ENTETES_DE_REMISE = ("Delivered-To", "X-Original-To", "Envelope-To", "To")


class Lecture(StrEnum):
    NOTE = "noté"
    DEJA_NOTE = "déjà noté"
    PROVISOIRE = "retard signalé, rien à noter"
    PAS_UN_REBOND = "pas un rebond"
    INCONNU = "adresse de retour absente ou mal signée"


def lire(contenu: bytes) -> Lecture:
    """Lit un message revenu et note le rebond sur sa ligne."""
    message = message_from_bytes(contenu)
    courriel = _courriel_de(message)
    if courriel is None:
        return Lecture.INCONNU
    provisoires, definitifs = _echecs(message)
    if not definitifs:
        return Lecture.PROVISOIRE if provisoires else Lecture.PAS_UN_REBOND
    return Lecture.NOTE if noter_rebond(courriel, diagnostic=_diagnostic(message)) else Lecture.DEJA_NOTE


def _courriel_de(message: Message) -> Courriel | None:
    for nom in ENTETES_DE_REMISE:
        for valeur in message.get_all(nom, []):
            if numero := numero_du_retour(str(valeur)):
                courriel = Courriel.objects.filter(numero=numero).first()
                return courriel.dernier() if courriel else None
    return None


def _echecs(message: Message) -> tuple[frozenset[bytes], frozenset[bytes]]:
    try:
        provisoires, definitifs = all_failures(message)
    except Exception:  # noqa: BLE001 # n'importe qui peut écrire à cette adresse : un message tordu n'arrête rien
        return frozenset(), frozenset()
    return frozenset(provisoires), frozenset(definitifs)


def _diagnostic(message: Message) -> str:
    """La réponse du serveur final (RFC 3464), sans le message d'origine, qui porte peut-être un lien."""
    for partie in message.walk():
        if partie.get_content_type() == "message/delivery-status":
            champs = _champs(partie)
            if trouve := champs.get("diagnostic-code") or champs.get("status"):
                return masquer(" ".join(re.sub(r"^\s*smtp\s*;", "", trouve, flags=re.IGNORECASE).split()))
    return "Rebond sans explication du serveur"


def _champs(partie: Message) -> dict[str, str]:
    blocs = partie.get_payload()
    if not isinstance(blocs, list):
        return {}
    return {nom.lower(): str(valeur) for bloc in blocs if isinstance(bloc, Message) for nom, valeur in bloc.items()}
