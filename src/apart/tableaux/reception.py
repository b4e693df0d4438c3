"""Recevoir un gros fichier sans rien écrire sur le disque, et sans le relire deux fois.

Le fichier est gardé en mémoire jusqu'à sa taille permise ; au-delà, la suite de l'envoi est lue et jetée, pour que le
navigateur reçoive la page qui le dit plutôt qu'une connexion coupée.
"""

from __future__ import annotations

import base64
import io
import zlib
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.core.exceptions import RequestDataTooBig
from django.core.files.uploadedfile import InMemoryUploadedFile
from django.core.files.uploadhandler import FileUploadHandler, StopUpload
from django.http import HttpRequest, HttpResponseBase
from django.views.decorators.csrf import csrf_exempt, csrf_protect

from apart.tableaux.tableau import OCTETS_PERMIS, FichierRefuse

Vue = Callable[..., HttpResponseBase]
OCTETS_GARDES = 180_000  # dans la page de résultats, en base 64 : sous DATA_UPLOAD_MAX_MEMORY_SIZE
MORCEAU = 1 << 16
PERDU = "La page n'a plus votre fichier : choisissez-le de nouveau."


class EnMemoire(FileUploadHandler):
    """Un seul fichier, en mémoire, de OCTETS_PERMIS au plus."""

    def __init__(self, request: HttpRequest) -> None:
        super().__init__(request)
        self.octets = io.BytesIO()
        self.est_trop_lourd = False

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        if self.octets.tell() + len(raw_data) > OCTETS_PERMIS:
            self.est_trop_lourd = True
            raise StopUpload(connection_reset=False)
        self.octets.write(raw_data)

    def file_complete(self, file_size: int) -> InMemoryUploadedFile:
        self.octets.seek(0)
        return InMemoryUploadedFile(
            self.octets, self.field_name, self.file_name or "", self.content_type, file_size, self.charset
        )


def en_memoire(vue: Vue) -> Vue:
    """Pose nos limites avant toute lecture de l'envoi, donc avant la protection CSRF, qui s'applique ensuite.

    La vue reçoit « trop_lourd » si le fichier dépasse ce qui est permis, « trop_long » si c'est le texte collé.
    """
    protegee = csrf_protect(vue)

    @csrf_exempt
    @wraps(vue)
    def recevoir(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if request.method != "POST":
            return protegee(request, *args, **kwargs)
        receveur = EnMemoire(request)
        request.upload_handlers = [receveur]
        try:
            request.POST  # noqa: B018  # lit l'envoi
        except RequestDataTooBig:  # le texte collé : rien n'est calculé, la page le dit
            while request.read(MORCEAU):
                pass
            return vue(request, *args, trop_long=True, **kwargs)
        return protegee(request, *args, trop_lourd=receveur.est_trop_lourd, **kwargs)

    return recevoir


def garder(contenu: bytes) -> str:
    """Le fichier, comprimé, pour un champ caché de la page ; vide s'il est trop gros pour cela."""
    texte = base64.b64encode(zlib.compress(contenu, 6)).decode()
    return texte if len(texte) <= OCTETS_GARDES else ""


def reprendre(texte: str) -> bytes:
    """L'inverse de garder. Lève FichierRefuse si ce n'est pas ce que nous avions écrit : n'importe qui peut poster."""
    try:
        lecteur = zlib.decompressobj()
        contenu = lecteur.decompress(base64.b64decode(texte, validate=True), OCTETS_PERMIS + 1)
    except (ValueError, zlib.error) as refus:
        raise FichierRefuse(PERDU) from refus
    if len(contenu) > OCTETS_PERMIS or not lecteur.eof:
        raise FichierRefuse(PERDU)
    return contenu
