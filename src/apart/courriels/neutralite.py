"""Rendre inoffensif, dans nos messages, un texte que quelqu'un a tapé (T16, T17).

Un nom « Cliquez http://evil.tld » ne doit devenir un lien dans aucune messagerie : « Cliquez http : /evil[.]tld ».
Plutôt que de reconnaître les mauvaises formes, on n'admet qu'un petit alphabet, puis on rompt tout ce dont une
messagerie fait un lien : un point entre deux mots, deux barres, un deux-points collé. Une adresse électronique en est
un aussi : elle ne reste entière que là où le code dit que c'en est une, ou qu'un agent a écrit.
"""

from __future__ import annotations

import re
import unicodedata
from datetime import date, timedelta
from typing import Any

from django.conf import settings

from apart.socle.accents import normale

# Ce dont une phrase française a besoin, en lettres latines ; le reste (autres écritures, dessins) devient une espace.
INTERDITS = re.compile(r"[^A-Za-z0-9À-ÖØ-öø-ɏḀ-ỿ '’\"«»()\[\]<>,;:.!?/&+%°€$£@#*=_|–—-]")
EQUIVALENTS = str.maketrans("\u2010\u2011\u2212\u2022\u2044", "----/")
MOTS_POINTES = re.compile(r"(?<![\w-])[\w-]+(?:\.[\w-]+)+")
BARRES = re.compile(r"/{2,}")
# « 14:30 » reste entier ; « mailto:x » et « tel: » perdent ce qui en fait un lien, quoi que le gabarit mette après.
DEUX_POINTS = re.compile(r":(?!(?<=\d:)\d)")
# Suivie d'un chemin, une adresse électronique n'en est plus une.
COURRIEL = re.compile(r"(?<![^\s(<«,;])[\w.+-]+@[\w-]+(?:\.[\w-]+)+(?=[.,;:!?)>»]*(?:\s|$))")


class MultiLignes(str):
    """Un texte dont les sauts de ligne sont gardés (message d'une personne) ; à montrer avec le filtre « citer »."""

    __slots__ = ()


class TexteAgent(MultiLignes):
    """Le même, écrit par un agent : une adresse électronique qu'il donne reste entière."""

    __slots__ = ()


class Adresse(str):
    """Une adresse électronique, saisie comme telle : à qui écrire. Un nom qui en a la forme n'en est pas une."""

    __slots__ = ()


def neutre(texte: str, *, garder_les_adresses: bool = False) -> str:
    """Une seule ligne, dans le petit alphabet, sans marque de secret, et sans rien qui devienne un lien."""
    lisible = _lisible(texte)
    return " ".join((_sans_lien(lisible) if garder_les_adresses else _rompre(lisible)).split())


def neutre_multilignes(texte: str) -> MultiLignes:
    lignes = (neutre(ligne, garder_les_adresses=isinstance(texte, TexteAgent)) for ligne in texte.splitlines())
    return MultiLignes(re.sub(r"\n{3,}", "\n\n", "\n".join(lignes)).strip())


def neutraliser(valeur: Any) -> Any:  # une valeur de contexte de gabarit, quelle qu'elle soit
    """Neutralise une valeur du contexte. N'accepte que des valeurs simples : un objet échapperait au filtre."""
    if isinstance(valeur, str):
        return _neutraliser_texte(valeur)
    if isinstance(valeur, dict):
        return {nom: neutraliser(v) for nom, v in valeur.items()}
    if isinstance(valeur, list | tuple):
        return [neutraliser(v) for v in valeur]
    if valeur is None or isinstance(valeur, bool | int | date | timedelta):
        return valeur
    raise TypeError(
        f"Le contexte d'un courriel n'accepte que textes, nombres, dates et listes, pas {type(valeur).__name__}."
    )


def _neutraliser_texte(texte: str) -> str:
    if est_adresse_du_site(texte):
        return texte
    if isinstance(texte, Adresse):
        return texte if COURRIEL.fullmatch(texte) else neutre(texte)
    return neutre_multilignes(texte) if isinstance(texte, MultiLignes) else neutre(texte)


def est_adresse_du_site(texte: str) -> bool:
    """Vrai pour une adresse entière de notre propre site, donnée par le code : elle reste un lien."""
    return re.fullmatch(re.escape(settings.URL_PUBLIQUE) + r"/[!-~]*", texte) is not None


def _lisible(texte: str) -> str:
    """Le texte dans le petit alphabet : points, lettres et chiffres déguisés (NFKC) y reprennent leur forme.

    Les signes invisibles partent d'abord, pour que deux moitiés qu'ils séparaient soient jugées ensemble.
    """
    visibles = "".join(
        " " if c.isspace() else c for c in texte if c.isspace() or unicodedata.category(c) not in {"Cc", "Cf", "Cs"}
    )
    return INTERDITS.sub(" ", normale("NFKC", visibles).translate(EQUIVALENTS))


def _sans_lien(texte: str) -> str:
    """Tout y est rompu, sauf les adresses électroniques."""
    morceaux, fin = [], 0
    for adresse in COURRIEL.finditer(texte):
        morceaux += [_rompre(texte[fin : adresse.start()]), adresse.group()]
        fin = adresse.end()
    return "".join([*morceaux, _rompre(texte[fin:])])


def _rompre(texte: str) -> str:
    return DEUX_POINTS.sub(" : ", BARRES.sub("/", MOTS_POINTES.sub(_rompre_les_points, texte)))


def _rompre_les_points(trouve: re.Match[str]) -> str:
    """« caf-9.fr » → « caf-9[.]fr ». Un sigle (S.A.R.L., J.-P.) et un nombre (1.5) n'en sont pas : ils restent.

    Sauf après un arobase : « 0@A.A » se lirait comme une adresse.
    """
    suit_un_arobase = trouve.string[: trouve.start()].endswith("@")
    mots = trouve.group().split(".")
    est_sigle = all(len(mot.strip("-")) == 1 and mot.strip("-").isalpha() for mot in mots)
    est_nombre = len(mots) == 2 and all(mot.isdecimal() for mot in mots)
    return trouve.group() if (est_sigle or est_nombre) and not suit_un_arobase else "[.]".join(mots)
