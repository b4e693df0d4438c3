"""Une demande se lit en UTF-8, quel que soit le codage qu'elle nomme.

Django décode sinon l'adresse et le formulaire par le codec de Python que nomme « charset » : « punycode » y prend le
carré de la longueur, « rot13 » ou « zlib » lèvent avant toute page.
"""

from __future__ import annotations

from collections.abc import MutableMapping
from typing import Any

from django.http import HttpRequest
from django.utils.http import parse_header_parameters

NOTRES = {"utf-8", "utf8"}
AUTRE = "apart.autre_codage"
SANS_CORPS = {"GET", "HEAD", "OPTIONS"}


def imposer(environ: MutableMapping[str, Any]) -> None:
    """Ôte du genre de contenu tout autre codage, et retient qu'il y en avait un."""
    annonce = environ.get("CONTENT_TYPE", "")
    if "charset" not in annonce.lower():
        return
    try:
        genre, parametres = parse_header_parameters(annonce)
    except ValueError:  # une en-tête que Django refuse de lire
        genre, parametres = "", {}
    if parametres.get("charset", "").strip().lower() not in NOTRES:
        environ["CONTENT_TYPE"] = genre
        environ[AUTRE] = True


def est_autre(request: HttpRequest) -> bool:
    """Vrai d'un corps que l'on lirait de travers."""
    return AUTRE in request.META and request.method not in SANS_CORPS
