"""Rendre inoffensif, dans nos messages, un texte que quelqu'un a tapé (T16, T17).

Un nom « Cliquez http://evil.tld » ne doit devenir un lien dans aucune messagerie : « Cliquez evil[.]tld ».
"""

from __future__ import annotations

import re
import unicodedata
from datetime import date, timedelta
from typing import Any

from django.conf import settings

SCHEMA = re.compile(r"[a-z][a-z0-9+.-]{1,20}:/{2,}|(?:javascript|data|vbscript|mailto|tel):", re.IGNORECASE)
# Les messageries font un lien de tout « mot.suffixe » ; les points larges et idéographiques comptent aussi.
DOMAINE = re.compile(r"(?<=\w\w)[.\u3002\uff0e\uff61](?=[^\W\d_]{2,})")
COURRIEL = re.compile(r"[\w.+-]{1,64}@[\w-]+(?:\.[\w-]+)+")
MARQUES = str.maketrans("", "", "⟦⟧")


class MultiLignes(str):
    """Un texte dont les sauts de ligne sont gardés (message d'une personne) ; à montrer avec le filtre « citer »."""

    __slots__ = ()


def neutre(texte: str) -> str:
    """Une seule ligne, sans caractère de contrôle ni marque de secret, et sans rien qui devienne un lien."""
    return " ".join(_sans_lien(_sans_controle(texte)).split())


def neutre_multilignes(texte: str) -> MultiLignes:
    lignes = (neutre(ligne) for ligne in texte.splitlines())
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
    return neutre_multilignes(texte) if isinstance(texte, MultiLignes) else neutre(texte)


def est_adresse_du_site(texte: str) -> bool:
    """Vrai pour une adresse entière de notre propre site, donnée par le code : elle reste un lien."""
    return re.fullmatch(re.escape(settings.URL_PUBLIQUE) + r"/[!-~]*", texte) is not None


def _sans_controle(texte: str) -> str:
    """Espaces de toute sorte en espace simple ; ni caractère invisible, ni sens d'écriture forcé."""
    return "".join(
        " " if c.isspace() else c for c in texte if c.isspace() or unicodedata.category(c) not in {"Cc", "Cf", "Cs"}
    ).translate(MARQUES)


def _sans_lien(texte: str) -> str:
    sans_schema = texte
    while SCHEMA.search(sans_schema):
        sans_schema = SCHEMA.sub(" ", sans_schema)
    sans_schema = sans_schema.replace("://", " ")
    morceaux, fin = [], 0
    for adresse in COURRIEL.finditer(sans_schema):  # une adresse électronique reste lisible : elle n'ouvre aucun site
        morceaux += [DOMAINE.sub("[.]", sans_schema[fin : adresse.start()]), adresse.group()]
        fin = adresse.end()
    return "".join([*morceaux, DOMAINE.sub("[.]", sans_schema[fin:])])
