"""La boîte aux lettres de la démonstration : un dossier Maildir, une adresse y vaut l'autre."""

from __future__ import annotations

import mailbox
from dataclasses import dataclass
from datetime import UTC, datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path

from django.conf import settings

AFFICHES_AU_PLUS = 200


@dataclass(frozen=True)
class Recu:
    cle: str
    le: datetime
    de: str
    a: str
    sujet: str
    texte: str
    html: str


def dossier() -> Path:
    return Path(settings.VAR) / "demo" / "courriels"


def ouvrir() -> mailbox.Maildir:
    dossier().parent.mkdir(parents=True, exist_ok=True)
    return mailbox.Maildir(dossier())


def deposer(contenu: bytes) -> None:
    """Garde un message ; au retour il est écrit sur le disque."""
    ouvrir().add(contenu)


def recus() -> list[Recu]:
    """Les derniers messages, le plus récent d'abord."""
    boite = ouvrir()
    cles = sorted(boite.keys(), key=lambda cle: boite.get_message(cle).get_date(), reverse=True)
    return [lire_dans(boite, cle) for cle in cles[:AFFICHES_AU_PLUS]]


def lire(cle: str) -> Recu | None:
    boite = ouvrir()
    return lire_dans(boite, cle) if cle in boite else None


def lire_dans(boite: mailbox.Maildir, cle: str) -> Recu:
    message = message_from_bytes(boite.get_bytes(cle), policy=default)
    return Recu(
        cle=cle,
        le=datetime.fromtimestamp(boite.get_message(cle).get_date(), tz=UTC),
        de=str(message["From"] or ""),
        a=str(message["X-RcptTo"] or message["To"] or ""),
        sujet=str(message["Subject"] or "(sans objet)"),
        texte=partie(message, "plain"),
        html=partie(message, "html"),
    )


def partie(message: EmailMessage, forme: str) -> str:
    corps = message.get_body((forme,))
    return str(corps.get_content()) if corps else ""
