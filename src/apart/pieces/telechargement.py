"""Rendre une pièce sans qu'aucun navigateur l'ouvre : un fichier à enregistrer, inerte. Qui la lit se décide avant."""

from __future__ import annotations

import hashlib
import logging

from django.http import HttpResponse
from django.template import loader
from django.utils.http import content_disposition_header

from apart.pieces import dossier
from apart.pieces.models import Piece, Sorte
from apart.socle import reference
from apart.socle.contexte import site

TYPES = {Sorte.PDF: "application/pdf", Sorte.PNG: "image/png", Sorte.JPEG: "image/jpeg"}
ENTETES = {
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "sandbox; default-src 'none'; frame-ancestors 'none'",
    "Cache-Control": "no-store",
    "Cross-Origin-Resource-Policy": "same-origin",
}
RETOUR = "300"  # secondes
journal = logging.getLogger(__name__)


class Illisible(Exception):
    """Le contenu d'une pièce manque, ou n'est plus celui qui a été déposé."""


def servir(piece: Piece) -> HttpResponse:
    """Le fichier, à enregistrer ; ou une page qui dit ce qu'il est devenu (410 : effacé, 503 : introuvable).

    La vue a déjà décidé que cette personne peut le lire.
    """
    if piece.effacee_le is not None:
        return _dire(piece, 410)
    try:
        contenu = lire(piece)
    except Illisible as panne:
        journal.error("Pièce %s illisible : %s", piece.pk, panne)  # la cause est dans la phrase
        reponse = _dire(piece, 503)
        reponse.headers["Retry-After"] = RETOUR
        return reponse
    disposition = content_disposition_header(as_attachment=True, filename=piece.nom)
    entetes = {**ENTETES, "Content-Disposition": disposition}
    return HttpResponse(contenu, content_type=TYPES[Sorte(piece.sorte)], headers=entetes)


def lire(piece: Piece) -> bytes:
    """Le contenu déposé, au signe près. Lève Illisible."""
    try:
        contenu = dossier.relire(piece.chemin) if piece.chemin else bytes(piece.contenu or b"")
    except dossier.FichierAbsent as absent:
        raise Illisible(f"fichier absent, {absent}") from absent
    if hashlib.sha256(contenu).hexdigest() != piece.empreinte:
        raise Illisible("son empreinte a changé")
    return contenu


def _dire(piece: Piece, statut: int) -> HttpResponse:
    contexte = {**site(None), "page_d_erreur": True, "reference": reference.courante(), "piece": piece}
    return HttpResponse(loader.render_to_string("pieces/absente.html", contexte), status=statut)
