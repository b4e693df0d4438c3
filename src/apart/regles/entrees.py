"""Les données d'un cas écrit à plat, lues avec une phrase quand elles ne vont pas."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from typing import TypeVar

from apart.regles.bareme import bareme
from apart.regles.situations import Dispositif, Secteur, Situation, Statut

ZERO = Decimal()
E = TypeVar("E", bound=StrEnum)


class CasRefuse(ValueError):
    """Le cas ne se calcule pas ; la phrase dit quel champ, et quoi faire."""


REGIMES = {
    "droit_commun": (Dispositif.DROIT_COMMUN, Secteur.ORDINAIRE, False),
    "mayotte": (Dispositif.DROIT_COMMUN, Secteur.ORDINAIRE, True),
    **{s.value: (Dispositif.DROIT_COMMUN, s, False) for s in Secteur if s is not Secteur.ORDINAIRE},
    **{d.value: (d, Secteur.ORDINAIRE, False) for d in Dispositif if d is not Dispositif.DROIT_COMMUN},
}


def situation(regime: object, entrees: Mapping[str, object]) -> Situation:
    """La situation que disent « regime » et secteur, statut, mayotte, effectif, formation, garde_enfant."""
    if regime is None:
        regime = Dispositif.DROIT_COMMUN.value
    if not isinstance(regime, str) or regime not in REGIMES:
        raise CasRefuse(f"Le régime « {regime} » n'existe pas. Régimes connus : {', '.join(REGIMES)}.")
    dispositif, secteur, mayotte = REGIMES[regime]
    seuil = bareme().parametres["droit_commun.forfait_seuil_effectif"].valeurs[0].nombre
    e = Entrees(date.min, Situation(), entrees)
    return Situation(
        dispositif=dispositif,
        secteur=e.choix("secteur", Secteur, secteur),
        statut=e.choix("statut", Statut, Statut.ORDINAIRE),
        mayotte=e.booleen("mayotte", mayotte),
        plus_de_250=e.nombre("effectif", ZERO) > seuil,
        formation=e.booleen("formation"),
        garde_enfant=e.booleen("garde_enfant"),
    )


@dataclass(frozen=True, slots=True)
class Entrees:
    """Les données d'un cas."""

    jour: date
    situation: Situation
    donnees: Mapping[str, object]

    def nombre(self, nom: str, defaut: Decimal | None = None) -> Decimal:
        """Le nombre donné, sinon celui par défaut ; sans défaut, il est exigé."""
        donnee = self.donnees.get(nom)
        valeur = defaut if donnee is None else donnee
        if valeur is None:
            raise CasRefuse(f"« {nom} » manque dans les entrées.")
        return lire_nombre(valeur, nom)

    def positif(self, nom: str, defaut: Decimal | None = None) -> Decimal:
        nombre = self.nombre(nom, defaut)
        if nombre < 0:
            raise CasRefuse(f"« {nom} » ne peut pas être négatif : {nombre}.")
        return nombre

    def facultatif(self, nom: str) -> Decimal | None:
        return None if self.donnees.get(nom) is None else self.positif(nom)

    def booleen(self, nom: str, defaut: bool = False) -> bool:
        valeur = self.donnees.get(nom, defaut)
        if not isinstance(valeur, bool):
            raise CasRefuse(f"« {nom} » vaut true ou false, pas « {valeur} ».")
        return valeur

    def choix(self, nom: str, choix: type[E], defaut: E) -> E:
        valeur = self.donnees.get(nom, defaut)
        try:
            return choix(str(valeur))
        except ValueError:
            permis = ", ".join(membre.value for membre in choix)
            raise CasRefuse(f"« {nom} » vaut « {valeur} » ; valeurs possibles : {permis}.") from None

    def date(self, nom: str) -> date:
        return lire_date(self.donnees.get(nom), nom)

    def nombres(self, nom: str) -> list[Decimal]:
        valeurs = self.donnees.get(nom) or []
        if not isinstance(valeurs, list):
            raise CasRefuse(f"« {nom} » est une liste de nombres.")
        return [lire_nombre(valeur, nom) for valeur in valeurs]

    def suites(self, nom: str, forme: str, taille: int) -> list[Sequence[object]]:
        """Une liste de listes de même taille ; « forme » dit laquelle dans le refus."""
        suites = self.donnees.get(nom)
        if not isinstance(suites, Sequence) or isinstance(suites, str):
            raise CasRefuse(f"« {nom} » est une liste de périodes : {forme}.")
        for rang, suite in enumerate(suites, 1):
            if not isinstance(suite, Sequence) or isinstance(suite, str) or len(suite) != taille:
                raise CasRefuse(f"Dans « {nom} », la période {rang} n'a pas la forme {forme[1:].split(', …')[0]}.")
        return list(suites)


def lire_nombre(valeur: object, nom: str) -> Decimal:
    if isinstance(valeur, bool) or not isinstance(valeur, int | float | str | Decimal):
        raise CasRefuse(f"« {nom} » est un nombre, pas « {valeur} ».")
    try:
        nombre = Decimal(str(valeur).replace(",", ".").replace("\u202f", "").replace("\u00a0", "").strip())
    except InvalidOperation:
        raise CasRefuse(f"« {nom} » est un nombre, pas « {valeur} ».") from None
    if not nombre.is_finite() or abs(nombre) >= 10**9:
        raise CasRefuse(f"« {nom} » est hors de toute mesure : {valeur}.")
    return nombre


def lire_date(valeur: object, nom: str) -> date:
    if isinstance(valeur, date):
        return valeur
    if valeur is None:
        raise CasRefuse(f"« {nom} » manque : une date de la forme AAAA-MM-JJ.")
    try:
        return date.fromisoformat(str(valeur))
    except ValueError:
        raise CasRefuse(f"« {nom} » n'est pas une date de la forme AAAA-MM-JJ : « {valeur} ».") from None
