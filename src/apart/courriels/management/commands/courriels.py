"""apart courriels lire-rebonds [--maildir DOSSIER] : note les messages revenus (Maildir, ou entrée standard)."""

from __future__ import annotations

import mailbox
import sys
from argparse import ArgumentParser
from collections import Counter
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from apart.courriels.rebonds import Lecture, lire

TAILLE_LUE = 1024 * 1024  # un rebond dit tout dans ses premières lignes


class Command(BaseCommand):
    help = "Note les courriels revenus (rebonds)."

    def add_arguments(self, parser: ArgumentParser) -> None:
        gestes = parser.add_subparsers(dest="geste", required=True, metavar="lire-rebonds")
        rebonds = gestes.add_parser("lire-rebonds", help="lit un message sur l'entrée standard, ou tout un Maildir")
        rebonds.add_argument("--maildir", type=Path, help="dossier où le serveur de courrier dépose les rebonds")

    def handle(self, *args: Any, geste: str, maildir: Path | None, **options: Any) -> None:
        if maildir is None:
            self.stdout.write(lire(sys.stdin.buffer.read(TAILLE_LUE)).value)
            return
        if not (maildir / "new").is_dir():
            raise CommandError(f"{maildir} n'est pas un Maildir : il n'a pas de dossier « new ».")
        for lecture, nombre in sorted(lire_maildir(maildir).items()):
            self.stdout.write(f"{nombre} {lecture.value}")


def lire_maildir(dossier: Path) -> Counter[Lecture]:
    """Lit les messages nouveaux. Un rebond noté est supprimé (il cite notre message), le reste marqué lu."""
    boite, total = mailbox.Maildir(dossier, create=False), Counter[Lecture]()
    for cle in sorted(boite.keys()):
        message = boite.get_message(cle)
        if "S" in message.get_flags():
            continue
        lecture = lire(boite.get_bytes(cle))
        total[lecture] += 1
        if lecture in {Lecture.NOTE, Lecture.DEJA_NOTE}:
            boite.discard(cle)
        else:
            message.set_subdir("cur")
            message.add_flag("S")
            boite[cle] = message
    return total
