"""De vraies pièces, les plus petites possibles, et celles qui voudraient nuire."""

from __future__ import annotations

import io
import zipfile
import zlib

from django.core.files.uploadedfile import SimpleUploadedFile

from apart.pieces.actions import deposer
from apart.pieces.models import Nature, Piece
from apart.pieces.recues import Recue, examiner

PDF = b"%PDF-1.4\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF\n"
# Le fichier d'essai de tous les antivirus, en deux morceaux : le dépôt lui-même ne doit alerter personne.
EICAR = b"X5O!P%@AP[4\\PZX54(P^)7CC)7}$EICAR" + b"-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"
SVG = b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"></svg>'
HTML = b"<!doctype html><script>alert(1)</script>"


def morceau(nom: bytes, corps: bytes = b"") -> bytes:
    return len(corps).to_bytes(4) + nom + corps + zlib.crc32(nom + corps).to_bytes(4)


def png(largeur: int = 2, hauteur: int = 2, *, entre: bytes = b"", apres: bytes = b"") -> bytes:
    entete = morceau(b"IHDR", largeur.to_bytes(4) + hauteur.to_bytes(4) + bytes([8, 2, 0, 0, 0]))
    donnees = morceau(b"IDAT", zlib.compress(bytes(14)))
    return b"\x89PNG\r\n\x1a\n" + entete + entre + donnees + morceau(b"IEND") + apres


def segment(marque: int, corps: bytes) -> bytes:
    return bytes([0xFF, marque]) + (len(corps) + 2).to_bytes(2) + corps


def jpeg(largeur: int = 2, hauteur: int = 2, *, entre: bytes = b"", apres: bytes = b"") -> bytes:
    cadre = segment(0xC0, b"\x08" + hauteur.to_bytes(2) + largeur.to_bytes(2) + b"\1\1\x11\0")
    donnees = segment(0xDA, bytes(6)) + b"\x12\xff\x00\x34\xff\xd0\x56"
    return b"\xff\xd8" + segment(0xE0, b"JFIF\0" + bytes(9)) + entre + cadre + donnees + b"\xff\xd9" + apres


def archive(contenu: bytes = b"MZ") -> bytes:
    tampon = io.BytesIO()
    with zipfile.ZipFile(tampon, "w") as ecrite:
        ecrite.writestr("a.exe", contenu)
    return tampon.getvalue()


def pdf(texte: str) -> bytes:
    """Autant de PDF différents que de textes."""
    return PDF.replace(b"trailer", b"% " + texte.encode() + b"\ntrailer")


def recue(nom: str = "kbis.pdf", contenu: bytes = PDF) -> Recue:
    return examiner(nom, contenu)


def piece(nom: str = "kbis.pdf", contenu: bytes = PDF) -> Piece:
    return deposer(recue(nom, contenu), nature=Nature.ASSISTANCE)


def joint(nom: str = "kbis.pdf", contenu: bytes = PDF, genre: str = "application/pdf") -> SimpleUploadedFile:
    return SimpleUploadedFile(nom, contenu, genre)


class Rejouable:
    """Un fichier que l'on peut envoyer plusieurs fois, même ensemble : SimpleUploadedFile se lit une fois."""

    content_type = "application/pdf"

    def __init__(self, nom: str = "kbis.pdf", contenu: bytes = PDF) -> None:
        self.name, self._contenu = nom, contenu

    def read(self, _taille: int = -1) -> bytes:
        return self._contenu
