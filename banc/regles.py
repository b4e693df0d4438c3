"""Les règles : des millions de lignes contre une boucle écrite à la main, un cas contre deux modèles publics."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import date
from decimal import Decimal
from itertools import product
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np

from apart.regles.bareme import HorsBareme
from apart.regles.conditions import Conditions, changements, conditions
from apart.regles.formules import Entiers, total
from apart.regles.mois import Periode, totaliser
from apart.regles.reference import taux_horaire
from apart.regles.situations import Dispositif, Secteur, Situation, Statut
from apart.regles.vecteurs import Lois, horaires
from banc.ligne import Ligne

DOSSIER = Path(__file__).resolve().parent / "seconds_avis"
OUTILS = Path(__file__).resolve().parents[1] / "var" / "banc"
OPENFISCA = "openfisca-france==176.1.8"
LIGNES = 12_000_000
PASSES = 5
BLOC = 16_384
PAR_APPEL = 65_536  # lignes
ECART = 0.005  # un second avis n'arrondit pas le taux horaire au centime : à un demi pour cent près, il est d'accord


def mesurer() -> list[Ligne]:
    """Médianes de plusieurs passes en alternance."""
    nous, limite = _lignes()
    return [
        Ligne(
            "12 millions de lignes, tous régimes / boucle écrite à la main, un régime", nous, limite, "lignes/s", 0.4
        ),
        *_publicodes(),
        *_openfisca(),
    ]


# --- Des millions de lignes ---


def _lignes() -> tuple[float, float]:
    donnees = melange(LIGNES)
    main = (donnees[2], donnees[3])
    _duree(lambda: calculer(donnees)), _duree(lambda: boucle(*main))  # à froid, non compté
    durees = [(_duree(lambda: calculer(donnees)), _duree(lambda: boucle(*main))) for _ in range(PASSES)]
    nous, limite = (median(valeurs) for valeurs in zip(*durees, strict=True))
    return LIGNES / nous, LIGNES / limite


def melange(n: int) -> tuple[Lois, Entiers, Entiers, Entiers]:
    """n lignes au hasard : toutes les lois de tous les régimes, taux et heures de paie."""
    situations = (
        Situation(d, s, st, mayotte, taille)
        for d, s, st, mayotte, taille in product(Dispositif, Secteur, Statut, (False, True), (False, True))
    )
    lois = list({(loi.nombres, loi.exceptions): loi for situation in situations for loi in _lois(situation)}.values())
    rng = np.random.default_rng(20200401)
    return Lois.de(lois), rng.integers(0, len(lois), n), rng.integers(1_000, 6_000, n), rng.integers(1, 15_167, n)


def _lois(situation: Situation) -> Iterator[Conditions]:
    """Les lois d'une situation, aux dates où elle existe."""
    for jour in changements():
        try:
            yield conditions(situation, jour)
        except HorsBareme:
            continue


def calculer(donnees: tuple[Lois, Entiers, Entiers, Entiers]) -> int:
    """Indemnité et allocation, horaires et totales, de chaque ligne, par blocs."""
    lois, loi, taux, heures = donnees
    sorties = [np.empty(len(loi), np.int64) for _ in range(4)]
    sans_net = np.full(PAR_APPEL, -1)
    for debut in range(0, len(loi), PAR_APPEL):
        bloc = slice(debut, debut + PAR_APPEL)
        lus = horaires(lois, loi[bloc], taux[bloc], sans_net[: len(loi[bloc])])
        sorties[0][bloc], sorties[1][bloc] = lus.due, lus.versee
        sorties[2][bloc], sorties[3][bloc] = total(lus.due, heures[bloc]), total(lus.versee, heures[bloc])
    return int(sorties[3].sum())


