"""apart sirene importer | etat : le répertoire des établissements."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from django.utils.formats import date_format

from apart.repertoire import actions
from apart.repertoire.lecture import FichierIllisible
from apart.repertoire.models import Importation
from apart.repertoire.progression import adaptee


class Command(BaseCommand):
    help = "Importe le répertoire SIRENE (fichiers stock de l'INSEE) ou dit où il en est."

    def add_arguments(self, parser: ArgumentParser) -> None:
        verbes = parser.add_subparsers(dest="verbe", required=True, metavar="importer|etat")
        importer = verbes.add_parser("importer", help="remplace le répertoire, sans arrêter le site")
        importer.add_argument(
            "--etablissements", type=Path, metavar="FICHIER", help="StockEtablissement (CSV, zip, Parquet)"
        )
        importer.add_argument("--unites", type=Path, metavar="FICHIER", help="StockUniteLegale (CSV, zip, Parquet)")
        importer.add_argument("--echantillon", action="store_true", help="charge l'échantillon livré avec Apart")
        importer.add_argument("--forcer", action="store_true", help="accepte un répertoire plus petit de 5 %% ou plus")
        verbes.add_parser("etat", help="dernier import : fichiers, nombres, refus")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["verbe"] == "importer":
            self.importer(**options)
        derniere = Importation.objects.all().derniere()
        if derniere is None:
            self.stdout.write("Le répertoire est vide : apart sirene importer --echantillon le remplit pour essayer.")
            return
        self.decrire(derniere)

    def importer(self, **options: Any) -> None:
        etablissements, unites = options["etablissements"], options["unites"]
        if options["echantillon"]:
            etablissements = actions.ECHANTILLON / "StockEtablissement_echantillon.csv"
            unites = actions.ECHANTILLON / "StockUniteLegale_echantillon.csv"
        if etablissements is None or unites is None:
            raise CommandError("Il faut --etablissements FICHIER et --unites FICHIER, ou --echantillon.")
        try:
            actions.importer(
                etablissements=etablissements, unites=unites, progression=adaptee(), forcer=options["forcer"]
            )
        except (FichierIllisible, actions.ImportRefuse) as erreur:
            raise CommandError(str(erreur)) from erreur

    def decrire(self, derniere: Importation) -> None:
        self.stdout.write(f"Répertoire importé le {date_format(timezone.localtime(derniere.finie_le), 'j F Y à H:i')}")
        self.stdout.write(f"  {derniere.fiches} établissements ({derniere.fichier_etablissements})")
        self.stdout.write(f"  {derniere.unites} unités légales ({derniere.fichier_unites})")
        for refus in derniere.refus:
            self.stdout.write(f"  refusé dans {refus['fichier']} : {refus['nombre']} × {refus['motif']}")
            for exemple in refus["exemples"]:
                self.stdout.write(f"    {exemple}")
