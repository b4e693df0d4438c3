"""Du JSON reçu d'ailleurs : lu sans rien perdre des nombres, refusé avec une phrase et une place."""

from __future__ import annotations

import json
import re
from decimal import Decimal
from functools import partial
from typing import Any

# Ce que dit le module json, en français.
PHRASES = {
    "Expecting value": "une valeur est attendue",
    "Expecting property name enclosed in double quotes": "un nom de champ entre guillemets droits est attendu",
    "Expecting ':' delimiter": "deux-points sont attendus",
    "Expecting ',' delimiter": "une virgule est attendue",
    "Illegal trailing comma before end of object": "une virgule est de trop",
    "Illegal trailing comma before end of array": "une virgule est de trop",
    "Extra data": "quelque chose suit la fin du document",
    "Unterminated string starting at": "ce texte n'est pas refermé",
    "Invalid control character at": "un signe de contrôle n'est pas permis dans un texte",
    "Invalid \\escape": "cette barre oblique inversée ne désigne aucun signe",
    "Invalid \\uXXXX escape": "après \\u, quatre chiffres hexadécimaux sont attendus",
}
DECODEUR = json.JSONDecoder()
CHIFFRES_PERMIS = 40
ORDRE_PERMIS = 30
# « \\ud83d\\ude00 » est un signe en deux moitiés ; une moitié seule n'en est pas un, et aucune réponse ne l'écrit.
ECHAPPES = re.compile(
    r"\\(?:u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|(u[dD][89a-fA-F][0-9a-fA-F]{2})|.)"
)
MOITIE = "un signe coupé en deux (\\ud800 à \\udfff, seul) n'est pas un texte"


class JsonRefuse(ValueError):
    """Ce texte n'est pas du JSON lisible ici ; la ligne et la colonne sont connues quand une place est en cause."""

    def __init__(self, phrase: str, ligne: int | None = None, colonne: int | None = None) -> None:
        ou = f"ligne {ligne}, colonne {colonne} : " if ligne else ""
        super().__init__(f"{ou}{phrase}")
        self.ligne = ligne
        self.colonne = colonne


class Prudent(json.JSONDecoder):
    """Pour ce que json.loads lirait d'un inconnu : tout ce qui ne va pas y est JSONDecodeError, que Django attend."""

    def decode(self, s: str, *args: Any) -> Any:
        _refuser_les_moities(s)
        try:
            return super().decode(s, *args)
        except json.JSONDecodeError:
            raise
        except (ValueError, RecursionError) as refus:  # un entier de 5 000 chiffres, 100 000 listes emboîtées
            raise json.JSONDecodeError(str(refus), s, 0) from None


def lire_json(octets: bytes, *, strict: bool) -> Any:
    """Le document. Un nombre devient un Decimal exact ; un nombre démesuré reste un texte, que la lecture refuse.

    strict : NaN et Infinity, et un champ écrit deux fois, sont refusés ; sinon NaN devient un texte.
    Un texte ne contient que des signes entiers. Lève JsonRefuse.
    """
    try:
        texte = octets.decode("utf-8-sig")
    except UnicodeDecodeError as refus:
        raise JsonRefuse(f"ce n'est pas un texte en UTF-8 (octet {refus.start + 1}), le seul lu") from None
    if not texte.strip():
        raise JsonRefuse("il n'y a rien à lire")
    options: dict[str, Any] = {"parse_constant": str}
    if strict:
        options = {"parse_constant": partial(_refuser_la_constante, texte), "object_pairs_hook": _sans_doublon}
    try:
        _refuser_les_moities(texte)
        return json.loads(texte, parse_float=_nombre, parse_int=_nombre, **options)
    except json.JSONDecodeError as refus:
        phrase = PHRASES.get(refus.msg.removesuffix(": "), refus.msg)
        raise JsonRefuse(phrase, refus.lineno, refus.colno) from None
    except RecursionError:
        raise JsonRefuse("trop d'objets ou de listes sont emboîtés les uns dans les autres") from None


def _refuser_les_moities(texte: str) -> None:
    for echappe in ECHAPPES.finditer(texte) if "\\u" in texte else ():
        if echappe[1]:
            raise json.JSONDecodeError(MOITIE, texte, echappe.start())


def _nombre(chiffres: str) -> Decimal | str:
    if len(chiffres) > CHIFFRES_PERMIS:
        return chiffres
    lu = Decimal(chiffres)
    return chiffres if lu and abs(lu.adjusted()) > ORDRE_PERMIS else Decimal(f"{lu:f}")


def _refuser_la_constante(texte: str, nom: str) -> None:
    """NaN ou Infinity, que json a lu : avant elle, tous les textes sont refermés, et s'enjambent d'un trait."""
    fin, place = 0, texte.find(nom)
    while 0 <= (guillemet := texte.find('"', fin)) < place:
        fin = DECODEUR.raw_decode(texte, guillemet)[1]
        place = texte.find(nom, fin) if place < fin else place
    raise json.JSONDecodeError(f"{nom} n'est pas un nombre du JSON", texte, place)


def _sans_doublon(paires: list[tuple[str, Any]]) -> dict[str, Any]:
    lus: dict[str, Any] = {}
    for nom, valeur in paires:
        if nom in lus:
            raise JsonRefuse(f"le champ « {nom[:60]} » est écrit deux fois dans le même objet")
        lus[nom] = valeur
    return lus
