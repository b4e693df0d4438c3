"""La feuille de style : le DSFR, puis le thème d'Apart, en une seule réponse compressée.

Rien n'y est élagué ; sans le nom de l'État, la police qui lui est réservée en est ôtée
(docs/decisions/0006-theme.md).
"""

from __future__ import annotations

import gzip
import hashlib
import posixpath
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles import finders
from django.http import HttpRequest, HttpResponse
from django.utils.cache import patch_vary_headers

DSFR = ("dsfr/dist/dsfr.main.min.css", "dsfr/dist/dsfr.print.min.css")
UN_AN = 31_536_000
POLICE = 'system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans","Liberation Sans",Arial,sans-serif'
# Le DSFR attend de son script qu'il pose « sombre » ; ici, le réglage du lecteur suffit, et le papier reste blanc.
SOMBRE = re.compile(r"(?<=[{}])(?:[^{},]*\[data-fr-theme=dark\][^{},]*,?)+\{[^{}]*\}")
SI_SOMBRE = "@media screen and (prefers-color-scheme:dark)"
ADRESSE = re.compile(r"url\((?![\"']?data:)[\"']?([^)\"']+)[\"']?\)")


@dataclass(frozen=True)
class Feuille:
    adresse: str
    contenu: bytes
    comprime: bytes


@lru_cache(maxsize=2)
def composer(service_etat: bool) -> Feuille:
    texte = SOMBRE.sub(_selon_le_lecteur, "".join(map(_lire, DSFR)))
    if not service_etat:
        texte = _sans_police_reservee(texte) + _lire("apart/neutre.css")
    contenu = (texte + _lire("apart/apart.css")).encode()
    empreinte = hashlib.sha256(contenu).hexdigest()[:12]
    return Feuille(f"{settings.STATIC_URL}apart-{empreinte}.css", contenu, gzip.compress(contenu, 9, mtime=0))


def _lire(chemin: str) -> str:
    """Un fichier statique, ses adresses rendues absolues puisqu'il change de place."""
    trouve = finders.find(chemin)
    if not isinstance(trouve, str):
        raise FileNotFoundError(chemin)
    dossier = posixpath.dirname(chemin)

    def absolue(lien: re.Match[str]) -> str:
        return f"url({settings.STATIC_URL}{posixpath.normpath(posixpath.join(dossier, lien[1]))})"

    return ADRESSE.sub(absolue, Path(trouve).read_text(encoding="utf-8"))


def _selon_le_lecteur(regle: re.Match[str]) -> str:
    return f"{SI_SOMBRE}{{{regle[0].replace('[data-fr-theme=dark]', '[data-fr-scheme=system]')}}}"


def _sans_police_reservee(texte: str) -> str:
    texte = re.sub(r"@font-face\{[^}]*\}", "", texte)
    return re.sub(r"font-family:Marianne\b(?:,arial,sans-serif)?", f"font-family:{POLICE}", texte)


class FeuilleMiddleware:
    """Sert la feuille avant les sessions : une page de panne garde sa mise en forme quand la base ne répond plus."""

    def __init__(self, suite: Callable[[HttpRequest], HttpResponse]) -> None:
        self.suite = suite

    def __call__(self, request: HttpRequest) -> HttpResponse:
        prefixe = f"{settings.STATIC_URL}apart-"
        if not (request.path.startswith(prefixe) and request.path.endswith(".css")):
            return self.suite(request)
        feuille = composer(settings.SERVICE_ETAT)
        comprime = "gzip" in request.headers.get("Accept-Encoding", "")
        reponse = HttpResponse(
            feuille.comprime if comprime else feuille.contenu, content_type="text/css; charset=utf-8"
        )
        if comprime:
            reponse.headers["Content-Encoding"] = "gzip"
        # Pendant une mise à jour, une ancienne adresse reçoit la feuille d'aujourd'hui, sans la garder.
        garde = f"public, max-age={UN_AN}, immutable" if request.path == feuille.adresse else "no-cache"
        reponse.headers["Cache-Control"] = garde
        patch_vary_headers(reponse, ["Accept-Encoding"])
        return reponse
