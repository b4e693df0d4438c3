"""Import du répertoire, à côté d'une lecture Polars suivie d'un COPY des mêmes colonnes, sans rien d'autre.

La limite ne vérifie rien, ne met rien en forme et ne pose aucun index. Chaque mesure est un processus neuf : le
système dit sa mémoire la plus haute. BANC_ETABLISSEMENTS borne la taille (défaut : dix millions).
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from statistics import median

from django.conf import settings
from django.db import connection

from banc.ligne import Ligne
from banc.stock_sirene import ecrire

# Établissements du stock → passes, nous et la limite en alternance.
TAILLES = {100_000: 5, 1_000_000: 5, 10_000_000: 3}
MEMOIRE_VISEE = 1024  # Mio


def mesurer() -> list[Ligne]:
    """Une ligne par taille, puis la mémoire et la linéarité. Suppose Django prêt."""
    borne = int(os.environ.get("BANC_ETABLISSEMENTS") or max(TAILLES))
    tailles = {taille: passes for taille, passes in TAILLES.items() if taille <= borne}
    connection.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
    try:
        mesures = {taille: _mesurer_taille(taille, passes) for taille, passes in tailles.items()}
    finally:
        connection.creation.destroy_test_db(settings.DATABASES["default"]["NAME"], verbosity=0)
    lignes = [
        Ligne(
            f"import du répertoire, {_lisible(taille)} établissements / Polars + COPY",
            *debits,
            "lignes/s",
            0.6,
        )
        for taille, (*debits, _) in mesures.items()
    ]
    petit, grand = mesures[min(mesures)], mesures[max(mesures)]
    nom = _lisible(max(mesures))
    return [
        *lignes,
        Ligne(f"import du répertoire, débit à {nom} / débit à 100 000", grand[0], petit[0], "lignes/s", 0.9),
        Ligne(f"import du répertoire, 1 Gio / mémoire au plus haut ({nom})", MEMOIRE_VISEE, grand[2], "Mio", 1),
    ]


def _lisible(nombre: int) -> str:
    return f"{nombre:,}".replace(",", " ")


def _mesurer_taille(taille: int, passes: int) -> tuple[float, float, float]:
    """Débits médians (nous, limite) en lignes par seconde, et notre mémoire la plus haute en Mio."""
    with tempfile.TemporaryDirectory(prefix="banc-sirene-") as dossier:
        fichiers = ecrire(Path(dossier), taille)
        mesures = [[_dans_un_processus(mode, *fichiers) for mode in ("nous", "limite")] for _ in range(passes)]
    nous, limite = ([m["lignes"] / m["secondes"] for m in colonne] for colonne in zip(*mesures, strict=True))
    return median(nous), median(limite), max(passe[0]["memoire"] for passe in mesures)


def _dans_un_processus(mode: str, etablissements: Path, unites: Path) -> dict[str, float]:
    base = str(connection.settings_dict["NAME"])
    commande = [sys.executable, "-m", "banc.import_sirene", mode, base, str(etablissements), str(unites)]
    sortie = subprocess.run(commande, check=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    lu: dict[str, float] = json.loads(sortie.stdout)
    return lu
