"""Les pièces d'une reprise d'accès : reçues par leur nom, gardées 90 jours après la décision."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

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
def joindre(reprise: Reprise, recues: Mapping[PieceAttendue, Sequence[Recue]]) -> int:
    """La personne envoie des pièces, chacune sous son nom ; renvoyée sous le même, une pièce ne compte pas deux fois.

    Ce qu'un agent a demandé le reste tant que cela n'est pas reçu. Rend combien sont neuves. Lève GesteImpossible si
    la reprise n'attend plus rien, TropDePieces, et comme pieces.actions.deposer.
    """
    with franchir(reprise, "recevoir_piece", pieces=sum(map(len, recues.values()))):
        deja = set(reprise.recues.values_list("attendue", "piece__empreinte"))
        envoyees = ((attendue, recue) for attendue, lot in recues.items() for recue in lot)
        neuves = [(sous, recue) for sous, recue in envoyees if (sous.value, recue.empreinte) not in deja]
        if len(deja) + len(neuves) > PIECES_PERMISES:
            raise TropDePieces
        for attendue, recue in neuves:
            piece = deposer_piece(recue, nature=Nature.REPRISE)
            PieceReprise.objects.create(reprise=reprise, piece=piece, attendue=attendue)
        if reprise.piece_demandee in recues:
            reprise.piece_demandee = ""
    return len(neuves)
