"""Les adresses des programmes (/api/…) : tout refus y est un « problem+json » (RFC 9457), lisible de n'importe où.

Aucun cookie n'y est lu ni posé : la réponse ne dépend que de la demande. C'est ce qui permet d'ouvrir ces adresses aux
pages des autres sites (docs/decisions/0009-api-publique.md).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from apart.socle import reference

PREFIXE = "/api/"
GENRE = "application/problem+json"
PARTAGE = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Expose-Headers": f"ETag, Retry-After, {reference.EN_TETE}",
}
# Nom dans la documentation, titre, et ce qu'il faut faire quand personne n'en dit plus.
CONNUS = {
    400: ("demande-illisible", "La demande ne se lit pas", "Vérifiez l'adresse et le corps de la demande."),
    403: ("refus", "La demande est refusée", "Cette adresse ne vous est pas ouverte."),
    404: ("introuvable", "Cette adresse n'existe pas", "Vérifiez le chemin ; la liste est dans /api/."),
    405: ("methode", "Cette méthode n'est pas admise ici", "Les méthodes admises sont dans l'en-tête Allow."),
    409: ("croisement", "Un autre envoi est passé en même temps", "Rien n'a été écrit : renvoyez la même demande."),
    411: ("longueur", "La longueur du corps manque", "Donnez l'en-tête Content-Length."),
    413: (
        "trop-grand",
        "La demande est trop grande",
        f"Un corps fait au plus {settings.DATA_UPLOAD_MAX_MEMORY_SIZE // 1024} Kio : envoyez moins à la fois.",
    ),
    415: ("genre-de-contenu", "Ce genre de contenu n'est pas lu", "Envoyez du JSON : Content-Type: application/json."),
    422: ("saisie-a-revoir", "Des réponses sont à revoir", "Chaque champ à revoir est dans « errors »."),
    429: ("trop-de-demandes", "Trop de demandes en peu de temps", "Attendez le temps que dit Retry-After."),
    500: ("panne", "Le service est en panne", "Réessayez plus tard ; donnez la référence si la panne dure."),
    503: ("indisponible", "Le service est arrêté un moment", "Réessayez après le temps que dit Retry-After."),
}
DES_PAGES = {"trop_lourde": 413}  # une page d'erreur dont le statut diffère ici


class Probleme(Exception):
    """Un refus à rendre tel quel ; « errors » désigne des champs par leur pointeur JSON."""

    def __init__(self, statut: int, detail: str, *, errors: Sequence[dict[str, str]] = (), **plus: Any) -> None:
        super().__init__(statut, detail)  # tels que pickle les redonne : un enfant peut la lever
        self.statut = statut
        self.detail = detail
        self.plus = {**plus, **({"errors": list(errors)} if errors else {})}


def concerne(request: HttpRequest) -> bool:
    """Vrai pour les adresses des programmes ; la page /api/, elle, se lit dans un navigateur."""
    return request.path.startswith(PREFIXE) and request.path != PREFIXE


def repondre(statut: int, detail: str = "", **plus: Any) -> HttpResponse:
    nom, titre, conseil = CONNUS.get(statut, CONNUS[400 if statut < 500 else 500])
    corps = {
        "type": f"{settings.URL_PUBLIQUE}{PREFIXE}#{nom}",
        "title": titre,
        "status": statut,
        "detail": detail or conseil,
        **plus,
    }
    return HttpResponse(json.dumps(corps, ensure_ascii=False, indent=1), content_type=GENRE, status=statut)


def d_une_page(modele: str, statut: int, phrase: str = "") -> HttpResponse:
    """Le même refus que la page d'erreur « modele », pour un programme."""
    plus = {"reference": reference.courante()} if statut >= 500 else {}
    return repondre(DES_PAGES.get(modele, statut), phrase, **plus)


class ProgrammesMiddleware:
    """Sous /api/ : ni cookie lu ni cookie posé, lecture permise aux autres sites, refus en problem+json."""

    def __init__(self, suite: Callable[[HttpRequest], HttpResponse]) -> None:
        self.suite = suite

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not concerne(request):
            return self.suite(request)
        request.META.pop("HTTP_COOKIE", None)
        reponse = self.suite(request)
        if request.method == "OPTIONS" and reponse.status_code == 405:
            reponse = _permettre(reponse.headers["Allow"])
        elif reponse.status_code >= 400 and reponse.headers["Content-Type"] != GENRE:
            reponse = _convertir(reponse)
        reponse.cookies.clear()
        for nom, valeur in PARTAGE.items():
            reponse.headers[nom] = valeur
        return reponse

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if isinstance(exception, Probleme):
            return repondre(exception.statut, exception.detail, **exception.plus)
        return None


def _convertir(reponse: HttpResponse) -> HttpResponse:
    """Un refus que Django a écrit lui-même : mêmes en-têtes, notre corps."""
    probleme = repondre(reponse.status_code)
    for nom in ("Allow", "Retry-After"):
        if nom in reponse.headers:
            probleme.headers[nom] = reponse.headers[nom]
    return probleme


def _permettre(methodes: str) -> HttpResponse:
    """La question qu'un navigateur pose avant d'envoyer du JSON d'un autre site."""
    permises = f"{methodes}, OPTIONS"
    entetes = {
        "Allow": permises,
        "Access-Control-Allow-Methods": permises,
        "Access-Control-Allow-Headers": "Content-Type, If-None-Match",
        "Access-Control-Max-Age": "86400",
    }
    return HttpResponse(status=204, headers=entetes)