def boucle(taux: Entiers, heures: Entiers) -> int:
    """La limite : un seul régime, un seul jour, des constantes, rien à choisir ; les mêmes quatre sorties."""
    n = len(taux)
    sorties = [np.empty(n, np.int64) for _ in range(4)]
    for debut in range(0, n, BLOC):
        bloc = slice(debut, debut + BLOC)
        t, h = taux[bloc], heures[bloc]
        base = np.minimum(t * 10, 55_395)
        due = np.maximum((base * 6_000 + 50_000) // 100_000, np.minimum(t, 974))
        versee = np.maximum((base * 3_600 + 50_000) // 100_000, 857)
        sorties[0][bloc], sorties[1][bloc] = due, versee
        sorties[2][bloc], sorties[3][bloc] = (due * h + 50) // 100, (versee * h + 50) // 100
    return int(sorties[3].sum())


def _duree(calcul: Callable[[], object]) -> float:
    debut = time.perf_counter()
    calcul()
    return time.perf_counter() - debut


# --- Un cas, avec son pourquoi ---


def un_cas(salaire: Decimal, heures: Decimal, jour: date) -> tuple[Decimal, Decimal]:
    """Indemnité et allocation d'un mois, par la porte d'un cas ; le pourquoi est gardé avec."""
    taux = taux_horaire(salaire, Decimal("151.67")).taux_horaire
    totaux = totaliser(taux, [Periode(jour, jour, heures)])
    assert totaux.lignes[0].horaire.trace
    return totaux.indemnite, totaux.allocation


def _nos_durees(cas: list[tuple[Decimal, Decimal]], jour: date) -> tuple[float, list[tuple[Decimal, Decimal]]]:
    """Secondes pour calculer tous les cas, et leurs résultats."""
    debut = time.perf_counter()
    resultats = [un_cas(salaire, heures, jour) for salaire, heures in cas]
    return time.perf_counter() - debut, resultats


def _comparer(
    nom: str, commande: list[str], demande: dict[str, Any], cas: list[tuple[Decimal, Decimal]], jour: date, vise: float
) -> list[Ligne]:
    _nos_durees(cas, jour)  # à froid, non compté
    autre = json.loads(
        subprocess.run(commande, input=json.dumps(demande), check=True, capture_output=True, text=True).stdout
    )
    mesures = [_nos_durees(cas, jour) for _ in range(PASSES)]
    _exiger_l_accord(mesures[0][1], autre["resultats"])
    nous = len(cas) / median(duree for duree, _ in mesures)
    return [Ligne(f"un cas et son pourquoi / {nom}", nous, len(cas) / median(autre["durees"]), "cas/s", vise)]


def _exiger_l_accord(nous: list[tuple[Decimal, Decimal]], autre: list[Any]) -> None:
    """On ne compare la vitesse que là où l'on calcule la même chose."""
    for notre, sien in zip(nous, autre, strict=True):
        siens = sien if isinstance(sien, list) else [sien]
        for a, b in zip(notre, siens, strict=False):
            assert abs(float(a) - b) <= ECART * b, f"désaccord : {a} ici, {b} là"


def _publicodes() -> list[Ligne]:
    """Droit commun de mars 2026, entre plancher et plafond : là où modele-social dit la même loi."""
    if shutil.which("npm") is None:
        print("npm est absent : pas de comparaison avec modele-social.", file=sys.stderr)
        return []
    dossier = OUTILS / "publicodes"
    shutil.copytree(DOSSIER, dossier, dirs_exist_ok=True)
    subprocess.run(["npm", "ci", "--silent", "--no-audit", "--no-fund"], cwd=dossier, check=True)
    cas = [(Decimal(s), Decimal(t)) for s in range(3700, 7700, 400) for t in ("0", "35", "51.67", "100")]
    chomees = [(salaire, Decimal("151.67") - travaillees) for salaire, travaillees in cas]
    demande = {
        "cas": [{"salaire": str(salaire), "travaillees": str(travaillees)} for salaire, travaillees in cas],
        "passes": PASSES,
        "date": "01/03/2026",
    }
    commande = ["node", str(dossier / "publicodes.mjs")]
    return _comparer("modele-social et publicodes", commande, demande, chomees, date(2026, 3, 2), 500)


def _openfisca() -> list[Ligne]:
    """Avril 2020, mois entier chômé, sous le plafond : là où OpenFisca-France dit la même loi."""
    python = OUTILS / "openfisca" / "bin" / "python"
    if not python.exists():
        subprocess.run([sys.executable, "-m", "venv", str(OUTILS / "openfisca")], check=True)
        subprocess.run([str(python), "-m", "pip", "install", "--quiet", OPENFISCA], check=True)
    cas = [(Decimal(s), Decimal("151.67")) for s in range(1600, 5600, 100)]
    demande = {
        "cas": [{"salaire": float(salaire), "heures": float(heures)} for salaire, heures in cas],
        "passes": PASSES,
        "mois": "2020-04",
    }
    commande = [str(python), str(DOSSIER / "openfisca.py")]
    return _comparer("OpenFisca-France", commande, demande, cas, date(2020, 4, 1), 20)
