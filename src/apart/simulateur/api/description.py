"""La description de l'interface (OpenAPI 3.1), et ce qu'en montre la page /api/."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from django.conf import settings

from apart.regles.bareme import bareme
from apart.simulateur.api.rendu import rendre
from apart.simulateur.api.simulations import GROUPES_PERMIS, MOIS_PERMIS, simuler_la_demande
from apart.simulateur.telechargements import Document, en_json
from apart.socle import problemes
from apart.socle.limites import Limite

FICHIER = Path(__file__).with_name("openapi.yaml")


@cache
def lire() -> dict[str, Any]:
    """La description telle qu'elle est écrite, sans l'adresse de cette installation."""
    lue: dict[str, Any] = yaml.safe_load(FICHIER.read_text(encoding="utf-8"))
    return lue


def document() -> Document:
    """La description servie : elle nomme ce serveur et la date de ce barème."""
    decrite = lire()
    servie = {**decrite, "servers": [{"url": settings.URL_PUBLIQUE, "description": "Ce service"}]}
    return Document(en_json(servie), "application/json")


def champs(schema: str) -> list[dict[str, object]]:
    """Les champs d'un schéma, dans l'ordre où ils sont écrits, pour un tableau."""
    objet = lire()["components"]["schemas"][schema]
    requis = set(objet.get("required", ()))
    return [{"nom": nom, "est_requis": nom in requis, **_champ(decrit)} for nom, decrit in objet["properties"].items()]


def _champ(decrit: dict[str, Any]) -> dict[str, object]:
    """Un champ qui renvoie à un schéma en prend le genre, et garde sa propre phrase."""
    reference = decrit.get("$ref", "").rsplit("/", 1)[-1]
    decrit = {**(lire()["components"]["schemas"][reference] if reference else {}), **decrit}
    exemple = (decrit.get("examples") or [""])[0]
    return {
        "genre": decrit.get("x-genre") or _genre(decrit),
        "texte": decrit.get("description", ""),
        "choix": decrit.get("enum", ()),
        "exemple": exemple if isinstance(exemple, str) else json.dumps(exemple, ensure_ascii=False),
    }


def _genre(decrit: dict[str, Any]) -> str:
    noms = {"string": "texte", "boolean": "vrai ou faux", "integer": "entier", "array": "liste", "object": "objet"}
    genre = decrit.get("type", "")
    genres = [genre] if isinstance(genre, str) else genre
    return " ou ".join(noms.get(g, g) for g in genres if g != "null")


def exemple(nom: str) -> Any:
    """Le corps d'un exemple de la description."""
    return lire()["components"]["examples"][nom]["value"]


def page(simulations: Limite, lectures: Limite) -> dict[str, Any]:
    """Ce que la page montre ; ses exemples sont ceux que les tests jouent."""
    corps = exemple("boulangerie")
    return {
        "adresse": settings.URL_PUBLIQUE,
        "limite": simulations.nombre,
        "limite_lectures": lectures.nombre,
        "taille": settings.DATA_UPLOAD_MAX_MEMORY_SIZE // 1024,
        "groupes_permis": GROUPES_PERMIS,
        "mois_permis": MOIS_PERMIS,
        "bareme": bareme(),
        "chemins": lire()["paths"],
        "objets": [
            (s["title"], nom, champs(nom)) for nom, s in lire()["components"]["schemas"].items() if "title" in s
        ],
        "problemes": [(statut, *dits) for statut, dits in problemes.CONNUS.items()],
        "corps": json.dumps(corps, ensure_ascii=False, indent=2),
        "corps_court": json.dumps(corps, ensure_ascii=False),
        "reponse": _reponse(),
        "refus": json.dumps(exemple("saisieARevoir"), ensure_ascii=False, indent=2),
    }


@cache
def _reponse() -> str:
    """La vraie réponse à l'exemple, sans ses étapes."""
    demande = simuler_la_demande({**exemple("boulangerie"), "trace": False})
    return json.dumps(rendre(demande), ensure_ascii=False, indent=2)
