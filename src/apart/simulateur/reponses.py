"""Des données publiques remises telles quelles : gardées une heure, revalidées par leur empreinte, lues de partout."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.utils.cache import get_conditional_response

from apart.simulateur.telechargements import Document

GARDE = "public, max-age=3600"


def remettre(request: HttpRequest, document: Document, *, a_enregistrer: bool = False) -> HttpResponse:
    """Le document, ou 304 si le lecteur l'a déjà ; aucune session n'est lue, la réponse est la même pour tous."""
    reponse = HttpResponse(document.contenu, content_type=document.genre)
    if a_enregistrer:
        reponse.headers["Content-Disposition"] = f'attachment; filename="{document.nom}"'
    conditionnelle = get_conditional_response(request, etag=document.empreinte, response=reponse)
    remise = conditionnelle if isinstance(conditionnelle, HttpResponse) else reponse
    remise.headers["ETag"] = document.empreinte
    remise.headers["Cache-Control"] = GARDE
    remise.headers["Access-Control-Allow-Origin"] = "*"
    return remise
