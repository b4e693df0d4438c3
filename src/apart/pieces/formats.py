"""Ce qu'est une pièce, d'après son contenu : ni son nom, ni le type que le navigateur annonce ne sont crus (T23).

Rien n'est décodé : une image dit ses dimensions dans son en-tête. Les morceaux se suivent d'une longueur à l'autre, et
le reste est cherché par des bibliothèques en C : le coût suit la taille, bornée, et ne fait rien durer.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Callable

from apart.pieces.bornes import OCTETS_PERMIS
from apart.pieces.models import Sorte

MORCEAUX = 20_000  # d'un PNG ; un encodeur en fait un tous les 8 Kio
SEGMENTS = 2_000  # d'un JPEG
POINTS = 120_000_000  # 108 millions pour le plus grand capteur d'un téléphone
COTE = 30_000
TETE = 2_048  # octets où un navigateur chercherait une page web
FIN_DE_PDF = 1_024  # où un lecteur de PDF cherche « %%EOF »
ZIP_AU_PLUS = 22 + 0xFFFF  # la fin d'une archive, et son commentaire

BALISE = re.compile(rb"<(?:!doctype|html|head|body|script|svg|iframe)\b", re.IGNORECASE)
MARQUE = re.compile(rb"\xff+([^\x00\xff])")  # d'un segment, remplissage compris ; se lit là où il est attendu
APRES_LES_DONNEES = re.compile(rb"\xff[^\x00\xd0-\xd7\xff]")  # ni octet FF échappé, ni reprise
SOI, EOI, SOS = 0xD8, 0xD9, 0xDA
DIMENSIONS = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
IHDR, IDAT, IEND = b"IHDR", b"IDAT", b"IEND"

EN_PDF = "Ouvrez le document, imprimez-le en choisissant « Enregistrer en PDF », puis choisissez ce PDF."
VIDE = "ce fichier est vide. Choisissez celui qui contient votre document."
TROP_LOURD = "ce fichier dépasse 10 Mo. Réduisez l'image ou coupez le document, puis choisissez-le de nouveau."
AUTRE = f"ce n'est ni un PDF, ni une image PNG ou JPEG, quel que soit son nom. {EN_PDF}"
ARCHIVE = f"c'est un document bureautique ou une archive, que l'on ne peut pas joindre. {EN_PDF}"
PAGE = f"c'est une page web ou un dessin SVG, que l'on ne peut pas joindre. {EN_PDF}"
HEIC = (
    "cette photo est au format HEIC. Dans les réglages de l'appareil photo, choisissez le format « le plus "
    "compatible », ou joignez une capture d'écran de la photo."
)
PDF_ABIME = f"ce PDF est incomplet, ou autre chose le suit. {EN_PDF}"
IMAGE_ABIMEE = "cette image est incomplète ou abîmée. Ouvrez-la, enregistrez-la en PNG ou en JPEG, puis choisissez-la."
TROP_GRANDE = "cette image a trop de points. Réduisez-la à 10 000 points de côté, puis choisissez-la."
MELE = f"ce fichier cache une page web ou une archive sous un autre format. {EN_PDF}"


class PieceRefusee(ValueError):
    """Cette pièce ne se joint pas. Le texte dit pourquoi et quoi faire ; il suit le nom du fichier."""


def verifier(contenu: bytes) -> tuple[Sorte, bytes]:
    """Ce que c'est, et ce qui s'en garde : tout, sauf ce qui suit la fin d'une image. Lève PieceRefusee.

    Des téléphones écrivent une vidéo après la fin d'une photo, et des outils laissent l'image d'avant son recadrage :
    ce que personne ne voit ne se garde pas, qu'il soit honnête ou non.
    """
    if not contenu:
        raise PieceRefusee(VIDE)
    if len(contenu) > OCTETS_PERMIS:
        raise PieceRefusee(TROP_LOURD)
    for debut, sorte, lire in LECTEURS:
        if contenu.startswith(debut):
            garde = lire(contenu)
            _refuser_un_melange(garde)
            return sorte, garde
    raise PieceRefusee(_dire_ce_que_c_est(contenu))


def _dire_ce_que_c_est(contenu: bytes) -> str:
    if contenu.startswith(b"PK"):
        return ARCHIVE
    if contenu[4:8] == b"ftyp":
        return HEIC
    return PAGE if BALISE.search(contenu[:TETE]) else AUTRE


def _refuser_un_melange(contenu: bytes) -> None:
    """Un fichier valable sous deux formats : celui que nous servons, et celui qu'un autre logiciel y lirait."""
    if BALISE.search(contenu[:TETE]) or _porte_une_archive(contenu):
        raise PieceRefusee(MELE)


