"""Un import mesuré dans son propre processus : « nous » ou « limite », base, fichiers. Écrit une ligne JSON."""

from __future__ import annotations

import io
import json
import os
import resource
import sys
import time
from collections.abc import Callable
from importlib import import_module
from pathlib import Path

import django
import polars as pl
from django.conf import settings
from django.db import connection, transaction

# Une colonne brute par colonne de nos tables.
COLONNES_FICHES = (
    "siret", "siren", "dateDebut", "etatAdministratifEtablissement", "etablissementSiege",
    "statutDiffusionEtablissement", "enseigne1Etablissement", "numeroVoieEtablissement",
    "indiceRepetitionEtablissement", "typeVoieEtablissement", "libelleVoieEtablissement",
    "complementAdresseEtablissement", "codePostalEtablissement", "libelleCommuneEtablissement",
    "libellePaysEtrangerEtablissement", "codeCommuneEtablissement", "activitePrincipaleEtablissement",
    "activitePrincipaleNAF25Etablissement", "trancheEffectifsEtablissement",
)  # fmt: skip
COLONNES_UNITES = (
    "siren", "dateDebut", "etatAdministratifUniteLegale", "statutDiffusionUniteLegale", "denominationUniteLegale",
    "categorieJuridiqueUniteLegale", "nicSiegeUniteLegale",
)  # fmt: skip


def nous(etablissements: Path, unites: Path) -> int:
    from apart.repertoire.actions import importer
    from apart.repertoire.progression import Lignes

    faite = importer(etablissements=etablissements, unites=unites, progression=Lignes(), forcer=True)
    return faite.fiches + faite.unites


def limite(etablissements: Path, unites: Path) -> int:
    with transaction.atomic(), connection.cursor() as curseur:
        lignes = 0
        for table, fichier, colonnes in (
            ("banc_unites", unites, COLONNES_UNITES),
            ("banc_fiches", etablissements, COLONNES_FICHES),
        ):
            curseur.execute(f"DROP TABLE IF EXISTS {table}")
            curseur.execute(f"CREATE TABLE {table} ({', '.join(f'c{n} text' for n, _ in enumerate(colonnes))})")
            cadre = pl.scan_csv(fichier, infer_schema=False).select(colonnes)
            with curseur.copy(f"COPY {table} FROM STDIN (FORMAT csv, FREEZE)") as copie:
                for lot in cadre.collect_batches(chunk_size=50_000):
                    tampon = io.BytesIO()
                    lot.write_csv(tampon, include_header=False)
                    copie.write(tampon.getbuffer())
                    lignes += lot.height
    return lignes


def main(mode: str, base: str, etablissements: str, unites: str) -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "apart.config.settings")
    settings.DATABASES["default"]["NAME"] = base
    django.setup()
    import_module("apart.repertoire.actions")  # hors mesure, pour les deux : démarrage et connexion
    connection.ensure_connection()
    mesure: Callable[[Path, Path], int] = {"nous": nous, "limite": limite}[mode]
    debut = time.perf_counter()
    lignes = mesure(Path(etablissements), Path(unites))
    secondes = time.perf_counter() - debut
    memoire = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024  # Kio sous Linux
    print(json.dumps({"lignes": lignes, "secondes": secondes, "memoire": memoire}))


if __name__ == "__main__":
    main(*sys.argv[1:])
