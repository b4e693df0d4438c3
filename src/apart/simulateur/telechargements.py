"""Le barème entier à emporter, avec ses sources et ses doutes : CSV, JSON, YAML.

Ces données publiques se gardent une heure, se revalident par leur empreinte, se lisent de partout.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from typing import Any

import yaml
from django.http import HttpRequest, HttpResponse
from django.utils.cache import get_conditional_response

from apart.regles.bareme import Bareme, Parametre, Valeur, bareme
from apart.regles.traces import simple
from apart.simulateur.sujets import sujet_de
from apart.tableaux.tableur import MARQUE, en_csv

COLONNES = (
    "cle", "sujet", "libelle", "unite", "valeur", "valeur_lisible", "depuis", "au", "etat", "certitude", "source",
    "lien", "note",
)  # fmt: skip

DATEES = ("depuis", "au", "etat", "valeur", "lisible", "certitude", "source", "lien", "note")
GARDE = "public, max-age=3600"


@dataclass(frozen=True, slots=True)
class Document:
    """Un contenu qui ne change qu'avec le barème, et l'empreinte qui le dit."""

    contenu: bytes
    genre: str

    @property
    def empreinte(self) -> str:
        return f'"{hashlib.sha256(self.contenu).hexdigest()[:24]}"'


def parametre_en_dict(parametre: Parametre, valeurs: Iterable[Valeur]) -> dict[str, Any]:
    """Un paramètre et ces valeurs-là, pour JSON et YAML ; un nombre y est un texte exact."""
    return {
        "cle": parametre.cle,
        "sujet": sujet_de(parametre.cle).cle,
        "libelle": parametre.libelle,
        "unite": parametre.unite,
        "valeurs": [{nom: None if (lu := simple(getattr(v, nom))) == "" else lu for nom in DATEES} for v in valeurs],
    }


def entete(b: Bareme) -> dict[str, str]:
    return {"etabli_le": b.etabli_le.isoformat(), "connu_jusqu_au": b.connu_jusqu_au.isoformat()}


def en_dict(b: Bareme) -> dict[str, Any]:
    return {**entete(b), "parametres": [parametre_en_dict(p, p.valeurs) for p in b.parametres.values()]}


def en_json(donnees: object) -> bytes:
    return json.dumps(donnees, ensure_ascii=False, indent=1, allow_nan=False).encode()


def _csv(b: Bareme) -> bytes:
    lignes = (_ligne(v) for p in b.parametres.values() for v in p.valeurs)
    return (MARQUE + en_csv([COLONNES, *lignes], fin_de_ligne="\r\n")).encode()


def _ligne(v: Valeur) -> list[object]:
    """Un nombre reste un nombre ; « aucun », « oui », « inconnue » s'écrivent en toutes lettres."""
    valeur = v.valeur if isinstance(v.valeur, Decimal | str) else v.lisible
    autres = {"sujet": sujet_de(v.cle).cle, "valeur": valeur, "valeur_lisible": v.lisible}
    return [autres[nom] if nom in autres else getattr(v, nom) for nom in COLONNES]


EN_YAML: dict[str, Any] = {"allow_unicode": True, "sort_keys": False, "width": 120}
FORMATS: dict[str, tuple[str, Callable[[Bareme], bytes]]] = {
    "csv": ("text/csv; charset=utf-8", _csv),
    "json": ("application/json", lambda b: en_json(en_dict(b))),
    "yaml": ("application/yaml", lambda b: yaml.safe_dump(en_dict(b), **EN_YAML).encode()),
}


@cache
def document(forme: str) -> Document:
    """Le barème entier dans cette forme, composé une fois."""
    genre, composer = FORMATS[forme]
    return Document(composer(bareme()), genre)


def remettre(request: HttpRequest, document: Document, *, nom: str = "") -> HttpResponse:
    """Le document, à enregistrer s'il a un nom ; 304 si le lecteur l'a déjà. La même pour tous, sans session."""
    reponse = HttpResponse(document.contenu, content_type=document.genre)
    if nom:
        reponse.headers["Content-Disposition"] = f'attachment; filename="{nom}"'
    conditionnelle = get_conditional_response(request, etag=document.empreinte, response=reponse)
    remise = conditionnelle if isinstance(conditionnelle, HttpResponse) else reponse
    remise.headers["ETag"] = document.empreinte
    remise.headers["Cache-Control"] = GARDE
    remise.headers["Access-Control-Allow-Origin"] = "*"
    return remise
