"""Les colonnes d'un fichier : leur nom, ce qu'on y met, et comment reconnaître un en-tête écrit autrement."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from apart.regles.prelevements import Residence
from apart.regles.situations import Dispositif, Secteur, Statut

OUI_NON = "oui ou non"


def _choix(valeurs: type[StrEnum]) -> str:
    return ", ".join(membre.value for membre in valeurs)


@dataclass(frozen=True, slots=True)
class Colonne:
    nom: str
    contenu: str  # ce qu'on y met
    permis: str  # les valeurs admises
    defaut: str = ""  # ce que vaut une case vide ; "" si elle est à remplir
    exemples: tuple[str, str] = ("", "")


COLONNES = (
    Colonne("nom", "Le nom du salarié ou du groupe ; il ne sert qu'à vous.", "un texte", "vide",
            ("Durand", "Atelier")),
    Colonne("effectif", "Combien de salariés semblables la ligne décrit.", "un nombre entier", "1", ("1", "12")),
    Colonne("remuneration", "Le salaire brut mensuel d'un salarié, en euros.", "un montant", "voir taux_horaire",
            ("2150,50", "1900")),
    Colonne("taux_horaire", "Le salaire brut d'une heure, si vous ne donnez pas la rémunération.", "un montant",
            "voir remuneration"),
    Colonne("duree_hebdomadaire", "La durée du contrat, en heures par semaine.", "de 1 à 60", "35", ("35", "39")),
    Colonne("mois", "Le mois des heures non travaillées.", "MM/AAAA", "voir du et au", ("04/2026", "")),
    Colonne("du", "Le premier jour, si la période n'est pas un mois entier.", "JJ/MM/AAAA", "voir mois",
            ("", "04/05/2026")),
    Colonne("au", "Le dernier jour, si la période n'est pas un mois entier.", "JJ/MM/AAAA", "voir mois",
            ("", "15/05/2026")),
    Colonne("heures", "Les heures non travaillées d'un salarié pendant la période.", "un nombre", "", ("70", "42,5")),
    Colonne("regime", "Ce qui est autorisé.", _choix(Dispositif), Dispositif.DROIT_COMMUN, ("droit_commun", "apld")),
    Colonne("secteur", "Le secteur de l'employeur, de 2020 à 2022.", _choix(Secteur), Secteur.ORDINAIRE),
    Colonne("statut", "Le contrat du salarié.", _choix(Statut), Statut.ORDINAIRE, ("ordinaire", "ordinaire")),
    Colonne("mayotte", "Le salarié travaille à Mayotte.", OUI_NON, "non", ("non", "non")),
    Colonne("effectif_entreprise", "Les salariés de l'entreprise ; ne compte que jusqu'en février 2020.",
            "un nombre entier", "1"),
    Colonne("formation", "Les heures sont consacrées à une formation.", OUI_NON, "non"),
    Colonne("garde_enfant", "Dans le régime des personnes vulnérables, pour garder un enfant.", OUI_NON, "non"),
    Colonne("structurelles", "Une convention ou un accord prévoit plus que la durée légale.", OUI_NON, "non"),
    Colonne("accord_du", "La date de cette convention ou de cet accord.", "JJ/MM/AAAA", "vide"),
    Colonne("residence", "Le régime social du salarié.", _choix(Residence), Residence.METROPOLE),
    Colonne("maintien", "La part du salaire brut que vous garantissez, en pour cent.", "de 0 à 100", "sans maintien",
            ("", "80")),
    Colonne("cotisations_patronales", "Leur part du salaire brut, en pour cent.", "de 0 à 100", "inconnues"),
    Colonne("net_mensuel", "Le salaire net d'un mois ordinaire, en euros.", "un montant", "estimé"),
)  # fmt: skip
NOMS = tuple(colonne.nom for colonne in COLONNES)
RESULTATS = (
    "indemnite_horaire",
    "allocation_horaire",
    "heures_indemnisables",
    "indemnite",
    "allocation",
    "reste_a_charge",
    "a_confirmer",
)
A_CORRIGER = "a_corriger"
AUTREMENT = {
    "remuneration_brute": "remuneration",
    "salaire_brut": "remuneration",
    "remuneration_mensuelle": "remuneration",
    "taux_horaire_brut": "taux_horaire",
    "duree": "duree_hebdomadaire",
    "debut": "du",
    "date_debut": "du",
    "fin": "au",
    "date_fin": "au",
    "heures_non_travaillees": "heures",
    "heures_chomees": "heures",
    "dispositif": "regime",
}


class ColonnesRefusees(ValueError):
    """L'en-tête ne permet pas de lire le fichier ; la phrase dit laquelle manque."""


def reconnaitre(entete: str) -> str:
    """« Durée hebdomadaire » donne « duree_hebdomadaire » : ni casse, ni accents, ni espaces."""
    sans_accents = unicodedata.normalize("NFKD", entete).encode("ascii", "ignore").decode()
    nom = re.sub(r"[^a-z0-9]+", "_", sans_accents.lower()).strip("_")
    return AUTREMENT.get(nom, nom)


def lettres(rang: int) -> str:
    """0 donne A, 26 donne AA : la colonne, comme un tableur la nomme."""
    return (lettres(rang // 26 - 1) if rang >= 26 else "") + chr(65 + rang % 26)


def placer(entetes: Sequence[str]) -> dict[str, int]:
    """Le rang de chaque colonne connue. Lève ColonnesRefusees s'il en manque une, ou si deux ont le même nom."""
    places: dict[str, int] = {}
    for rang, nom in enumerate(map(reconnaitre, entetes)):
        if nom in places:
            raise ColonnesRefusees(
                f"Les colonnes {lettres(places[nom])} et {lettres(rang)} s'appellent toutes deux « {nom} » : "
                "n'en gardez qu'une."
            )
        if nom in NOMS:
            places[nom] = rang
    if manquantes := list(_manquantes(places)):
        raise ColonnesRefusees(_phrase(manquantes, places))
    return places


def _manquantes(places: dict[str, int]) -> Iterable[str]:
    if not places.keys() & {"remuneration", "taux_horaire"}:
        yield "« remuneration » (ou « taux_horaire »)"
    if "mois" not in places and not places.keys() >= {"du", "au"}:
        yield "« mois » (ou « du » et « au »)"
    if "heures" not in places:
        yield "« heures »"


def _phrase(manquantes: list[str], places: dict[str, int]) -> str:
    if not places:
        return (
            "La première ligne ne porte aucun nom de colonne connu. Mettez-y l'en-tête du modèle : nom, remuneration, "
            "mois, heures…"
        )
    if len(manquantes) == 1:
        return f"Il manque la colonne {manquantes[0]} : ajoutez-la à la première ligne, comme dans le modèle."
    return f"Il manque les colonnes {', '.join(manquantes)} : ajoutez-les à la première ligne, comme dans le modèle."
