"""Les mots du serveur, traduits : ce qui est arrivé, ce que peuvent faire la personne et l'agent.

La table des réponses, chacune avec sa source, est une donnée : explications.yaml.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import yaml

TABLE = Path(__file__).with_name("explications.yaml")
CODE_ETENDU = re.compile(r"(?<![\d.])[245]\.\d{1,3}\.\d{1,3}(?![\d.])")
ETATS_D_ATTENTE = frozenset({"en_file", "differe"})


@dataclass(frozen=True)
class Explication:
    """titre : ce qui s'est passé. personne : ce qu'elle peut faire. agent : ce que le bureau doit savoir ou faire.

    attente : promet que le message repart, ce qui n'est vrai que d'un message qui attend encore.
    chez_nous : la faute n'est pas du côté de qui reçoit ; son adresse n'y est pour rien.
    """

    titre: str
    personne: str
    agent: str
    attente: bool = False
    chez_nous: bool = False


@dataclass(frozen=True)
class Regle:
    """Une réponse que l'on sait lire : par ses mots, son code étendu, ou son code simple."""

    explication: Explication
    source: str
    mots: re.Pattern[str] | None = None
    code: re.Pattern[str] | None = None
    simple: str = ""

    def convient(self, reponse: str, etendu: str) -> bool:
        if self.mots:
            return self.mots.search(reponse) is not None
        if self.code:
            return self.code.fullmatch(etendu) is not None
        return not etendu and reponse.startswith(self.simple)


@dataclass(frozen=True)
class Table:
    explications: dict[str, Explication]
    sorts: dict[str, Explication]
    regles: tuple[Regle, ...]


@cache
def table() -> Table:
    """La table, lue une fois. Lève KeyError si une règle nomme une explication qui n'existe pas."""
    lue = yaml.safe_load(TABLE.read_text(encoding="utf-8"))
    explications = _explications(lue["explications"], lue["phrases"])
    regles = tuple(_regle(brute, explications) for brute in lue["reponses"])
    return Table(explications, _explications(lue["sorts"], lue["phrases"]), regles)


def _explications(brutes: dict[str, dict[str, str]], phrases: dict[str, str]) -> dict[str, Explication]:
    return {
        nom: Explication(
            titre=brute["titre"],
            personne=brute["personne"].format(**phrases),
            agent=brute["agent"].format(**phrases),
            attente=bool(brute.get("attente")),
            chez_nous=bool(brute.get("chez_nous")),
        )
        for nom, brute in brutes.items()
    }


def _regle(brute: dict[str, str], explications: dict[str, Explication]) -> Regle:
    return Regle(
        explication=explications[brute["explication"]],
        source=brute["source"],
        mots=re.compile(brute["mots"], re.IGNORECASE) if "mots" in brute else None,
        code=re.compile(brute["code"]) if "code" in brute else None,
        simple=brute.get("simple", ""),
    )


def expliquer(sort: str, reponse: str) -> Explication:
    """L'explication d'un sort et d'une réponse de serveur. Toujours une phrase, même pour une réponse jamais vue.

    Un sort final garde ce que disait le serveur, jamais la promesse que le message repart.
    """
    du_sort = table().sorts[sort]
    trouvee = _lire(reponse) if sort in {*ETATS_D_ATTENTE, "refuse", "rebondi"} else None
    if trouvee is None:
        return du_sort
    if trouvee.attente and sort not in ETATS_D_ATTENTE:
        return Explication(trouvee.titre, du_sort.personne, du_sort.agent, chez_nous=trouvee.chez_nous)
    return trouvee


def _lire(reponse: str) -> Explication | None:
    trouve = CODE_ETENDU.search(reponse)
    etendu = trouve.group() if trouve else ""
    return next((regle.explication for regle in table().regles if regle.convient(reponse, etendu)), None)
