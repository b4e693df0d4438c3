"""Ce que lisent les gens, tiré de chaque source : gabarits, courriels, fiches, contrats, Python, scripts."""

from __future__ import annotations

import ast
import html
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import yaml

import apart

RACINE = Path(apart.__file__).parent
BALISES_DE_BLOC = re.compile(
    r"</?(?:p|li|ul|ol|h[1-6]|t[hdr]|dt|dd|dl|div|button|label|legend|caption|summary|br|section)\b[^>]*>"
)


@cache
def textes() -> dict[str, str]:
    """Ce que chaque fichier montre, ses balises ôtées et ses blancs réduits à un ; un saut de ligne par bloc."""
    trouves = {}
    for fichier in sorted(RACINE.rglob("*")):
        lire = LECTEURS.get(fichier.suffix)
        if lire and fichier.is_file() and not {"migrations", "vendor", "parametres"} & set(fichier.parts):
            trouves[str(fichier.relative_to(RACINE))] = net(lire(fichier.read_text(encoding="utf-8")))
    return trouves


def net(texte: str) -> str:
    """Des blancs simples : une phrase pliée, ou aux espaces insécables, se retrouve telle qu'on la cite."""
    lignes = (re.sub(r"\s+", " ", ligne).strip() for ligne in texte.split("\n"))
    return "\n".join(ligne for ligne in lignes if ligne)


def du_gabarit(source: str) -> str:
    """Une variable y devient « … » ; les deux branches d'un « si » se suivent."""
    sans = re.sub(r"\{#.*?#\}|\{%.*?%\}|<!--.*?-->", "", source.replace("\n", " "), flags=re.DOTALL)
    return html.unescape(re.sub(r"<[^>]+>", "", BALISES_DE_BLOC.sub("\n", sans_variables(sans))))


def du_courriel(source: str) -> str:
    return du_gabarit(source) if "<" in source else re.sub(r"\{%.*?%\}", "", sans_variables(source))


def sans_variables(source: str) -> str:
    return re.sub(r"\{\{.*?\}\}", "…", re.sub(r"\{\{[^}]*\|de \}\}", "de …", source))


def de_la_fiche(source: str) -> str:
    """Titre, résumé, puis un paragraphe ou un point de liste par ligne, sans ses liens ni son gras."""
    _, tete, corps = source.split("+++", 2) if source.startswith("+++") else ("", "", source)
    titres = "\n".join(re.findall(r'^(?:titre|resume) = "(.*)"$', tete, re.MULTILINE))
    plie = re.sub(r"\n(?!\n|[-#>]|\d+\.)", " ", corps)
    return f"{titres}\n" + re.sub(r"\[([^\]]+)\]\([^)]*\)", r"\1", plie).replace("**", "")


def de_python(source: str) -> str:
    """Chaque texte écrit dans le code, sans les docstrings ; « … » tient la place d'une valeur."""
    return "\n".join(texte.replace("\n", " ") for texte in _constantes(ast.parse(source)))


def _constantes(arbre: ast.AST) -> Iterator[str]:
    for noeud in ast.iter_child_nodes(arbre):
        if isinstance(noeud, ast.Expr) and isinstance(noeud.value, ast.Constant):
            continue  # une docstring
        if isinstance(noeud, ast.JoinedStr):
            yield "".join(str(v.value) if isinstance(v, ast.Constant) else "…" for v in noeud.values)
        elif isinstance(noeud, ast.Constant) and isinstance(noeud.value, str):
            yield noeud.value
        else:
            yield from _constantes(noeud)


def du_script(source: str) -> str:
    sans = re.sub(r"^\s*//.*$", "", source, flags=re.MULTILINE)
    return "\n".join(a or b for a, b in re.findall(r'"([^"\n]+)"|`([^`]+)`', sans))


def du_yaml(source: str) -> str:
    return "\n".join(_textes(yaml.safe_load(source)))


def _textes(lu: object) -> Iterator[str]:
    if isinstance(lu, dict | list):
        for membre in lu.values() if isinstance(lu, dict) else lu:
            yield from _textes(membre)
    elif isinstance(lu, str):
        yield lu.replace("\n", " ")


LECTEURS = {
    ".html": du_gabarit,
    ".txt": du_courriel,
    ".md": de_la_fiche,
    ".typ": lambda source: source,
    ".py": de_python,
    ".js": du_script,
    ".yaml": du_yaml,
}
