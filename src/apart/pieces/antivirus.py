"""Faire lire une pièce par ClamAV, quand il est réglé : INSTREAM, tout en mémoire, en un temps et une taille bornés.

Demandée, l'analyse n'est jamais sautée : un antivirus muet fait refuser la pièce, pour quelques minutes.
"""

from __future__ import annotations

import logging
import socket
import time
from threading import BoundedSemaphore

from django.conf import settings

from apart.pieces.formats import PieceRefusee

MORCEAU = 1 << 16
REPONSE = 4_096  # octets, au plus
SECONDES = 20.0  # pour toutes les pièces d'un envoi
QUI_ATTENDENT = BoundedSemaphore(4)  # fils d'un processus : un antivirus lent ne tient pas tout le site
INFECTEE = (
    "l'antivirus du service y a trouvé un programme malveillant. Elle n'est pas enregistrée : prévenez la personne "
    "qui vous l'a remise, et ne l'ouvrez pas."
)
INDISPONIBLE = "l'antivirus du service ne répond pas, et rien n'est gardé sans lui. Réessayez dans quelques minutes."
journal = logging.getLogger(__name__)


class Muet(Exception):
    """L'antivirus n'a pas répondu comme attendu."""


def echeance() -> float:
    """Quand l'analyse de cet envoi doit avoir fini."""
    return time.monotonic() + SECONDES


def analyser(contenu: bytes, *, echeance: float | None = None) -> bool:
    """Vrai si l'antivirus l'a lu et n'y trouve rien ; faux s'il n'y en a pas de réglé.

    Lève PieceRefusee s'il y trouve quelque chose, ou s'il ne répond pas à temps.
    """
    if settings.CLAMD is None:
        return False
    fin = time.monotonic() + SECONDES if echeance is None else echeance
    try:
        trouve = _a_son_tour(contenu, fin)
    except (Muet, OSError) as panne:
        journal.warning("Antivirus indisponible, une pièce est refusée : %s", panne or type(panne).__name__)
        raise PieceRefusee(INDISPONIBLE) from panne
    if trouve:
        journal.warning("Pièce refusée, l'antivirus y trouve %s", trouve)
        raise PieceRefusee(INFECTEE)
    return True


def saluer() -> None:
    """Vérifie qu'il répond. Lève Muet ou OSError."""
    with _ouvrir(time.monotonic() + SECONDES) as prise:
        prise.sendall(b"zPING\0")
        if (reponse := _lire(prise, time.monotonic() + SECONDES)) != "PONG":
            raise Muet(f"réponse inattendue : {reponse[:80]}")


def _a_son_tour(contenu: bytes, fin: float) -> str:
    """Le nom de ce qu'il trouve, vide s'il ne trouve rien."""
    if not QUI_ATTENDENT.acquire(timeout=max(0.0, fin - time.monotonic())):
        raise Muet("trop d'analyses à la fois")
    try:
        return _demander(contenu, fin)
    finally:
        QUI_ATTENDENT.release()


def _demander(contenu: bytes, fin: float) -> str:
    with _ouvrir(fin) as prise:
        prise.sendall(b"zINSTREAM\0")
        for debut in range(0, len(contenu), MORCEAU):
            morceau = contenu[debut : debut + MORCEAU]
            _laisser(prise, fin)
            prise.sendall(len(morceau).to_bytes(4) + morceau)
        prise.sendall(bytes(4))
        reponse = _lire(prise, fin)
    if reponse == "stream: OK":
        return ""
    if reponse.startswith("stream: ") and reponse.endswith(" FOUND"):
        return reponse.removeprefix("stream: ").removesuffix(" FOUND")
    raise Muet(f"réponse inattendue : {reponse[:80]}")


def _ouvrir(fin: float) -> socket.socket:
    serveur = settings.CLAMD
    if serveur is None:
        raise Muet("CLAMD_URL n'est plus réglé")
    if serveur.prise:
        prise = socket.socket(socket.AF_UNIX)
        try:
            _laisser(prise, fin)
            prise.connect(serveur.prise)
        except BaseException:
            prise.close()
            raise
        return prise
    return socket.create_connection((serveur.hote, serveur.port), timeout=_reste(fin))


def _lire(prise: socket.socket, fin: float) -> str:
    """La réponse, jusqu'à l'octet nul qui la finit ; coupée avant lui, elle ne vaut rien."""
    recu = bytearray()
    while len(recu) < REPONSE:
        _laisser(prise, fin)
        morceau = prise.recv(REPONSE)
        recu += morceau
        texte, nul, _ = recu.partition(b"\0")
        if nul:
            return texte.decode(errors="replace")
        if not morceau:
            break
    raise Muet("réponse coupée")


def _laisser(prise: socket.socket, fin: float) -> None:
    prise.settimeout(_reste(fin))


def _reste(fin: float) -> float:
    """Lève Muet à l'échéance : zéro voudrait dire « sans attendre »."""
    reste = fin - time.monotonic()
    if reste <= 0:
        raise Muet("trop lent")
    return reste
