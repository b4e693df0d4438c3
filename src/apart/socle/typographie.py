"""La typographie française des pages : une espace insécable avant « : ; ? ! » et à l'intérieur des guillemets.

Les gabarits s'écrivent avec des espaces ordinaires ; elles deviennent insécables une fois, au chargement du gabarit,
dans le texte seulement : ni dans les balises, ni dans les scripts, ni dans les courriels, que leur mise en page coupe.
"""

from __future__ import annotations

import re

from django.template import Origin
from django.template.loaders import app_directories, filesystem

INSECABLE = "\u00a0"
HORS_TEXTE = re.compile(
    r"(<(?P<bloc>script|style|textarea|svg)\b.*?</(?P=bloc)>|<(?:{[{%].*?[}%]}|[^<>])*>|{%.*?%}|{{.*?}}|{#.*?#})",
    re.DOTALL,
)
AVANT = re.compile(r" (?=[:;?!»](?:\s|[).,]|$))")


def composer(gabarit: str) -> str:
    """Le même gabarit, ses espaces de ponctuation insécables."""
    debut, morceaux = 0, list[str]()
    for marque in HORS_TEXTE.finditer(gabarit):
        morceaux += [_texte(gabarit[debut : marque.start()]), marque[0]]
        debut = marque.end()
    return "".join([*morceaux, _texte(gabarit[debut:])])


def _texte(texte: str) -> str:
    return AVANT.sub(INSECABLE, texte).replace("« ", f"«{INSECABLE}")


class _Compose(filesystem.Loader):
    """Compose les pages au passage ; le cache des gabarits fait que cela ne coûte rien ensuite."""

    def get_contents(self, origin: Origin) -> str:
        contenu: str = super().get_contents(origin)
        nom = str(origin.template_name)
        return composer(contenu) if nom.endswith(".html") and not nom.startswith("courriels/") else contenu


class DesDossiers(_Compose):
    """Les gabarits de TEMPLATES["DIRS"]."""


class DesModules(_Compose, app_directories.Loader):
    """Les gabarits de chaque module."""
