"""Le barème pour un programme : entier, un jour donné, une clé ou un sujet."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from difflib import get_close_matches
from functools import lru_cache

from apart.regles.bareme import Bareme, Parametre, bareme
from apart.simulateur.telechargements import Document, document, en_json, entete, parametre_en_dict
from apart.socle.problemes import Probleme
from apart.tableaux.cellules import lire_date

CRITERES = ("le", "cle")
GENRE = "application/json"


def chercher(criteres: Mapping[str, str]) -> Document:
    """Le barème, réduit à un jour (« le ») et à une clé ou un sujet (« cle »). Lève Probleme."""
    _refuser_les_inconnus(criteres, CRITERES)
    cle, jour = criteres.get("cle", "").strip(), _jour(criteres)
    if not cle and jour is None:
        return document("json")
    return _reduit(cle, jour)


def parametre(cle: str, criteres: Mapping[str, str]) -> Document:
    """Un paramètre et son histoire, ou sa valeur d'un jour. Lève Probleme."""
    _refuser_les_inconnus(criteres, ("le",))
    b, jour = bareme(), _jour(criteres)
    if cle not in b.parametres:
        raise Probleme(404, _absente(b, cle))
    return _seul(cle, jour)


@lru_cache(maxsize=256)
def _reduit(cle: str, jour: date | None) -> Document:
    b = bareme()
    trouves = [p for p in b.parametres.values() if not cle or cle in {p.cle, p.cle.split(".", 1)[0]}]
    if not trouves:
        raise Probleme(404, _absente(b, cle))
    lus = [_un_jour(p, jour) for p in trouves if jour is None or p.au(jour) is not None]
    contenu = {**entete(b), **({"le": jour.isoformat()} if jour else {}), "parametres": lus}
    return Document(en_json(contenu), GENRE, "bareme.json")


@lru_cache(maxsize=256)
def _seul(cle: str, jour: date | None) -> Document:
    b = bareme()
    contenu = {**entete(b), **({"le": jour.isoformat()} if jour else {}), **_un_jour(b.parametres[cle], jour)}
    return Document(en_json(contenu), GENRE, "parametre.json")


def _un_jour(p: Parametre, jour: date | None) -> dict[str, object]:
    if jour is None:
        return parametre_en_dict(p)
    valeur = p.au(jour)
    return parametre_en_dict(p, (valeur,) if valeur else ())


def _jour(criteres: Mapping[str, str]) -> date | None:
    texte = criteres.get("le", "").strip()
    if not texte:
        return None
    try:
        return lire_date(texte)
    except ValueError as refus:
        raise Probleme(400, f"Critère « le » : {refus}", parameter="le") from refus


def _refuser_les_inconnus(criteres: Mapping[str, str], connus: tuple[str, ...]) -> None:
    for nom in criteres:
        if nom not in connus:
            permis = " et ".join(f"« {connu} »" for connu in connus)
            raise Probleme(
                400, f"Le critère « {nom[:60]} » n'existe pas. On peut donner {permis}.", parameter=nom[:60]
            )


def _absente(b: Bareme, cle: str) -> str:
    proches = get_close_matches(cle, b.parametres, 3)
    suite = f" Clés proches : {', '.join(proches)}." if proches else " La liste est dans /api/v1/bareme."
    return f"Le barème n'a pas de paramètre « {cle[:60]} ».{suite}"
