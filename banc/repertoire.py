"""Import du répertoire, à côté d'une lecture Polars suivie d'un COPY des mêmes colonnes, sans rien d'autre.

La limite ne vérifie rien, ne met rien en forme et ne pose aucun index. Chaque mesure est un processus neuf : le
système dit sa mémoire la plus haute. BANC_ETABLISSEMENTS change la taille (défaut : dix millions).
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

PASSES = 3
MEMOIRE_PERMISE = 1024  # Mio


def mesurer() -> list[Ligne]:
    """Le débit, puis la mémoire. Suppose Django prêt."""
    taille = int(os.environ.get("BANC_ETABLISSEMENTS") or 10_000_000)
    connection.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
    try:
        nous, limite, memoire = _mesurer_taille(taille)
    finally:
        connection.creation.destroy_test_db(settings.DATABASES["default"]["NAME"], verbosity=0)
    nom = f"import de {taille:_} établissements".replace("_", " ")
    return [
        Ligne(f"{nom} / Polars + COPY", nous, limite, "lignes/s", 0.5),
        Ligne(f"{nom} : mémoire permise / prise", MEMOIRE_PERMISE, memoire, "Mio", 1),
    ]


def _mesurer_taille(taille: int) -> tuple[float, float, float]:
    """Débits médians (nous, limite) en lignes par seconde, et notre mémoire la plus haute en Mio."""
    with tempfile.TemporaryDirectory(prefix="banc-sirene-") as dossier:
        fichiers = ecrire(Path(dossier), taille)
        mesures = [[_dans_un_processus(mode, *fichiers) for mode in ("nous", "limite")] for _ in range(PASSES)]
    nous, limite = ([m["lignes"] / m["secondes"] for m in colonne] for colonne in zip(*mesures, strict=True))
    return median(nous), median(limite), max(passe[0]["memoire"] for passe in mesures)


def _dans_un_processus(mode: str, etablissements: Path, unites: Path) -> dict[str, float]:
    base = str(connection.settings_dict["NAME"])
    commande = [sys.executable, "-m", "banc.import_sirene", mode, base, str(etablissements), str(unites)]
    sortie = subprocess.run(commande, check=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    lu: dict[str, float] = json.loads(sortie.stdout)
    return lu
