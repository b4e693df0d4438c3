"""Les valeurs du droit, une date après l'autre, lues dans `parametres/*.yaml`.

Un fichier ne contient que des valeurs datées et leurs sources : ni condition, ni formule. Une valeur vaut du jour
écrit dans `depuis` jusqu'à la veille de l'entrée suivante ; ce jour est celui des heures chômées, sauf mention du
libellé. Une valeur inconnue, ou pas encore publiée, laisse jouer la dernière connue, qui le dit. Demander une valeur
que le barème n'a jamais eue, ou d'une règle finie, lève `HorsBareme` : il ne devine pas.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import cache
from itertools import groupby
from pathlib import Path
from types import MappingProxyType

from apart.regles.francais import jour_en_lettres
from apart.regles.lecture import BaremeIllisible, lire_jours, lire_parametres
from apart.regles.valeurs import UNITES, Certitude, Parametre, Presence, Valeur

__all__ = ["UNITES", "BaremeIllisible", "Certitude", "Parametre", "Presence", "Valeur"]  # ce qui se prend aussi ici

PARAMETRES = Path(__file__).parent / "parametres"
META = "_meta.yaml"
PREAVIS = timedelta(days=30)  # ce que l'exploitant a pour installer la version qui apporte les taux suivants


class HorsBareme(LookupError):
    """Le barème ne donne pas cette valeur ce jour-là ; le message est une phrase à montrer telle quelle."""


@dataclass(frozen=True, slots=True)
class Bareme:
    """Toutes les séries. Après `connu_jusqu_au`, les dernières valeurs tiennent, sauf fin écrite."""

    parametres: Mapping[str, Parametre]
    etabli_le: date
    connu_jusqu_au: date

    def valeur(self, cle: str, jour: date) -> Valeur:
        """La valeur à employer ce jour-là ; sa réserve et sa projection disent si elle est gardée faute d'une autre.

        Lève HorsBareme s'il n'y en a pas, KeyError si la clé n'existe pas.
        """
        parametre = self._parametre(cle)
        valeur = parametre.employee_au(jour)
        if valeur is None:
            raise HorsBareme(self._pourquoi(parametre, jour))
        return valeur if jour <= self.connu_jusqu_au else replace(valeur, connue_jusqu_au=self.connu_jusqu_au)

    def connait(self, cle: str, jour: date) -> bool:
        """Vrai si `valeur` répondrait. Lève KeyError si la clé n'existe pas."""
        return self._parametre(cle).employee_au(jour) is not None

    def changements(self) -> set[date]:
        """Les jours où une entrée commence."""
        return {valeur.depuis for parametre in self.parametres.values() for valeur in parametre.valeurs}

    def incertitudes(self) -> tuple[Valeur, ...]:
        """Les valeurs qui ne sont pas vérifiées, inconnues comprises, dans l'ordre des clés puis des jours."""
        return tuple(
            valeur
            for parametre in self.parametres.values()
            for valeur in parametre.valeurs
            if valeur.certitude is not Certitude.VERIFIEE
        )

    def alerte(self, jour: date) -> str:
        """Ce qu'il faut dire à l'exploitant ce jour-là : le barème finit dans trente jours ou moins ; vide avant."""
        if jour + PREAVIS < self.connu_jusqu_au:
            return ""
        return (
            f"Les taux de l'activité partielle ne sont connus que jusqu'au {jour_en_lettres(self.connu_jusqu_au)} ; "
            "ensuite, les calculs gardent les derniers et le disent. Installez la version suivante d'Apart."
        )

    def _parametre(self, cle: str) -> Parametre:
        if cle not in self.parametres:
            raise KeyError(f"Le barème n'a pas de clé {cle}.")
        return self.parametres[cle]

    def _pourquoi(self, parametre: Parametre, jour: date) -> str:
        quoi, valeur = f"« {parametre.libelle} » au {jour_en_lettres(jour)}", parametre.au(jour)
        if valeur is None:
            debut = jour_en_lettres(parametre.valeurs[0].depuis)
            return f"Le barème ne dit pas {quoi} : sa première valeur est du {debut}."
        connues = self._periodes_connues(parametre)
        if valeur.etat is Presence.SANS_OBJET:
            return f"{quoi} : sans objet. {valeur.note} {connues}"
        return f"Le barème ne dit pas {quoi} : valeur inconnue. {valeur.note} {connues}"

    def _periodes_connues(self, parametre: Parametre) -> str:
        suites = groupby(parametre.valeurs, key=lambda valeur: valeur.etat is Presence.CONNUE)
        periodes = [(suite[0].depuis, suite[-1].au) for connues, (*suite,) in suites if connues]
        lues = [
            f"du {jour_en_lettres(du)} au {jour_en_lettres(au)}" if au else f"depuis le {jour_en_lettres(du)}"
            for du, au in periodes
        ]
        return f"Valeurs connues : {', puis '.join(lues)}." if lues else "Aucune valeur connue."


def charger(dossier: Path | None = None) -> Bareme:
    """Lit et contrôle un dossier, celui d'Apart par défaut. Lève BaremeIllisible à la première faute."""
    dossier = dossier or PARAMETRES
    jours = lire_jours(dossier / META, {"etabli_le", "connu_jusqu_au"})
    parametres: dict[str, Parametre] = {}
    for fichier in sorted(set(dossier.glob("*.yaml")) - {dossier / META}):
        parametres |= {p.cle: p for p in lire_parametres(fichier, parametres)}
    return Bareme(MappingProxyType(dict(sorted(parametres.items()))), jours["etabli_le"], jours["connu_jusqu_au"])


@cache
def bareme() -> Bareme:
    """Le barème d'Apart, lu une fois."""
    return charger()
