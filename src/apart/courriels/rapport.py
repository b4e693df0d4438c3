"""Ce que dit un message revenu. Sans Django ni base : un enfant limité le lit (apart.socle.enfant)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from email import message_from_bytes
from email.message import Message
from enum import StrEnum

from flufl.bounce import all_failures

from apart.socle.journalisation import masquer

# Un rebond en a moins de dix. L'analyseur d'email redemande chaque ligne à toutes les parties où elle est emboîtée, et
# à mille il s'arrête faute de pile.
PARTIES_LUES = 32


class Lecture(StrEnum):
    NOTE = "noté"
    DEJA_NOTE = "déjà noté"
    PROVISOIRE = "retard signalé, rien à noter"
    PAS_UN_REBOND = "pas un rebond"
    INCONNU = "adresse de retour absente ou mal signée"
    ILLISIBLE = "illisible, mis de côté"


# Un message dont il n'y a plus rien à apprendre ; il cite le nôtre, qui porte peut-être un lien.
ACHEVES = frozenset({Lecture.NOTE, Lecture.DEJA_NOTE})


def juger(contenu: bytes) -> tuple[Lecture, str]:
    """Ce que dit ce message, et la réponse du serveur final s'il a échoué. Une partie qui en emboîte dit son genre."""
    if contenu.lower().count(b"content-type") > PARTIES_LUES:
        return Lecture.ILLISIBLE, ""
    message = message_from_bytes(contenu)
    provisoires, definitifs = _echecs(message)
    if definitifs:
        return Lecture.NOTE, _diagnostic(message)
    return Lecture.PROVISOIRE if provisoires else Lecture.PAS_UN_REBOND, ""


def juger_tous(contenus: list[bytes], ensemble: int) -> Iterator[list[tuple[Lecture, str]]]:
    """Chaque message, rendu à mesure, tant à la fois : ce qui est jugé est déjà parti quand l'un d'eux arrête tout."""
    for debut in range(0, len(contenus), ensemble):
        yield [juger(contenu) for contenu in contenus[debut : debut + ensemble]]


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
