"""« make demo » jusqu'à la phrase qui donne l'adresse : la première fois, dossier de données vide, puis la seconde."""

from __future__ import annotations

import os
import subprocess
import tempfile
import time
from pathlib import Path

from banc.ligne import Ligne
from banc.serveurs import port_libre

RACINE = Path(__file__).resolve().parents[1]
PERMIS = {"premier": 15.0, "second": 6.0}  # secondes


def mesurer() -> list[Ligne]:
    """Une seule fois chacun : la première fois ne se répète pas. Apart est déjà installé."""
    with tempfile.TemporaryDirectory(prefix="banc-demo-", dir=RACINE / "var") as var:
        Path(var).chmod(0o755)  # sous root, PostgreSQL tourne sous un autre compte, qui doit y entrer
        durees = {fois: _demarrer(var) for fois in PERMIS}
    return [Ligne(f"{fois} make demo : durée permise / prise", PERMIS[fois], durees[fois], "s", 1) for fois in PERMIS]


def _demarrer(var: str) -> float:
    port = port_libre()
    heritees = {nom: valeur for nom, valeur in os.environ.items() if nom != "DJANGO_SETTINGS_MODULE"}
    debut = time.perf_counter()
    commande, environnement = ["make", "demo", f"PORT={port}"], heritees | {"APART_VAR": var}
    with subprocess.Popen(commande, cwd=RACINE, env=environnement, stdout=subprocess.PIPE, text=True) as demo:
        assert demo.stdout
        try:
            prete = any(f"http://127.0.0.1:{port}/" in ligne for ligne in demo.stdout)
            duree = time.perf_counter() - debut
            assert prete, "make demo s'est arrêté avant d'être prêt"
        finally:
            demo.terminate()
            demo.stdout.read()  # jusqu'à ce que tout soit arrêté
    return duree
