"""apart bareme calculer : des cas écrits à plat, leurs résultats et le pourquoi de chacun."""

from __future__ import annotations

import json
import sys
from decimal import Decimal
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from apart.regles.cas import calculer
from apart.regles.entrees import CasRefuse
from apart.regles.traces import simple
from apart.socle.lecture_json import JsonRefuse, lire_json
from apart.tableaux.tableur import en_csv

IDENTITE = ("id", "type", "date", "regime")


class Command(BaseCommand):
    help = "Calcule des cas d'activité partielle selon le barème daté."
    requires_system_checks = []  # ni base ni site : la commande répond tout de suite

    def add_arguments(self, parser: CommandParser) -> None:
        gestes = parser.add_subparsers(dest="geste", required=True, metavar="calculer")
        geste = gestes.add_parser(
            "calculer",
            help="calcule les cas d'un fichier JSON, de la forme de cas_officiels.json",
            description=(
                "Lit un fichier JSON : {« cas » : [{id, type, date, regime, entrees}, …]}, et rend la même liste avec "
                "« resultats », « trace » et « reserves ». Un cas qui ne se calcule pas porte « erreur » ; les autres "
                "sont calculés."
            ),
        )
        geste.add_argument("fichier", help="le fichier JSON, ou - pour l'entrée standard")
        geste.add_argument("--csv", action="store_true", help="rend un tableau CSV au lieu du JSON")

    def handle(self, *args: Any, fichier: str, csv: bool, **options: Any) -> None:
        document = _lire(fichier)
        cas = [_repondre(cas) for cas in _liste(document)]
        if csv:
            self.stdout.write(_tableau(cas), ending="")
        else:
            rendu = {**document, "cas": cas} if isinstance(document, dict) else cas
            self.stdout.write(json.dumps(rendu, ensure_ascii=False, indent=1, allow_nan=False, default=_nombre))
        # Les refus vont sur la sortie d'erreur : la sortie standard ne porte que des résultats.
        refuses = [(rang, c) for rang, c in enumerate(cas, 1) if "erreur" in c]
        for rang, refuse in refuses:
            self.stderr.write(f"Cas {refuse.get('id', rang)} : {refuse['erreur']}")
        if refuses:
            self.stderr.write(f"{len(refuses)} cas sur {len(cas)} n'ont pas pu être calculés.")


def _lire(fichier: str) -> Any:
    nom = "L'entrée standard" if fichier == "-" else fichier
    try:
        octets = sys.stdin.buffer.read() if fichier == "-" else Path(fichier).read_bytes()
        return lire_json(octets, strict=False)
    except JsonRefuse as refus:
        raise CommandError(f"{nom} n'est pas du JSON lisible : {refus}.") from None
    except OSError as refus:
        raise CommandError(f"{nom} ne se lit pas : {refus.strerror}.") from None


def _liste(document: Any) -> list[Any]:
    cas = document.get("cas") if isinstance(document, dict) else document
    if not isinstance(cas, list):
        raise CommandError("Le fichier doit contenir une liste de cas, ou un objet dont « cas » est cette liste.")
    return cas


def _repondre(cas: Any) -> dict[str, Any]:
    recu = cas if isinstance(cas, dict) else {"recu": cas}
    try:
        reponse = calculer(cas)
    except CasRefuse as refus:
        return {**recu, "erreur": str(refus)}
    return {
        **recu,
        "resultats": {nom: valeur if isinstance(valeur, Decimal) else simple(valeur)
                      for nom, valeur in reponse.resultats.items()},
        "trace": simple(reponse.trace),
        "reserves": list(reponse.reserves),
    }  # fmt: skip


def _nombre(valeur: object) -> object:
    """Les montants ont deux décimales : le plus proche flottant s'écrit avec les mêmes chiffres."""
    if isinstance(valeur, Decimal):
        return int(valeur) if valeur == valeur.to_integral_value() else float(valeur)
    raise TypeError(f"{type(valeur).__name__} ne s'écrit pas en JSON.")


def _tableau(cas: list[dict[str, Any]]) -> str:
    """Une ligne par cas, une colonne par résultat ; virgule décimale, séparateur point-virgule."""
    noms = list(dict.fromkeys(nom for c in cas for nom in c.get("resultats", {})))
    lignes = [[*IDENTITE, *noms, "erreur", "reserves"]]
    for c in cas:
        resultats, reserves = c.get("resultats", {}), " ".join(c.get("reserves", []))
        dits = [c.get(nom, "") for nom in IDENTITE] + [resultats.get(nom, "") for nom in noms]
        lignes.append([*dits, c.get("erreur", ""), reserves])
    return en_csv(lignes)
