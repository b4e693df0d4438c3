"""Les valeurs du droit, une date après l'autre, lues dans `parametres/*.yaml`.

Un fichier ne contient que des valeurs datées et leurs sources : ni condition, ni formule. Une valeur vaut du jour
écrit dans `depuis` jusqu'à la veille de l'entrée suivante ; ce jour est celui des heures chômées, sauf mention du
libellé. Demander une valeur que le barème n'a pas lève `HorsBareme` : il ne devine jamais.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from types import MappingProxyType

from apart.regles.francais import jour_en_lettres
from apart.regles.lecture import BaremeIllisible, lire_jours, lire_parametres
from apart.regles.valeurs import UNITES, Certitude, Parametre, Presence, Valeur

__all__ = [
    "UNITES",
    "Bareme",
    "BaremeIllisible",
    "Certitude",
    "HorsBareme",
    "Parametre",
    "Presence",
    "Valeur",
    "bareme",
    "charger",
]

PARAMETRES = Path(__file__).parent / "parametres"
META = "_meta.yaml"


class HorsBareme(LookupError):
    """Le barème ne donne pas cette valeur ce jour-là ; le message est une phrase à montrer telle quelle."""

    def __init__(self, phrase: str, *, cle: str, jour: date) -> None:
        super().__init__(phrase)
        self.cle = cle
        self.jour = jour


@dataclass(frozen=True, slots=True)
class Bareme:
    """Toutes les séries. `connu_jusqu_au` est le dernier jour pour lequel il répond."""

    parametres: Mapping[str, Parametre]
    etabli_le: date
    connu_jusqu_au: date

    def valeur(self, cle: str, jour: date) -> Valeur:
        """La valeur en vigueur ce jour-là. Lève HorsBareme s'il n'y en a pas, KeyError si la clé est inconnue."""
        parametre = self._parametre(cle)
        valeur = parametre.au(jour)
        if jour > self.connu_jusqu_au or valeur is None or valeur.etat is not Presence.CONNUE:
            raise HorsBareme(self._pourquoi(parametre, valeur, jour), cle=cle, jour=jour)
        return valeur

    def connait(self, cle: str, jour: date) -> bool:
        """Vrai si `valeur` répondrait. Lève KeyError si la clé n'existe pas."""
        valeur = self._parametre(cle).au(jour)
        return jour <= self.connu_jusqu_au and valeur is not None and valeur.etat is Presence.CONNUE

    def changements(self, prefixes: Iterable[str] | None = None) -> tuple[date, ...]:
        """Les jours où une entrée commence, pour ces clés ou sujets (« apld », « smic.horaire_brut ») ; toutes sinon.

        Lève KeyError pour un préfixe qui ne désigne aucune clé.
        """
        series = self.parametres.values() if prefixes is None else self._sous(prefixes)
        return tuple(sorted({valeur.depuis for parametre in series for valeur in parametre.valeurs}))

    def incertitudes(self) -> tuple[Valeur, ...]:
        """Les valeurs qui ne sont pas vérifiées, inconnues comprises, dans l'ordre des clés puis des jours."""
        return tuple(
            valeur
            for parametre in self.parametres.values()
            for valeur in parametre.valeurs
            if valeur.certitude is not Certitude.VERIFIEE
        )

    def en_vigueur(self, jour: date) -> tuple[Valeur, ...]:
        """Toutes les valeurs que le barème donne ce jour-là, dans l'ordre des clés."""
        return tuple(self.valeur(cle, jour) for cle in self.parametres if self.connait(cle, jour))

    def _parametre(self, cle: str) -> Parametre:
        if cle not in self.parametres:
            raise KeyError(f"Le barème n'a pas de clé {cle}.")
        return self.parametres[cle]

    def _sous(self, prefixes: Iterable[str]) -> Iterator[Parametre]:
        for prefixe in prefixes:
            sujet = prefixe.removesuffix(".") + "."
            trouves = [p for p in self.parametres.values() if p.cle == prefixe or p.cle.startswith(sujet)]
            if not trouves:
                raise KeyError(f"Aucune clé du barème ne commence par {prefixe}.")
            yield from trouves

    def _pourquoi(self, parametre: Parametre, valeur: Valeur | None, jour: date) -> str:
        quoi = f"« {parametre.libelle} » au {jour_en_lettres(jour)}"
        if jour > self.connu_jusqu_au:
            limite = f"ne connaît le droit que jusqu'au {jour_en_lettres(self.connu_jusqu_au)}"
            return f"Le barème ne dit pas {quoi} : établi le {jour_en_lettres(self.etabli_le)}, il {limite}."
        if valeur is None:
            debut = jour_en_lettres(parametre.valeurs[0].depuis)
            return f"Le barème ne dit pas {quoi} : sa première valeur est du {debut}."
        connues = self._periodes_connues(parametre)
        if valeur.etat is Presence.SANS_OBJET:
            return f"{quoi} : sans objet. {valeur.note} {connues}"
        return f"Le barème ne dit pas {quoi} : valeur inconnue. {valeur.note} {connues}"

    def _periodes_connues(self, parametre: Parametre) -> str:
        periodes: list[tuple[date, date]] = []
        for valeur in parametre.valeurs:
            au = min(valeur.au or self.connu_jusqu_au, self.connu_jusqu_au)
            if valeur.etat is not Presence.CONNUE or valeur.depuis > au:
                continue
            if periodes and periodes[-1][1] + timedelta(days=1) == valeur.depuis:
                periodes[-1] = (periodes[-1][0], au)
            else:
                periodes.append((valeur.depuis, au))
        if not periodes:
            return "Aucune valeur connue."
        lues = [f"du {jour_en_lettres(du)} au {jour_en_lettres(au)}" for du, au in periodes]
        return f"Valeurs connues : {', puis '.join(lues)}."


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
