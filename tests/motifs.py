"""Ce qu'une expression régulière peut coûter, lu dans sa forme : des répétitions qui se disputent les mêmes signes.

Une répétition sans fin en suit une autre sans rien entre elles qui les sépare, ou en contient une : selon où elles se
partagent le texte, l'analyseur essaie tout. Une recherche qui échoue après une répétition sans fin recommence un signe
plus loin : c'est le carré de la longueur, si la répétition prend aussi ce qui l'a commencée.
"""

from __future__ import annotations

import ast
import importlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from re import _constants as noms  # type: ignore[attr-defined]  # sans types, et sans autre porte
from re import _parser as analyseur  # type: ignore[attr-defined]
from types import ModuleType
from typing import Any

Signes = frozenset[int]
SANS_FIN = 100  # répétitions : en dessous, un nombre borné d'essais
TOUS = frozenset(range(0x250)) | frozenset({0x2014, 0x20AC})  # de quoi distinguer les classes employées
CHERCHENT = {"search", "findall", "finditer", "sub", "subn", "split", "compile"}
AILLEURS = {"match", "fullmatch", "escape", "purge", "error"}


class Couteux(ValueError):
    """Ce motif peut demander plus qu'un temps proportionnel au texte."""


@dataclass(frozen=True)
class Motif:
    """Un motif, et où il est écrit."""

    texte: str | None  # None : composé à l'exécution
    drapeaux: int
    ou: str
    se_cherche: bool


def eprouver(texte: str, drapeaux: int = 0, *, se_cherche: bool = False) -> None:
    """Lève Couteux."""
    arbre = analyseur.parse(texte, drapeaux)
    _suite(list(arbre), frozenset(), arbre.state.flags)
    if se_cherche:
        _recommencer(list(arbre), arbre.state.flags)


def _suite(items: list[Any], ouvertes: frozenset[Signes], drapeaux: int) -> frozenset[Signes]:
    """Les répétitions qui peuvent encore s'allonger après ces éléments."""
    for operation, argument in items:
        ouvertes = _un(operation, argument, ouvertes, drapeaux)
    return ouvertes


def _un(operation: Any, argument: Any, ouvertes: frozenset[Signes], drapeaux: int) -> frozenset[Signes]:
    if operation in (noms.MAX_REPEAT, noms.MIN_REPEAT, noms.POSSESSIVE_REPEAT):
        return _repetition(argument[0], argument[1], argument[2], ouvertes, drapeaux)
    if operation is noms.SUBPATTERN:
        return _suite(list(argument[-1]), ouvertes, drapeaux)
    if operation is noms.BRANCH:
        return frozenset().union(*(_suite(list(branche), ouvertes, drapeaux) for branche in argument[1]))
    if operation in (noms.ASSERT, noms.ASSERT_NOT):
        _suite(list(argument[1]), frozenset(), drapeaux)
        return ouvertes
    if operation is noms.AT:
        return ouvertes
    pris = _signes(operation, argument, drapeaux)
    return frozenset(ouverte for ouverte in ouvertes if ouverte & pris)


def _repetition(mini: int, maxi: int, corps: Any, ouvertes: frozenset[Signes], drapeaux: int) -> frozenset[Signes]:
    items = list(corps)
    if maxi < SANS_FIN:
        apres = _suite(items, ouvertes, drapeaux)
        return apres if mini else apres | ouvertes
    _alternatives_distinctes(items, drapeaux)
    if len(items) == 1 and (seul := _simple(items[0][0], items[0][1], drapeaux)):
        if any(ouverte & seul for ouverte in ouvertes):
            raise Couteux("deux répétitions sans fin prennent les mêmes signes")
        return frozenset({seul}) | (ouvertes if not mini else frozenset(o for o in ouvertes if o & seul))
    apres = _suite(items, _suite(items, ouvertes, drapeaux), drapeaux)  # deux tours : le second suit le premier
    return apres | ouvertes | {_tous(items, drapeaux)}


def _simple(operation: Any, argument: Any, drapeaux: int) -> Signes:
    """Les signes d'un élément d'un seul signe ; rien s'il est composé."""
    if operation is noms.SUBPATTERN and len(argument[-1]) == 1:
        seul = next(iter(argument[-1]))
        return _simple(seul[0], seul[1], drapeaux)
    if operation in (noms.LITERAL, noms.NOT_LITERAL, noms.IN, noms.ANY):
        return _signes(operation, argument, drapeaux)
    return frozenset()


def _alternatives_distinctes(items: list[Any], drapeaux: int) -> None:
    """« (a|a)* » : deux chemins pour le même signe, à chaque tour."""
    for operation, argument in items:
        if operation is noms.SUBPATTERN:
            _alternatives_distinctes(list(argument[-1]), drapeaux)
        elif operation is noms.BRANCH:
            vus: Signes = frozenset()
            if sum(_peut_etre_vide(list(branche)) for branche in argument[1]) > 1:
                raise Couteux("dans une répétition sans fin, deux choix peuvent être vides")
            for branche in argument[1]:
                debut = _premiers(list(branche), drapeaux)
                if vus & debut:
                    raise Couteux("dans une répétition sans fin, deux choix commencent pareil")
                vus |= debut


