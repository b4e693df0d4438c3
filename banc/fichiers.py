"""Un fichier de paie lu, calculé, rendu, des octets aux octets, à côté du temps que l'on attend sans se lasser.

Les lignes sont de tous les régimes, de toutes les dates et de tous les contrats ; une sur mille est à corriger.
"""

from __future__ import annotations

import io
import random
import time
from statistics import median

import polars as pl

from apart.regles.prelevements import Residence
from apart.regles.situations import Dispositif, Secteur, Statut
from apart.simulateur.fichiers.calcul import Calcul
from apart.simulateur.fichiers.colonnes import COLONNES, NOMS
from apart.simulateur.fichiers.resultats import Resultats
from apart.tableaux.entetes import compter
from apart.tableaux.lecture import lire
from banc.ligne import Ligne

PERMIS = {300: 2.0, 100_000: 15.0}  # lignes → secondes
PASSES = 3
UNE = 2_000  # lignes ; assez pour que le reste ne compte plus
ANNEES = {
    Dispositif.DROIT_COMMUN: (2014, 2026),
    Dispositif.VULNERABLES: (2021, 2022),
    Dispositif.APLD: (2021, 2026),
    Dispositif.APLD_REBOND: (2026, 2026),
}


def mesurer() -> list[Ligne]:
    return [*_permises(), *_proportionnelles()]


def _proportionnelles() -> list[Ligne]:
    """Polars, expat et zlib ne se comptent pas en lignes de code : leur débit ne baisse pas avec la taille."""
    debits = [[nombre / duree for _, duree in _durees(lignes(nombre))] for nombre in (UNE, 8 * UNE)]
    return [
        Ligne(f"{forme} : lignes par seconde à {8 * UNE} lignes / à {UNE}", huit, un, "l/s", 0.8)
        for forme, un, huit in zip(("fichier CSV", "classeur"), *debits, strict=True)
    ]


def _permises() -> list[Ligne]:
    return [
        Ligne(f"{forme} de {nombre:_} lignes : durée permise / prise".replace("_", " "), permis, duree, "s", 1)
        for nombre, permis in PERMIS.items()
        for forme, duree in _durees(lignes(nombre))
    ]


def _durees(cadre: pl.DataFrame) -> list[tuple[str, float]]:
    """Par forme, des octets reçus aux octets rendus : médiane ; une passe de chaque, d'abord, ne compte pas."""
    classeur = io.BytesIO()
    cadre.write_excel(classeur)
    formes = {"fichier CSV": cadre.write_csv(separator=";").encode(), "classeur": classeur.getvalue()}
    passes = [[_chronometrer(contenu) for contenu in formes.values()] for _ in range(PASSES + 1)]
    return [(forme, median(durees)) for forme, durees in zip(formes, zip(*passes[1:], strict=True), strict=True)]


def _chronometrer(contenu: bytes) -> float:
    debut = time.perf_counter()
    tableau = lire(contenu, lambda cases: compter(cases, COLONNES))
    rendu = Resultats(Calcul(tableau, tableau.entetes)).fichier()
    secondes = time.perf_counter() - debut
    assert len(rendu) > len(contenu) // 4
    return secondes


def lignes(nombre: int) -> pl.DataFrame:
    """Des lignes telles qu'un service de paie les écrit."""
    hasard = random.Random(2020)  # noqa: S311  # le même fichier à chaque fois
    return pl.DataFrame([_ligne(hasard, rang) for rang in range(nombre)], schema=list(NOMS), orient="row")


def _ligne(hasard: random.Random, rang: int) -> list[str | None]:
    regime = hasard.choices(list(Dispositif), (8, 1, 2, 1))[0]
    annee, mois = hasard.randint(*ANNEES[regime]), hasard.randint(1, 10)
    structurelles = hasard.random() < 0.05
    ligne = {
        "nom": f"Salarié {rang}",
        "effectif": "1" if hasard.random() < 0.95 else str(hasard.randint(2, 50)),
        "remuneration": f"{hasard.randint(1900, 6000)},{hasard.randint(0, 99):02}",
        "duree_hebdomadaire": hasard.choice(["35", "35", "35", "39"]),
        "mois": f"{mois:02}/{annee}",
        "heures": f"{hasard.randint(0, 120)},{hasard.choice(['00', '25', '5', '75'])}",
        "regime": regime.value,
        "secteur": hasard.choices(list(Secteur), (8, 1, 1))[0].value,
        "statut": hasard.choices(list(Statut), (8, 2, 1, 1, 1))[0].value,
        "mayotte": "non",
        "effectif_entreprise": hasard.choice(["12", "80", "400"]),
        "formation": "non",
        "garde_enfant": "non",
        "structurelles": "oui" if structurelles else "non",
        "residence": hasard.choices(list(Residence)[:2], (9, 1))[0].value,
        "maintien": hasard.choice([None, None, None, "100", "84"]),
        "cotisations_patronales": "42",
    }
    if rang % 1_000 == 500:
        ligne["heures"] = hasard.choice(["7h30", "", "deux", "-4"])
    return [ligne.get(nom) for nom in NOMS]
