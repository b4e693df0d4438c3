"""Une valeur datée du droit, sa source, et ce que vaut sa lecture."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from enum import StrEnum

from apart.regles.francais import euros, jour_en_lettres, nombre, pourcentage

# Les seules unités, et ce qui s'imprime après le nombre.
UNITES: Mapping[str, str] = {
    "euros_par_heure": "€ par heure",
    "euros": "€",
    "fraction": "%",
    "multiple_du_smic": "fois le SMIC",
    "heures": "heures",
    "heures_par_semaine": "heures par semaine",
    "heures_par_mois": "heures par mois",
    "heures_par_an": "heures par an",
    "jours": "jours",
    "mois": "mois",
    "salaries": "salariés",
    "oui_non": "oui ou non",
    "mot": "mot",
}


class Certitude(StrEnum):
    """Ce que vaut la lecture : texte ou sources concordantes, une source secondaire, ou rien d'assuré."""

    VERIFIEE = "verifiee"
    SECONDAIRE = "secondaire"
    INCERTAINE = "incertaine"


# Les mots du barème qui ne se lisent pas tels quels.
MOTS: Mapping[str, str] = {
    "conclues_avant_2020-04-23": "conclues avant le 23 avril 2020",
    "non_indemnisees": "non indemnisées",
    "sinistre_circonstance_exceptionnelle": "sinistre ou circonstance exceptionnelle",
}
SECONDAIREMENT_LUE = "valeur lue dans une source secondaire seulement"
INCERTAINE = "valeur incertaine"


class Presence(StrEnum):
    """`connue` (la valeur peut être « aucun »), `inconnue` (texte non lu), `sans_objet` (la règle n'existe pas)."""

    CONNUE = "connue"
    INCONNUE = "inconnue"
    SANS_OBJET = "sans_objet"


@dataclass(frozen=True, slots=True)
class Valeur:
    """Une valeur et ses deux bornes, comprises ; `au` est None tant qu'aucune entrée ne suit.

    `valeur` est dans l'unité dite (une fraction de 0 à 1 pour un taux) ; None quand le droit n'en fixe pas (`aucun`).
    """

    cle: str
    libelle: str
    unite: str
    valeur: Decimal | bool | str | None
    depuis: date
    au: date | None
    source: str
    certitude: Certitude
    note: str = ""
    lien: str = ""
    etat: Presence = Presence.CONNUE
    connue_jusqu_au: date | None = None  # donné quand on l'emploie après ce jour, faute de la suivante

    @property
    def nombre(self) -> Decimal:
        """La valeur d'un paramètre chiffré. Lève TypeError pour un mot, un oui ou non, ou « aucun »."""
        if not isinstance(self.valeur, Decimal):
            raise TypeError(f"{self.cle} n'est pas un nombre : {self.lisible}.")
        return self.valeur

    @property
    def lisible(self) -> str:
        """La valeur imprimée avec son unité : « 8,57 € par heure », « 36 % », « aucun », « oui », un mot, un jour."""
        if self.etat is not Presence.CONNUE:
            return self.etat.replace("_", " ")
        if isinstance(self.valeur, Decimal):
            return _imprime(self.valeur, self.unite)
        if isinstance(self.valeur, bool):
            return "oui" if self.valeur else "non"
        return _mot(self.valeur) if self.valeur else "aucun"

    @property
    def reserve(self) -> str:
        """Pourquoi il faut se méfier de cette valeur ; vide quand elle est vérifiée."""
        if self.certitude is Certitude.VERIFIEE:
            return ""
        quoi = f"« {self.libelle} » ({self.lisible} depuis le {jour_en_lettres(self.depuis)})"
        if self.certitude is Certitude.SECONDAIRE:
            return f"{quoi} : {SECONDAIREMENT_LUE}, {self.source}. {self.note}".strip()
        return f"{quoi} : {INCERTAINE}. {self.note}"

    @property
    def projection(self) -> str:
        """La même phrase pour toute valeur employée au-delà de ce que l'on connaît ; vide sinon."""
        if self.connue_jusqu_au is None:
            return ""
        jour = jour_en_lettres(self.connue_jusqu_au)
        return f"Calculé avec les taux connus au {jour} ; ceux qui suivent ne sont pas encore publiés."


@dataclass(frozen=True, slots=True)
class Parametre:
    """Une série : toutes les valeurs d'une clé, de la plus ancienne à la plus récente, sans trou."""

    cle: str
    libelle: str
    unite: str
    fichier: str
    valeurs: tuple[Valeur, ...]

    def au(self, jour: date) -> Valeur | None:
        """L'entrée qui couvre ce jour, connue ou non ; None avant la première."""
        rang = bisect_right(self.valeurs, jour, key=lambda valeur: valeur.depuis)
        return self.valeurs[rang - 1] if rang else None

    def employee_au(self, jour: date) -> Valeur | None:
        """La valeur à employer ce jour-là : si elle est inconnue, la dernière connue tient jusqu'à son remplacement.

        None s'il n'y en a pas, ou si la règle n'existe pas ce jour-là.
        """
        valeur = self.au(jour)
        if valeur is None or valeur.etat is not Presence.INCONNUE:
            return valeur if valeur and valeur.etat is Presence.CONNUE else None
        avant = [v for v in self.valeurs if v.depuis < valeur.depuis and v.etat is not Presence.INCONNUE]
        if not avant or avant[-1].etat is not Presence.CONNUE:
            return None
        note = f"{valeur.note} La dernière valeur connue, du {jour_en_lettres(avant[-1].depuis)}, est gardée."
        return replace(valeur, valeur=avant[-1].valeur, etat=Presence.CONNUE, note=note)


def _mot(mot: str) -> str:
    try:
        return jour_en_lettres(date.fromisoformat(mot))
    except ValueError:
        return MOTS.get(mot, mot)


def _imprime(valeur: Decimal, unite: str) -> str:
    if unite == "fraction":
        return pourcentage(valeur)
    if unite in {"euros", "euros_par_heure"}:
        return euros(valeur) + UNITES[unite].removeprefix("€")
    return f"{nombre(valeur)} {UNITES[unite]}"
