"""apart courriels lire-rebonds [--maildir DOSSIER] : note les messages revenus (Maildir, ou entrée standard)."""

from __future__ import annotations

import logging
import sys
from argparse import ArgumentParser
from collections import Counter
from pathlib import Path
from typing import Any, BinaryIO

from django.core.management.base import BaseCommand, CommandError
from django.db import InterfaceError, OperationalError, transaction

from apart.courriels.rapport import Lecture
from apart.courriels.rebonds import TAILLE_LUE, lire

journal = logging.getLogger(__name__)
LU, A_REVOIR = "S", "F"  # drapeaux d'un Maildir : vu, signalé


class Command(BaseCommand):
    help = "Note les courriels revenus (rebonds)."

    def add_arguments(self, parser: ArgumentParser) -> None:
        gestes = parser.add_subparsers(dest="geste", required=True, metavar="lire-rebonds")
        rebonds = gestes.add_parser("lire-rebonds", help="lit un message sur l'entrée standard, ou tout un Maildir")
        rebonds.add_argument("--maildir", type=Path, help="dossier où le serveur de courrier dépose les rebonds")

    def handle(self, *args: Any, geste: str, maildir: Path | None, **options: Any) -> None:
        if maildir is None:
            self.stdout.write(lire(_debut(sys.stdin.buffer)).value)
            return
        for attendu in ("new", "cur"):
            if not (maildir / attendu).is_dir():
                raise CommandError(f"{maildir} n'est pas un Maildir : il n'a pas de dossier « {attendu} ».")
        for lecture, nombre in sorted(lire_maildir(maildir).items()):
            self.stdout.write(f"{nombre} {lecture.value}")


def _debut(flux: BinaryIO) -> bytes:
    """Le reste est lu et jeté : un serveur de courrier dont on ferme l'envoi en route croit à un échec."""
    lu = flux.read(TAILLE_LUE)
    while flux.read(TAILLE_LUE):
        pass
    return lu


def lire_maildir(dossier: Path) -> Counter[Lecture]:
    """Lit les messages nouveaux. Un rebond noté est supprimé (il cite notre message), le reste marqué lu.

    Un message qui ne se lit pas est signalé (drapeau F) et n'arrête pas les suivants : tout le monde peut en déposer.
    """
    total = Counter[Lecture]()
    for chemin in _nouveaux(dossier):
        lecture = _lire(chemin)
        total[lecture] += 1
        if lecture in {Lecture.NOTE, Lecture.DEJA_NOTE}:
            chemin.unlink(missing_ok=True)
        else:
            _ranger(chemin, LU + A_REVOIR if lecture is Lecture.ILLISIBLE else LU)
    return total


def _lire(chemin: Path) -> Lecture:
    """Une base en panne n'est pas la faute du message : elle arrête le passage, et il sera relu."""
    try:
        with chemin.open("rb") as fichier, transaction.atomic():
            return lire(fichier.read(TAILLE_LUE))
    except (OperationalError, InterfaceError):
        raise
    except Exception:  # noqa: BLE001 # quelle qu'en soit la raison, les messages suivants sont lus
        journal.exception("message revenu illisible, mis de côté : %s", chemin.name)
        return Lecture.ILLISIBLE


def _nouveaux(dossier: Path) -> list[Path]:
    """mailbox.Maildir lirait chaque message en entier, hors de toute borne, pour en donner les drapeaux."""
    deposes = (fichier for ou in ("new", "cur") for fichier in (dossier / ou).iterdir())
    return sorted(f for f in deposes if f.is_file() and not f.name.startswith(".") and LU not in _drapeaux(f))


def _drapeaux(chemin: Path) -> str:
    return chemin.name.partition(":2,")[2]


def _ranger(chemin: Path, drapeaux: str) -> None:
    nom = f"{chemin.name.partition(':')[0]}:2,{''.join(sorted({*_drapeaux(chemin), *drapeaux}))}"
    try:
        chemin.rename(chemin.parent.parent / "cur" / nom)
    except OSError:  # disque plein, droits, ou un autre passage l'a rangé
        journal.exception("message revenu impossible à ranger : %s", chemin.name)
