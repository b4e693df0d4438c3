"""Pourquoi ce montant : les étapes d'un calcul, avec leur règle, leurs paramètres et leurs sources.

Une étape garde ses nombres et sa phrase séparés ; la phrase ne se compose que si quelqu'un la lit.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import fields, is_dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import ClassVar, NamedTuple

from apart.regles import francais
from apart.regles.bareme import bareme
from apart.regles.valeurs import Valeur

VERSION = 1  # de la forme ci-dessous : un résultat gardé dit comment le relire
PARAMETRE = ("cle", "libelle", "valeur", "unite", "depuis", "source", "certitude")


class Etape(NamedTuple):
    """Un pas du calcul."""

    regle: str  # page de docs/regles
    article: str
    modele: str  # « {taux:pourcent} de {base:euros} = {resultat:euros} »
    nombres: Mapping[str, object]
    resultat: Decimal | bool | date | str | None
    unite: str
    valeurs: tuple[Valeur, ...] = ()

    @property
    def phrase(self) -> str:
        """Le calcul en toutes lettres, nombres écrits à la française."""
        nombres = {"resultat": self.resultat, **self.nombres}
        return self.modele.format_map({nom: _Lisible(nombre) for nom, nombre in nombres.items()})

    def en_dict(self) -> dict[str, object]:
        """Pour JSON : la phrase et le résultat, avec chaque paramètre, sa date et sa source."""
        return {
            "regle": self.regle,
            "article": self.article,
            "calcul": self.phrase,
            "resultat": simple(self.resultat),
            "unite": self.unite,
            "parametres": [{nom: simple(getattr(v, nom)) for nom in PARAMETRE} for v in self.valeurs],
        }


def etape(
    regle: str,
    article: str,
    modele: str,
    resultat: Decimal | bool | date | str | None,
    unite: str,
    valeurs: tuple[Valeur, ...] = (),
    /,
    **nombres: object,
) -> Etape:
    """Une étape, et les nombres que sa phrase nomme."""
    return Etape(regle, article, modele, nombres, resultat, unite, valeurs)


class Explique:
    """Un résultat qui porte sa trace."""

    __slots__ = ()
    trace: tuple[Etape, ...]
    remarques: tuple[str, ...] = ()

    @property
    def reserves(self) -> tuple[str, ...]:
        """Ce que le résultat a d'incertain : remarques de lecture et valeurs du barème à confirmer."""
        return tuple(dict.fromkeys((*self.remarques, *reserves(self.trace))))


def _exact(montant: Decimal) -> str:
    """Un montant que rien n'a encore arrondi : 45,675 € ; au centime quand il y tombe juste."""
    if montant == montant.quantize(Decimal("0.01")):
        return francais.euros(montant)
    return f"{francais.nombre(montant)}{francais.INSECABLE}€"


class _Lisible:
    """Un nombre qui sait s'écrire en euros, en pourcentage, en heures, selon ce que demande le modèle."""

    ECRITURES: ClassVar[Mapping[str, Callable[[Decimal], str]]] = {
        "euros": francais.euros,
        "pourcent": francais.pourcentage,
        "nombre": francais.nombre,
        "centimes": lambda entier: francais.euros(entier.scaleb(-2)),
        "millimes": lambda entier: _exact(entier.scaleb(-3)),
        "dix_milliemes": lambda entier: francais.pourcentage(entier.scaleb(-4)),
    }

    def __init__(self, valeur: object) -> None:
        self.valeur = valeur

    def __format__(self, ecriture: str) -> str:
        if isinstance(self.valeur, date):
            return francais.jour_en_lettres(self.valeur)
        if ecriture and isinstance(self.valeur, int | Decimal):
            return self.ECRITURES[ecriture](Decimal(self.valeur))
        return str(self.valeur)


def reserves(etapes: Iterable[Etape]) -> tuple[str, ...]:
    """Ce que les valeurs employées ont d'incertain, une phrase chacune, sans répétition."""
    phrases = (phrase for etape in etapes for v in etape.valeurs for phrase in (v.projection, v.reserve))
    return tuple(dict.fromkeys(phrase for phrase in phrases if phrase))


def simple(objet: object, *, deduits: bool = False) -> object:
    """Un résultat en dictionnaires, listes et textes : ce que JSON sait garder. Un montant devient un texte exact.

    deduits : avec ce que l'objet déduit de ses champs : totaux, reste à charge, réserves.
    """
    if isinstance(objet, Etape):
        return objet.en_dict()
    if is_dataclass(objet) and not isinstance(objet, type):
        noms = [champ.name for champ in fields(objet)]
        if deduits:
            membres = (paire for classe in type(objet).__mro__ for paire in vars(classe).items())
            noms += [nom for nom, membre in membres if isinstance(membre, property)]
        return {nom: simple(getattr(objet, nom), deduits=deduits) for nom in noms}
    if isinstance(objet, Decimal | date | StrEnum):
        return str(objet)
    if isinstance(objet, tuple | list):
        return [simple(element, deduits=deduits) for element in objet]
    if isinstance(objet, dict):
        return {str(cle): simple(valeur) for cle, valeur in objet.items()}
    return objet


def archive(resultat: object) -> dict[str, object]:
    """Un résultat à garder : ses données, ses montants, ses étapes et leurs sources, et de quoi les relire plus tard.

    resultat : MontantHoraire, Totaux, Mois, Resultat, Reponse… « version » est celle de cette forme ; les deux dates
    sont celles du barème qui a servi. Tout est texte, nombre entier, liste ou dictionnaire : JSON le garde tel quel.
    """
    return {
        "version": VERSION,
        "genre": type(resultat).__name__,
        "bareme": {nom: simple(getattr(bareme(), nom)) for nom in ("etabli_le", "connu_jusqu_au")},
        "resultat": simple(resultat, deduits=True),
    }
