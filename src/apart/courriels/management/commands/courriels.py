"""apart courriels lire-rebonds [--maildir DOSSIER | --imap] : note les messages revenus (ou entrée standard)."""

from __future__ import annotations

import logging
import sys
from argparse import ArgumentParser
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO

from django.core.management.base import BaseCommand, CommandError

from apart.courriels.boite_imap import BoiteInjoignable, lire_boite
from apart.courriels.rapport import ACHEVES, Lecture
from apart.courriels.rebonds import PAR_PASSE, TAILLE_LUE, lire, lire_tout

journal = logging.getLogger(__name__)
LU, A_REVOIR = "S", "F"  # drapeaux d'un Maildir : vu, signalé


class Command(BaseCommand):
    help = "Note les courriels revenus (rebonds)."

    def add_arguments(self, parser: ArgumentParser) -> None:
        gestes = parser.add_subparsers(dest="geste", required=True, metavar="lire-rebonds")
        rebonds = gestes.add_parser("lire-rebonds", help="lit l'entrée standard, un Maildir ou une boîte IMAP")
        d_ou = rebonds.add_mutually_exclusive_group()
        d_ou.add_argument("--maildir", type=Path, help="dossier où le serveur de courrier dépose les rebonds")
        d_ou.add_argument("--imap", action="store_true", help="la boîte de REBONDS_IMAP")

    def handle(self, *args: Any, geste: str, maildir: Path | None, imap: bool = False, **options: Any) -> None:
        if maildir is None and not imap:
            self.stdout.write(lire(_debut(sys.stdin.buffer)).value)
            return
        lectures = lire_maildir(_verifie(maildir)) if maildir else _lire_imap()
        for lecture, nombre in sorted(lectures.items()):
            self.stdout.write(f"{nombre} {lecture.value}")


def _verifie(maildir: Path) -> Path:
    for attendu in ("new", "cur"):
        if not (maildir / attendu).is_dir():
            raise CommandError(f"{maildir} n'est pas un Maildir : il n'a pas de dossier « {attendu} ».")
    return maildir


def _lire_imap() -> Counter[Lecture]:
    try:
        return lire_boite()
    except BoiteInjoignable as panne:
        raise CommandError(f"La boîte des rebonds ne se lit pas. {panne}") from panne


def _debut(flux: BinaryIO) -> bytes:
    """Le reste est lu et jeté : un serveur de courrier dont on ferme l'envoi en route croit à un échec."""
    lu = flux.read(TAILLE_LUE)
    while flux.read(TAILLE_LUE):
        pass
    return lu


def lire_maildir(dossier: Path) -> Counter[Lecture]:
    """Lit les messages nouveaux, par lots. Un rebond noté est supprimé (il cite notre message), le reste marqué lu.

    Un message qui ne se lit pas est signalé (drapeau F) et n'arrête pas les suivants : tout le monde peut en déposer.
    Une base en panne n'est pas la faute du message : elle arrête le passage, et il sera relu.
    """
    total = Counter[Lecture]()
    for lus in lire_tout(_contenus(_nouveaux(dossier)[:PAR_PASSE])):
        total += Counter(lus.values())
        for chemin, lecture in lus.items():
            if lecture in ACHEVES:
                chemin.unlink(missing_ok=True)
            else:
                _ranger(chemin, LU + A_REVOIR if lecture is Lecture.ILLISIBLE else LU)
    return total


def _contenus(chemins: list[Path]) -> Iterator[tuple[Path, bytes]]:
    """Un message qui ne s'ouvre pas, ou qu'un autre passage vient de ranger, n'est pas lu."""
    for chemin in chemins:
        try:
            with chemin.open("rb") as fichier:
                yield chemin, fichier.read(TAILLE_LUE)
        except FileNotFoundError:
            continue
        except OSError:
            journal.exception("message revenu impossible à ouvrir : %s", chemin.name)
            _ranger(chemin, LU + A_REVOIR)


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