def _porte_une_archive(contenu: bytes) -> bool:
    """Une archive ZIP se lit par sa fin : un sommaire, qu'un commentaire peut suivre."""
    fin = contenu[-ZIP_AU_PLUS:]
    place = fin.find(b"PK\5\6")
    while place >= 0:
        if fin[place + 4 : place + 8] == bytes(4):  # premier et seul disque : le hasard ne l'écrit pas
            return True
        place = fin.find(b"PK\5\6", place + 1)
    return False


def _pdf(contenu: bytes) -> bytes:
    """« %PDF- » est le tout premier mot, « %%EOF » le dernier."""
    fin = contenu.rfind(b"%%EOF", -FIN_DE_PDF)
    if fin < 0 or contenu[fin + 5 :].strip(b"\0\t\n\f\r "):
        raise PieceRefusee(PDF_ABIME)
    return contenu


def _png(contenu: bytes) -> bytes:
    """Des morceaux justes (longueur, nom, somme de contrôle), d'IHDR à IEND ; jusque-là seulement."""
    vue, place, a_une_image = memoryview(contenu), 8, False
    for rang in range(MORCEAUX):
        fin = place + 12 + _nombre(contenu, place, 4)
        nom = contenu[place + 4 : place + 8]
        if fin > len(contenu) or (rang == 0) != (nom == IHDR):
            break
        if zlib.crc32(vue[place + 4 : fin - 4]) != _nombre(contenu, fin - 4, 4):
            break
        if nom == IHDR:
            _mesurer(_nombre(contenu, place + 8, 4), _nombre(contenu, place + 12, 4))
        a_une_image = a_une_image or nom == IDAT
        if nom == IEND and a_une_image:
            return contenu[:fin]
        place = fin
    raise PieceRefusee(IMAGE_ABIMEE)


def _jpeg(contenu: bytes) -> bytes:
    """Des segments qui se suivent, de SOI à EOI ; jusque-là seulement."""
    place = 2
    vus: set[int] = set()
    for _ in range(SEGMENTS):
        trouve = MARQUE.match(contenu, place)
        if trouve is None or (marque := trouve[1][0]) == SOI:
            break
        if marque == EOI and vus & DIMENSIONS and SOS in vus:
            return contenu[: trouve.end()]
        debut = trouve.end()
        if marque in DIMENSIONS:
            _mesurer(_nombre(contenu, debut + 5, 2), _nombre(contenu, debut + 3, 2))
        vus.add(marque)
        place = debut + max(2, _nombre(contenu, debut, 2))
        if marque == SOS:
            suite = APRES_LES_DONNEES.search(contenu, place)
            place = suite.start() if suite else len(contenu)
    raise PieceRefusee(IMAGE_ABIMEE)


def _nombre(contenu: bytes, place: int, octets: int) -> int:
    """Un entier, gros bout d'abord ; au-delà de la fin, ce qui manque n'y compte pas."""
    return int.from_bytes(contenu[place : place + octets])


def _mesurer(largeur: int, hauteur: int) -> None:
    """D'après l'en-tête seul : une bombe n'est jamais dépliée."""
    if not largeur or not hauteur:
        raise PieceRefusee(IMAGE_ABIMEE)
    if max(largeur, hauteur) > COTE or largeur * hauteur > POINTS:
        raise PieceRefusee(TROP_GRANDE)


LECTEURS: tuple[tuple[bytes, Sorte, Callable[[bytes], bytes]], ...] = (
    (b"%PDF-", Sorte.PDF, _pdf),
    (b"\x89PNG\r\n\x1a\n", Sorte.PNG, _png),
    (b"\xff\xd8\xff", Sorte.JPEG, _jpeg),
)
