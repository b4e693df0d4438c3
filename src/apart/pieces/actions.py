"""Garder une pièce, dire jusqu'à quand, l'effacer. Qui la voit, et à quoi elle se rattache, se décide au-dessus."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from apart.comptes.models import Utilisateur
from apart.pieces import dossier
from apart.pieces.antivirus import INDISPONIBLE
from apart.pieces.formats import PieceRefusee
from apart.pieces.models import CONSERVATION, Nature, Piece
from apart.pieces.recues import Recue
from apart.socle.models import verrouiller

PAR_MORCEAU = 200  # pièces effacées d'une transaction
ORPHELIN_APRES = timedelta(days=1)  # une transaction finit bien avant

journal = logging.getLogger(__name__)


def deposer(recue: Recue, *, nature: Nature, par: Utilisateur | None = None) -> Piece:
    """Garde cette pièce, dans la transaction du geste qui la reçoit, et rend sa ligne.

    Dans la base, ou dans PIECES_DOSSIER s'il est réglé ; le fichier d'une transaction annulée est ôté par la purge.
    Lève PieceRefusee si une analyse est demandée et n'a pas eu lieu, OSError si le dossier ne se laisse pas écrire.
    """
    if settings.CLAMD is not None and not recue.est_analysee:
        raise PieceRefusee(INDISPONIBLE)
    deposee_le = timezone.now()
    ou = {"chemin": dossier.ranger(recue.contenu)} if settings.PIECES_DOSSIER else {"contenu": recue.contenu}
    return Piece.objects.create(
        nature=nature,
        nom=recue.nom,
        sorte=recue.sorte,
        taille=len(recue.contenu),
        empreinte=recue.empreinte,
        deposee_le=deposee_le,
        deposee_par=par,
        a_effacer_le=deposee_le + CONSERVATION[nature],
        **ou,
    )


@transaction.atomic
def conserver_jusqu_au(pieces: Iterable[Piece], a_effacer_le: datetime) -> None:
    """Fixe la fin de la conservation : pour un justificatif, 90 jours après la décision, dans sa transaction.

    Sans effet sur une pièce déjà effacée.
    """
    gardees = Piece.objects.filter(pk__in=[piece.pk for piece in pieces], effacee_le=None)
    gardees.update(a_effacer_le=a_effacer_le)


def effacer_les_perimees() -> int:
    """Efface le contenu des pièces dont la conservation a fini ; leur nom et leur empreinte restent. Rend leur nombre.

    La ligne d'abord, le fichier ensuite : interrompue entre les deux, elle laisse un orphelin, que la purge ramasse.
    """
    total = 0
    while effacees := _effacer_un_morceau():
        total += effacees
    return total


@transaction.atomic
def _effacer_un_morceau() -> int:
    finies = list(verrouiller(Piece.objects.filter(pk__in=Piece.objects.a_effacer().values("pk")[:PAR_MORCEAU])))
    Piece.objects.filter(pk__in=[piece.pk for piece in finies]).update(
        contenu=None, chemin="", effacee_le=timezone.now()
    )
    transaction.on_commit(lambda: _oter([piece.chemin for piece in finies if piece.chemin]))
    return len(finies)


def _oter(chemins: list[str]) -> None:
    for chemin in chemins:
        dossier.effacer(chemin)


def oublier(pieces: Iterable[int]) -> int:
    """Efface la ligne de ces pièces, dont le contenu l'est déjà : ni nom, ni empreinte. Rend leur nombre.

    Dans la transaction qui efface ce à quoi elles se rattachaient.
    """
    return Piece.objects.filter(pk__in=list(pieces)).exclude(effacee_le=None).delete()[0]


def ramasser_les_orphelins() -> int:
    """Ôte du dossier les fichiers d'un jour ou plus qu'aucune pièce ne désigne ; rend leur nombre."""
    otes = 0
    for chemins in dossier.anciens(timezone.now() - ORPHELIN_APRES):
        designes = set(Piece.objects.filter(chemin__in=chemins).values_list("chemin", flat=True))
        otes += sum(dossier.oter(chemin) for chemin in chemins if chemin not in designes)
    if otes:
        journal.info("%s fichiers sans pièce ôtés du dossier des pièces", otes)
    return otes
