"""La feuille de style : le DSFR réduit à ce qu'Apart emploie, suivi du thème, en une seule réponse compressée.

Le paquet du DSFR pèse 717 Ko (91 Ko compressé) et charge la police de l'État. Ici : les composants utiles, les seules
icônes citées par les gabarits, ni thème sombre ni police réservée. Voir docs/decisions/0006-theme.md.
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

# Composant du DSFR → classe qui le fait charger, quand un gabarit ou un module la cite.
COMPOSANTS = {
    "accordion": "fr-accordion",
    "alert": "fr-alert",
    "badge": "fr-badge",
    "breadcrumb": "fr-breadcrumb",
    "button": "fr-btn",
    "callout": "fr-callout",
    "card": "fr-card",
    "checkbox": "fr-checkbox",
    "content": "fr-content-media",
    "download": "fr-link--download",
    "footer": "fr-footer",
    "form": "fr-label",
    "header": "fr-header",
    "highlight": "fr-highlight",
    "input": "fr-input",
    "link": "fr-link",
    "logo": "fr-logo",
    "modal": "fr-modal",
    "navigation": "fr-nav",
    "notice": "fr-notice",
    "pagination": "fr-pagination",
    "password": "fr-password",
    "quote": "fr-quote",
    "radio": "fr-radio",
    "search": "fr-search-bar",
    "segmented": "fr-segmented",
    "select": "fr-select",
    "sidemenu": "fr-sidemenu",
    "skiplink": "fr-skiplinks",
    "stepper": "fr-stepper",
    "summary": "fr-summary",
    "tab": "fr-tabs",
    "table": "fr-table",
    "tag": "fr-tag",
    "tile": "fr-tile",
    "toggle": "fr-toggle",
    "tooltip": "fr-tooltip",
    "upload": "fr-upload",
}
DSFR = "dsfr/dist"
UN_AN = 31_536_000
POLICE = 'system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans","Liberation Sans",Arial,sans-serif'

ADRESSE = re.compile(r"url\((?![\"']?data:)[\"']?([^)\"']+)[\"']?\)")
ICONE = re.compile(r"\.(fr-icon-[a-z0-9-]+):after,\.\1:before\{[^}]*\}")
CLASSE = re.compile(r"\bfr-[a-z0-9_-]+")
VARIABLE = re.compile(r"(?<=[{;])(--[\w-]+):(?:\"[^\"]*\"|[^;}\"])*;?")


@dataclass(frozen=True)
class Feuille:
    adresse: str
    contenu: bytes
    comprime: bytes


def _lire(chemin: str) -> str:
    """Un fichier statique, ses adresses rendues absolues puisqu'il change de place."""
    trouve = finders.find(chemin)
    if not isinstance(trouve, str):
        return ""
    dossier = posixpath.dirname(chemin)

    def absolue(lien: re.Match[str]) -> str:
        return f"url({settings.STATIC_URL}{posixpath.normpath(posixpath.join(dossier, lien[1]))})"

    return ADRESSE.sub(absolue, Path(trouve).read_text(encoding="utf-8"))


def _classes_citees() -> set[str]:
    """Les classes fr-* que les gabarits, les scripts et le code de ce paquet citent."""
    paquet = Path(__file__).resolve().parent.parent
    gabarits, code = (
        ("*/templates/**/*.html", "*/static/**/*.js"),
        ("*/forms.py", "*/forms/*.py", "*/templatetags/*.py"),
    )
    motifs = (*gabarits, *code, "socle/formulaires.py")
    fichiers = {fichier for motif in motifs for fichier in paquet.glob(motif)}
    return {nom for fichier in fichiers for nom in CLASSE.findall(fichier.read_text(encoding="utf-8"))}


def _dsfr(*, service_etat: bool) -> str:
    citees = _classes_citees()
    composants = [nom for nom, classe in COMPOSANTS.items() if any(c.startswith(classe) for c in citees)]
    if not service_etat:
        composants.remove("logo")
    noms = ["core/core", *(f"component/{nom}/{nom}" for nom in composants)]
    texte = "".join(_lire(f"{DSFR}/{nom}.{partie}.min.css") for nom in noms for partie in ("main", "print"))
    texte = re.sub(r":root\[data-fr-theme=dark\][^{},]*\{[^}]*\}", "", texte)
    icones = "".join(_lire(chemin) for chemin in _feuilles_d_icones())
    return texte + "".join(regle[0] for regle in ICONE.finditer(icones) if regle[1] in citees)


def _feuilles_d_icones() -> list[str]:
    racine = finders.find(f"{DSFR}/utility/icons")
    dossiers = sorted(Path(racine).glob("icons-*")) if isinstance(racine, str) else []
    return [f"{DSFR}/utility/icons/{dossier.name}/{dossier.name}.main.min.css" for dossier in dossiers]


def _sans_variables_inutiles(texte: str) -> str:
    """Ôte les variables que plus aucune règle ne lit : surtout les accents de couleur du DSFR."""
    lues = set(re.findall(r"var\((--[\w-]+)", texte))
    reste = VARIABLE.sub(lambda ligne: ligne[0] if ligne[1] in lues else "", texte)
    return texte if reste == texte else _sans_variables_inutiles(reste)


def _sans_police_reservee(texte: str) -> str:
    texte = re.sub(r"@font-face\{[^}]*\}", "", texte)
    texte = texte.replace("font-family:Marianne,arial,sans-serif", f"font-family:{POLICE}")
    return re.sub(r"font-family:Marianne\b", f"font-family:{POLICE}", texte)


@lru_cache(maxsize=2)
def composer(service_etat: bool) -> Feuille:
    texte = _dsfr(service_etat=service_etat)
    if not service_etat:
        texte = _sans_police_reservee(texte) + _lire("apart/neutre.css")
    texte = re.sub(r"/\*.*?\*/", "", texte + _lire("apart/apart.css"), flags=re.DOTALL)
    texte = _sans_variables_inutiles(texte)
    contenu = f"/* DSFR 1.14, licence MIT, et thème d'Apart */\n{texte}".encode()
    empreinte = hashlib.sha256(contenu).hexdigest()[:12]
    return Feuille(f"{settings.STATIC_URL}apart-{empreinte}.css", contenu, gzip.compress(contenu, 9, mtime=0))


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
