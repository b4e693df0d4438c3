"""Le corps d'une demande : du JSON en UTF-8, d'une taille raisonnable."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest, UnreadablePostError

from apart.socle.corps import longueur
from apart.socle.lecture_json import JsonRefuse, lire_json
from apart.socle.problemes import Probleme

GENRE = "application/json"


def recevoir(request: HttpRequest) -> bytes:
    """Le corps d'une demande. Lève Probleme : 413, 415, ou 400 si la connexion s'est coupée."""
    _exiger_du_json(request)
    _exiger_une_taille(request)
    try:
        return request.body
    except UnreadablePostError:
        raise Probleme(400, "La connexion s'est coupée avant la fin du corps : renvoyez la demande.") from None


def lire_corps(octets: bytes) -> Any:
    """Le document JSON envoyé. Lève Probleme : 400, avec la ligne et la colonne."""
    try:
        return lire_json(octets, strict=True)
    except JsonRefuse as refus:
        place: dict[str, Any] = {"line": refus.ligne, "column": refus.colonne} if refus.ligne else {}
        raise Probleme(400, f"Le corps n'est pas du JSON lisible : {refus}.", **place) from None


def _exiger_du_json(request: HttpRequest) -> None:
    if request.content_type != GENRE:
        recu = f"reçu : {request.content_type[:80]}" if request.content_type else "l'en-tête manque"
        raise Probleme(415, f"Le corps est du JSON, annoncé par « Content-Type: {GENRE} » ({recu}).")
    if request.headers.get("Content-Encoding", "identity").lower() != "identity":
        raise Probleme(415, "Le corps n'est pas lu compressé : envoyez-le sans Content-Encoding.")


def _exiger_une_taille(request: HttpRequest) -> None:
    limite = settings.DATA_UPLOAD_MAX_MEMORY_SIZE
    taille = longueur(request)
    if taille > limite:
        raise Probleme(
            413,
            f"Le corps fait {taille} octets ; il en faut {limite} au plus ({limite // 1024} Kio). "
            "Envoyez les groupes en plusieurs demandes.",
            limit=limite,
        )
