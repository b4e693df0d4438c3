"""Composer un message MIME : texte d'abord, HTML à côté, en-têtes d'un message automatique auquel on peut répondre."""

from __future__ import annotations

import base64
from email.header import Header
from email.utils import format_datetime, formataddr

from django.conf import settings

from apart.courriels import adresses
from apart.courriels.models import Courriel
from apart.courriels.rendu import reveler

CRLF = "\r\n"


def composer(courriel: Courriel, secrets: dict[str, str]) -> bytes:
    """Le message tel qu'il part, secrets compris. Toujours le même, octet pour octet, pour la même ligne."""
    frontiere = f"=_{courriel.numero.hex}"
    parties = (
        ("plain", reveler(courriel.texte, secrets, html=False)),
        ("html", reveler(courriel.html, secrets, html=True)),
    )
    corps = "".join(f"--{frontiere}{CRLF}{_partie(genre, contenu)}{CRLF}" for genre, contenu in parties)
    entetes = "".join(f"{nom}: {valeur}{CRLF}" for nom, valeur in _entetes(courriel, frontiere))
    return f"{entetes}{CRLF}{corps}--{frontiere}--{CRLF}".encode("ascii")


def _entetes(courriel: Courriel, frontiere: str) -> list[tuple[str, str]]:
    return [
        ("From", _adresse(settings.EXPEDITEUR)),
        ("To", courriel.destinataire),
        ("Reply-To", _adresse(settings.REPONDRE_A)),
        ("Subject", Header(courriel.objet, "utf-8", maxlinelen=76, header_name="Subject").encode(linesep=CRLF)),
        ("Date", format_datetime(courriel.cree_le)),
        ("Message-ID", f"<{courriel.numero.hex}@{adresses.domaine()}>"),
        ("Auto-Submitted", "auto-generated"),
        ("Content-Language", "fr"),
        ("MIME-Version", "1.0"),
        ("Content-Type", f'multipart/alternative; boundary="{frontiere}"'),
    ]


def _partie(genre: str, contenu: str) -> str:
    """Base64 : ni accent, ni point seul, ni ligne longue ne peut être abîmé en route."""
    code = base64.encodebytes(contenu.replace("\n", CRLF).encode()).decode().replace("\n", CRLF)
    return f'Content-Type: text/{genre}; charset="utf-8"{CRLF}Content-Transfer-Encoding: base64{CRLF}{CRLF}{code}'


def _adresse(reglage: str) -> str:
    return formataddr(adresses.separer(reglage), "utf-8")
