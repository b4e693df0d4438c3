"""Les pièces d'une reprise d'accès : reçues par leur nom, gardées 90 jours après la décision."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import transaction

from apart.pieces.actions import deposer as deposer_piece
from apart.pieces.models import Nature
from apart.pieces.recues import Recue
from apart.reprises.actions.demande import franchir
from apart.reprises.models import PieceAttendue, PieceReprise, Reprise

PIECES_PERMISES = 20  # par reprise, toutes natures


class TropDePieces(Exception):
    """La reprise a déjà toutes les pièces qu'elle peut porter."""


@transaction.atomic
def joindre(reprise: Reprise, recues: Sequence[Recue], *, attendue: PieceAttendue) -> int:
    """La personne envoie des pièces ; celle qu'elle a déjà envoyée ne compte pas deux fois. Rend combien sont neuves.

    Lève GesteImpossible si la reprise n'attend plus rien, TropDePieces, et comme pieces.actions.deposer.
    """
    with franchir(reprise, "recevoir_piece", pieces=len(recues)):
        deja = set(reprise.pieces.values_list("empreinte", flat=True))
        neuves = [recue for recue in recues if recue.empreinte not in deja]
        if len(deja) + len(neuves) > PIECES_PERMISES:
            raise TropDePieces
        for recue in neuves:
            piece = deposer_piece(recue, nature=Nature.REPRISE)
            PieceReprise.objects.create(reprise=reprise, piece=piece, attendue=attendue)
        reprise.piece_demandee = ""
    return len(neuves)
