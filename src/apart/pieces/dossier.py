"""Le dossier partagé (PIECES_DOSSIER) : chaque contenu y est un fichier, d'un nom tiré au hasard.

Plusieurs serveurs y écrivent : un fichier y paraît d'un coup, entier ; deux n'ont jamais le même nom.
"""

from __future__ import annotations

import os
import re
import secrets
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

from django.conf import settings

RANGE = re.compile(r"[0-9a-f]{2}/[0-9a-f]{32}")
PROVISOIRE = ".depot"  # suffixe d'un fichier qui s'écrit encore


class FichierAbsent(OSError):
    """Le fichier de cette pièce n'est pas, ou plus, dans le dossier."""


def ranger(contenu: bytes) -> str:
    """Écrit ce contenu et rend son chemin dans le dossier. Lève OSError si le dossier ne se laisse pas écrire.

    Le fichier, puis son nom, sont sur le disque avant le retour : la ligne de la base ne le précède jamais.
    """
    tire = secrets.token_hex(16)
    chemin = f"{tire[:2]}/{tire}"
    fichier = _racine() / chemin
    if not fichier.parent.is_dir():
        fichier.parent.mkdir(mode=0o700, exist_ok=True)
        _inscrire(fichier.parent.parent)
    provisoire = fichier.with_name(f"{tire}{PROVISOIRE}")
    with open(provisoire, "xb", opener=_fermer_aux_autres) as ecrit:
        ecrit.write(contenu)
        ecrit.flush()
        os.fsync(ecrit.fileno())
    provisoire.rename(fichier)
    _inscrire(fichier.parent)
    return chemin


def _racine() -> Path:
    """Lève FichierAbsent si le dossier n'est plus réglé."""
    if settings.PIECES_DOSSIER is None:
        raise FichierAbsent("PIECES_DOSSIER n'est pas réglé")
    return settings.PIECES_DOSSIER


def _fermer_aux_autres(chemin: str, drapeaux: int) -> int:
    return os.open(chemin, drapeaux, 0o600)


def _inscrire(dossier: Path) -> None:
    """Le nom d'un fichier est dans son dossier : lui aussi doit être sur le disque."""
    descripteur = os.open(dossier, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descripteur)
    finally:
        os.close(descripteur)


def relire(chemin: str) -> bytes:
    """Lève FichierAbsent : dossier plus réglé, plus monté, ou fichier disparu."""
    fichier = _racine() / chemin
    try:
        return fichier.read_bytes()
    except OSError as panne:
        raise FichierAbsent(f"{chemin} : {panne.strerror}") from panne


def effacer(chemin: str) -> None:
    """Ôte ce fichier ; sans effet s'il n'est plus là, ou si le dossier n'est plus réglé."""
    if settings.PIECES_DOSSIER is not None:
        (settings.PIECES_DOSSIER / chemin).unlink(missing_ok=True)


def anciens(avant: datetime) -> Iterator[list[str]]:
    """Les fichiers écrits avant cet instant, sous-dossier par sous-dossier, ceux restés provisoires compris."""
    racine = settings.PIECES_DOSSIER
    for sous in (racine / f"{rang:02x}" for rang in range(256)) if racine is not None else ():
        yield [f"{sous.name}/{nom}" for nom in _noms(sous, avant)]


def _noms(sous: Path, avant: datetime) -> Iterator[str]:
    with suppress(FileNotFoundError), os.scandir(sous) as entrees:
        for entree in entrees:
            with suppress(FileNotFoundError):  # rangé ou effacé à l'instant
                if datetime.fromtimestamp(entree.stat(follow_symlinks=False).st_mtime, tz=UTC) < avant:
                    yield entree.name


def oter(chemin: str) -> bool:
    """Ôte un fichier que rien ne désigne ; faux si ce n'est pas l'un des nôtres."""
    if not RANGE.fullmatch(chemin.removesuffix(PROVISOIRE)):
        return False
    (_racine() / chemin).unlink(missing_ok=True)
    return True