def _recommencer(items: list[Any], drapeaux: int) -> None:
    """Cherché dans un texte : ce qui échoue après une répétition sans fin, d'un signe qu'elle prend, recommence."""
    while len(items) == 1 and items[0][0] is noms.SUBPATTERN:
        items = list(items[0][1][-1])
    if len(items) == 1 and items[0][0] is noms.BRANCH:
        for branche in items[0][1][1]:
            _recommencer(list(branche), drapeaux)
        return
    if items and items[0][0] is noms.AT and items[0][1] is noms.AT_BEGINNING:
        return
    debut = _premiers(items, drapeaux)
    for rang, (operation, argument) in enumerate(items[:-1]):
        if operation in (noms.MAX_REPEAT, noms.MIN_REPEAT) and argument[1] >= SANS_FIN:
            suite = items[rang + 1 :]
            if _tous(list(argument[2]), drapeaux) & debut and not _peut_etre_vide(suite):
                raise Couteux("une recherche qui échoue après cette répétition recommence dedans")


def _peut_etre_vide(items: list[Any]) -> bool:
    for operation, argument in items:
        if operation in (noms.MAX_REPEAT, noms.MIN_REPEAT) and argument[0] == 0:
            continue
        if operation is noms.SUBPATTERN and _peut_etre_vide(list(argument[-1])):
            continue
        return False
    return True


def _premiers(items: list[Any], drapeaux: int) -> Signes:
    """Ce par quoi ces éléments peuvent commencer."""
    trouves: Signes = frozenset()
    for operation, argument in items:
        if operation in (noms.AT, noms.ASSERT, noms.ASSERT_NOT):
            continue
        trouves |= _debut(operation, argument, drapeaux)
        if not _peut_etre_vide([(operation, argument)]):
            return trouves
    return trouves


def _debut(operation: Any, argument: Any, drapeaux: int) -> Signes:
    if operation in (noms.MAX_REPEAT, noms.MIN_REPEAT, noms.POSSESSIVE_REPEAT):
        return _premiers(list(argument[2]), drapeaux)
    if operation is noms.SUBPATTERN:
        return _premiers(list(argument[-1]), drapeaux)
    if operation is noms.BRANCH:
        return frozenset().union(*(_premiers(list(branche), drapeaux) for branche in argument[1]))
    return _signes(operation, argument, drapeaux)


def _tous(items: list[Any], drapeaux: int) -> Signes:
    """Tous les signes que ces éléments peuvent prendre."""
    pris: Signes = frozenset()
    for operation, argument in items:
        if operation in (noms.MAX_REPEAT, noms.MIN_REPEAT, noms.POSSESSIVE_REPEAT):
            pris |= _tous(list(argument[2]), drapeaux)
        elif operation is noms.SUBPATTERN:
            pris |= _tous(list(argument[-1]), drapeaux)
        elif operation is noms.BRANCH:
            pris |= frozenset().union(*(_tous(list(branche), drapeaux) for branche in argument[1]))
        elif operation not in (noms.AT, noms.ASSERT, noms.ASSERT_NOT):
            pris |= _signes(operation, argument, drapeaux)
    return pris


def _signes(operation: Any, argument: Any, drapeaux: int) -> Signes:
    """Par l'analyseur lui-même : lesquels de TOUS ce seul élément prend."""
    if operation is noms.GROUPREF:
        return TOUS
    etat = analyseur.State()
    etat.flags = drapeaux
    seul = re._compiler.compile(analyseur.SubPattern(etat, [(operation, argument)]), drapeaux)  # type: ignore[attr-defined]
    return frozenset(signe for signe in TOUS if seul.fullmatch(chr(signe)))


# --- Les trouver ---


def motifs(racine: Path, paquet: str) -> Iterator[Motif]:
    """Chaque motif donné à re dans ces sources, lu tel que le module le compose."""
    for fichier in sorted(racine.rglob("*.py")):
        source = fichier.read_text()
        if "re." not in source or "migrations" in fichier.parts:
            continue
        module = ".".join((paquet, *fichier.relative_to(racine).with_suffix("").parts)).removesuffix(".__init__")
        for noeud in ast.walk(ast.parse(source)):
            if isinstance(noeud, ast.Call) and ast.unparse(noeud.func).rpartition(".")[0] == "re":
                yield from _motif(noeud, importlib.import_module(module))


def _motif(appel: ast.Call, module: ModuleType) -> Iterator[Motif]:
    fonction = ast.unparse(appel.func).removeprefix("re.")
    if fonction not in CHERCHENT | AILLEURS:
        raise AssertionError(f"{module.__name__}:{appel.lineno} : re.{fonction} n'est pas connue d'ici")
    if fonction in {"escape", "purge", "error"}:
        return
    ou = f"{module.__name__}:{appel.lineno}"
    try:
        texte = eval(compile(ast.Expression(appel.args[0]), "<motif>", "eval"), vars(module))  # noqa: S307  # nos sources
    except NameError:
        texte = None
    texte = texte.decode("latin-1") if isinstance(texte, bytes) else texte  # un octet, un signe
    drapeaux = re.IGNORECASE if "IGNORECASE" in ast.unparse(appel) else 0
    drapeaux |= re.DOTALL if "DOTALL" in ast.unparse(appel) else 0
    yield Motif(texte if isinstance(texte, str) else None, drapeaux, ou, fonction in CHERCHENT)
