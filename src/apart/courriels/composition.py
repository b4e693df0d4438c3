"""Composer un message MIME : texte d'abord, HTML à côté, en-têtes d'un message automatique auquel on peut répondre."""

from __future__ import annotations

from email.charset import QP, Charset
from email.header import Header
from email.mime.multipart import MIMEMultipart
from email.mime.nonmultipart import MIMENonMultipart
from email.policy import compat32
from email.utils import format_datetime, formataddr

from django.conf import settings

from apart.courriels import adresses
from apart.courriels.models import Courriel
from apart.courriels.rendu import reveler

# Sept bits sur tout le chemin, sans le base64 que des filtres prennent pour un déguisement.
UTF8 = Charset("utf-8")
UTF8.body_encoding = QP
# Pas EmailMessage : en Python 3.11, il perd des espaces en pliant un objet accentué.
FORME = compat32.clone(linesep="\r\n")


def composer(courriel: Courriel, secrets: dict[str, str]) -> bytes:
    """Le message tel qu'il part, secrets compris. Toujours le même, octet pour octet, pour la même ligne."""
    message = MIMEMultipart("alternative", boundary=f"=_{courriel.numero.hex}")
    message["From"] = _adresse(settings.EXPEDITEUR)
    message["To"] = courriel.destinataire
    message["Reply-To"] = _adresse(settings.REPONDRE_A)
    message["Subject"] = Header(courriel.objet, UTF8, header_name="Subject").encode()
    message["Date"] = format_datetime(courriel.cree_le)
    message["Message-ID"] = f"<{courriel.numero.hex}@{adresses.domaine()}>"
    message["Auto-Submitted"] = "auto-generated"
    message["Content-Language"] = "fr"
    message.attach(_partie("plain", reveler(courriel.texte, secrets, html=False)))
    message.attach(_partie("html", reveler(courriel.html, secrets, html=True)))
    return message.as_bytes(policy=FORME)


def _partie(genre: str, contenu: str) -> MIMENonMultipart:
    partie = MIMENonMultipart("text", genre)
    partie.set_payload(contenu, UTF8)
    return partie


def _adresse(reglage: str) -> str:
    return formataddr(adresses.separer(reglage), "utf-8")
