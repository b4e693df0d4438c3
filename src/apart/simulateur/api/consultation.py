"""Le barème pour un programme : entier, un jour donné, une clé ou un sujet."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from difflib import get_close_matches
from functools import lru_cache

from apart.regles.bareme import Parametre, bareme
from apart.simulateur.telechargements import Document, document, en_json, entete, parametre_en_dict
from apart.socle.problemes import Probleme
from apart.socle.saisies import ligne
from apart.tableaux.cellules import lire_date


def chercher(criteres: Mapping[str, str]) -> Document:
    """Le barème, réduit à un jour (« le ») et à une clé ou un sujet (« cle »). Lève Probleme."""
    _refuser_les_inconnus(criteres, ("le", "cle"))
    cle, jour = ligne(criteres.get("cle", "")), _jour(criteres)
    return _reduit(cle, jour) if cle or jour else document("json")


def parametre(cle: str, criteres: Mapping[str, str]) -> Document:
    """Un paramètre et son histoire, ou sa valeur d'un jour. Lève Probleme."""
    _refuser_les_inconnus(criteres, ("le",))
    jour = _jour(criteres)
    if cle not in bareme().parametres:
        raise Probleme(404, _absente(cle))
    return _document(_un_jour(bareme().parametres[cle], jour), jour)


@lru_cache(maxsize=256)
def _reduit(cle: str, jour: date | None) -> Document:
    trouves = [p for p in bareme().parametres.values() if not cle or cle in {p.cle, p.cle.split(".", 1)[0]}]
    if not trouves:
        raise Probleme(404, _absente(cle))
    lus = [_un_jour(p, jour) for p in trouves if jour is None or p.au(jour) is not None]
    return _document({"parametres": lus}, jour)


def _document(lu: Mapping[str, object], jour: date | None) -> Document:
    le = {"le": jour.isoformat()} if jour else {}
    return Document(en_json({**entete(bareme()), **le, **lu}), "application/json")


def _un_jour(p: Parametre, jour: date | None) -> dict[str, object]:
    valeur = jour and p.au(jour)
    return parametre_en_dict(p, p.valeurs if jour is None else (valeur,) if valeur else ())


def _jour(criteres: Mapping[str, str]) -> date | None:
    texte = ligne(criteres.get("le", ""))
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


def _absente(cle: str) -> str:
    proches = get_close_matches(cle, bareme().parametres, 3)
    suite = f" Clés proches : {', '.join(proches)}." if proches else " La liste est dans /api/v1/bareme."
    return f"Le barème n'a pas de paramètre « {cle[:60]} ».{suite}"
