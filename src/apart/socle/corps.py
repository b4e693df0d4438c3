"""Les corps des demandes : bornés avant toute lecture, coupés au-delà, lus dans un enfant s'ils sont gros.

Un fichier n'est reçu que par la vue qui l'attend (`en_memoire`), et jamais sur le disque : ailleurs, Django en
écrirait un de n'importe quelle taille dans un dossier temporaire. Ni base ni modèles ici : un enfant lit ce module.
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
from django.http import HttpRequest, HttpResponseBase, QueryDict
from django.http.multipartparser import MultiPartParser
from django.utils.datastructures import MultiValueDict
from django.views.decorators.csrf import csrf_exempt, csrf_protect

Vue = Callable[..., HttpResponseBase]
Lu = tuple[QueryDict, "MultiValueDict[str, Any]"]
ENVELOPPE = 512 << 10  # à côté d'un fichier : les champs, et ce qui sépare les parties
OCTETS_GARDES = 180_000  # d'un fichier dans la page, en base 64 : sous DATA_UPLOAD_MAX_MEMORY_SIZE
PERDU = "La page n'a plus votre fichier : choisissez-le de nouveau."
# Un navigateur n'affiche la réponse qu'une fois son envoi fini : un peu trop gros, il est lu et jeté, au plus tant.
MARGE = 20 << 20
MORCEAU = 1 << 16


def longueur(request: HttpRequest) -> int:
    """Celle qu'il annonce ; 0 si elle ne se lit pas, comme pour Django."""
    annoncee = str(request.META.get("CONTENT_LENGTH") or "0")
    return int(annoncee[:19]) if annoncee.isascii() and annoncee.isdigit() else 0


def couper(request: HttpRequest, permis: int) -> None:
    """Laisse un corps trop gros : lit et jette ce qui dépasse d'au plus MARGE ; rien s'il dépasse davantage.

    Le serveur à fils ne remet ici que ce qui était déjà reçu, et lit lui-même le reste (config.ecoute).
    """
    if longueur(request) <= permis + MARGE:
        while request.read(MORCEAU):
            pass
    request.read(0)  # Django ne le relira pas


def lire_formulaire(corps: bytes, genre: str, encodage: str | None) -> Lu:
    """Les champs d'un formulaire, dans l'enfant. Lève comme Django : trop de champs, partie mal formée."""
    if genre.startswith("multipart/form-data"):
        entetes = {"CONTENT_TYPE": genre, "CONTENT_LENGTH": len(corps)}
        return MultiPartParser(entetes, io.BytesIO(corps), [SansFichier()], encodage).parse()
    return QueryDict(corps, encoding=encodage), MultiValueDict()


class SansFichier(FileUploadHandler):
    """Partout où aucun fichier n'est attendu."""

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        raise StopUpload(connection_reset=True)

    def file_complete(self, file_size: int) -> None:
        return None


class EnMemoire(FileUploadHandler):
    """Un seul fichier, en mémoire, d'une taille bornée."""

    def __init__(self, request: HttpRequest, permis: int) -> None:
        super().__init__(request)
        self.permis = permis
        self.octets = io.BytesIO()
        self.est_trop_lourd = False

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        if self.octets.tell() + len(raw_data) > self.permis:
            self.est_trop_lourd = True
            raise StopUpload(connection_reset=False)
        self.octets.write(raw_data)

    def file_complete(self, file_size: int) -> InMemoryUploadedFile:
        self.octets.seek(0)
        return InMemoryUploadedFile(
            self.octets, self.field_name, self.file_name or "", self.content_type, file_size, self.charset
        )


class ChacunEnMemoire(FileUploadHandler):
    """Plusieurs fichiers, en mémoire. D'un trop lourd, seule la taille est gardée : le reste de l'envoi se lit."""

    est_trop_lourd = False  # la longueur de l'envoi les borne ensemble

    def __init__(self, request: HttpRequest, par_fichier: int) -> None:
        super().__init__(request)
        self.par_fichier = par_fichier
        self.octets = io.BytesIO()

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        super().new_file(*args, **kwargs)
        self.octets = io.BytesIO()

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        if start + len(raw_data) <= self.par_fichier:
            self.octets.write(raw_data)

    def file_complete(self, file_size: int) -> InMemoryUploadedFile:
        contenu = self.octets if file_size <= self.par_fichier else io.BytesIO()
        contenu.seek(0)
        return InMemoryUploadedFile(
            contenu, self.field_name, self.file_name or "", self.content_type, file_size, self.charset
        )


def en_memoire(permis: int, *, par_fichier: int = 0) -> Callable[[Vue], Vue]:
    """Reçoit un fichier d'au plus « permis » octets ; la protection CSRF s'applique ensuite.

    par_fichier : ils peuvent être plusieurs, chacun d'au plus tant d'octets, « permis » en tout.
    La vue reçoit « trop_lourd » si le fichier dépasse ce qui est permis, « trop_long » si c'est le texte collé : rien
    n'a été lu, elle n'a qu'à le dire.
    """

    def recevante(vue: Vue) -> Vue:
        protegee = csrf_protect(vue)

        @csrf_exempt
        @wraps(vue)
        def recevoir(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if request.method != "POST":
                return protegee(request, *args, **kwargs)
            if longueur(request) > permis + ENVELOPPE:
                couper(request, permis + ENVELOPPE)
                return vue(request, *args, trop_lourd=True, **kwargs)
            receveur = ChacunEnMemoire(request, par_fichier) if par_fichier else EnMemoire(request, permis)
            request.upload_handlers = [receveur]
            try:
                request.POST  # noqa: B018  # lit l'envoi
            except RequestDataTooBig:  # le texte collé
                couper(request, permis + ENVELOPPE)
                return vue(request, *args, trop_long=True, **kwargs)
            return protegee(request, *args, trop_lourd=receveur.est_trop_lourd, **kwargs)

        recevoir.octets_permis = permis  # type: ignore[attr-defined]  # ReceptionMiddleware lui laisse ses corps
        return recevoir

    return recevante


class Perdu(ValueError):
    """Ce que la page gardait n'est pas ce que nous y avions mis ; la phrase dit quoi faire."""


def garder(contenu: bytes) -> str:
    """Le fichier, comprimé, pour un champ caché de la page ; vide s'il est trop gros pour cela."""
    compresseur, comprime = zlib.compressobj(6), bytearray()
    for debut in range(0, len(contenu), MORCEAU):  # un gros classeur, déjà comprimé, s'arrête aussitôt
        comprime += compresseur.compress(contenu[debut : debut + MORCEAU])
        if len(comprime) > OCTETS_GARDES:
            return ""
    texte = base64.b64encode(comprime + compresseur.flush()).decode()
    return texte if len(texte) <= OCTETS_GARDES else ""


def reprendre(texte: str, permis: int) -> bytes:
    """L'inverse de garder. Lève Perdu si ce n'est pas ce que nous avions écrit : n'importe qui peut poster."""
    try:
        lecteur = zlib.decompressobj()
        contenu = lecteur.decompress(base64.b64decode(texte, validate=True), permis + 1)
    except (ValueError, zlib.error) as refus:
        raise Perdu(PERDU) from refus
    if len(contenu) > permis or not lecteur.eof:
        raise Perdu(PERDU)
    return contenu
