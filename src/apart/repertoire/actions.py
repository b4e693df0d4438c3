"""Remplacer le répertoire par les fichiers stock de l'INSEE, pendant que le site tourne.

Tout tient dans une transaction : tables neuves, COPY, index, puis échange des noms sous un verrou bref. Tué à
n'importe quel moment, l'import n'a jamais eu lieu : PostgreSQL défait tout, il n'y a rien à nettoyer, et la commande
se relance telle quelle. Les lecteurs voient l'ancien répertoire jusqu'à l'échange, puis le neuf.
"""

from __future__ import annotations

import io
import time
from collections.abc import Callable, Generator, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias, TypeVar

import polars as pl
from django.db import DatabaseError, connection, models, transaction
from django.db.backends.utils import CursorWrapper
from django.utils import timezone
from psycopg import errors, sql

from apart.repertoire import mise_en_forme
from apart.repertoire.lecture import Refus, Source
from apart.repertoire.mise_en_forme import MiseEnForme
from apart.repertoire.models import Fiche, Importation, Unite
from apart.repertoire.progression import Progression
from apart.socle.models import journaliser

ECHANTILLON = Path(__file__).with_name("echantillon")
VERROU = 0x5172_E7E  # verrou consultatif : un import à la fois
PERTE_ADMISE = 0.05  # d'un mois à l'autre, le répertoire grandit ; au-delà, un fichier est sans doute coupé
ESSAIS_ECHANGE = 300
SUFFIXE = "_neuve"
ABSENTE_POUR_COPY = "\\N"
ECHAPPEMENTS = {"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"}

T = TypeVar("T")
_LotPret: TypeAlias = tuple[memoryview, int, int]  # texte pour COPY, lignes gardées, avancement dans le fichier


class ImportRefuse(Exception):
    """L'import n'a rien changé ; le message dit pourquoi et quoi faire."""


@dataclass(frozen=True)
class _Table:
    """Ce qu'il faut savoir d'une table pour la remplir et l'échanger."""

    modele: type[models.Model]
    mettre_en_forme: Callable[[pl.DataFrame], MiseEnForme]
    nom_du_numero: str

    @property
    def nom(self) -> str:
        return self.modele._meta.db_table

    @property
    def neuve(self) -> sql.Identifier:
        return sql.Identifier(self.nom + SUFFIXE)


TABLE_UNITES = _Table(Unite, mise_en_forme.unites, "siren")
TABLE_FICHES = _Table(Fiche, mise_en_forme.fiches, "siret")


def importer(*, etablissements: Path, unites: Path, progression: Progression, forcer: bool = False) -> Importation:
    """Remplace fiches et unités par le contenu des deux fichiers (CSV, CSV zippé ou Parquet).

    Lève FichierIllisible (fichier absent, abîmé, colonne manquante) ou ImportRefuse (autre import en cours, fichier
    vide, 5 % plus petit que le répertoire en place sans `forcer`) ; le répertoire en place est alors intact.
    """
    commencee_le = timezone.now()
    source_unites = Source(unites, mise_en_forme.COLONNES_UNITE)
    source_fiches = Source(
        etablissements, mise_en_forme.COLONNES_ETABLISSEMENT, mise_en_forme.COLONNES_ETABLISSEMENT_FACULTATIVES
    )
    with (
        _en_avance(_lots_prets(TABLE_UNITES, source_unites)) as lots_unites,
        _en_avance(_lots_prets(TABLE_FICHES, source_fiches)) as lots_fiches,
        transaction.atomic(),
        connection.cursor() as curseur,
    ):
        _preparer(curseur)
        nombre_unites = _charger(curseur, TABLE_UNITES, source_unites, lots_unites, progression)
        nombre_fiches = _charger(curseur, TABLE_FICHES, source_fiches, lots_fiches, progression)
        if not forcer:
            _verifier_taille(nombre_fiches, nombre_unites)
        _echanger(curseur, progression)
        importation = Importation.objects.create(
            commencee_le=commencee_le,
            finie_le=timezone.now(),
            fichier_etablissements=etablissements.name,
            fichier_unites=unites.name,
            fiches=nombre_fiches,
            unites=nombre_unites,
            refus=_rapport(source_fiches, source_unites),
        )
        journaliser("sirene_importer", sujet=importation.sujet, fiches=nombre_fiches, unites=nombre_unites)
    progression.finir()
    return importation


def _preparer(curseur: CursorWrapper) -> None:
    curseur.execute("SELECT pg_try_advisory_xact_lock(%s)", [VERROU])
    if not curseur.fetchone()[0]:
        raise ImportRefuse("Un autre import du répertoire est en cours. Attendez qu'il finisse, puis recommencez.")
    # Le serveur remarque en deux secondes un import tué, même pendant la pose d'un index.
    try:
        with transaction.atomic():
            curseur.execute("SET LOCAL client_connection_check_interval = '2s'")
    except DatabaseError:  # système sans cette surveillance : le serveur le remarquera à la fin de l'ordre en cours
        pass
    curseur.execute("SET LOCAL statement_timeout = 0")
    curseur.execute("SET LOCAL idle_in_transaction_session_timeout = 0")
    curseur.execute("SET LOCAL maintenance_work_mem = '256MB'")


def _charger(
    curseur: CursorWrapper, table: _Table, source: Source, lots: Iterator[_LotPret], progression: Progression
) -> int:
    """Remplit une table neuve, pose sa clé primaire, rend le nombre de lignes gardées."""
    progression.etape(f"Lecture de {source.chemin.name}", source.taille, source.unite_de_mesure)
    colonnes = [c.column or c.name for c in table.modele._meta.concrete_fields]
    curseur.execute(
        sql.SQL("CREATE TABLE {} (LIKE {} INCLUDING ALL EXCLUDING INDEXES)").format(
            table.neuve, sql.Identifier(table.nom)
        )
    )
    ordre = sql.SQL("COPY {} ({}) FROM STDIN (FREEZE)").format(
        table.neuve, sql.SQL(",").join(sql.Identifier(nom) for nom in colonnes)
    )
    nombre = 0
    with curseur.copy(ordre) as copie:
        for tampon, lignes, avancement in lots:
            copie.write(tampon)
            nombre += lignes
            progression.avancer(avancement)
    progression.etape(f"Index et statistiques de {table.nom}")
    return nombre - _poser_la_cle(curseur, table, source.refus)


def _lots_prets(table: _Table, source: Source) -> Iterator[_LotPret]:
    """Chaque lot du fichier, mis en forme et écrit comme COPY le lit."""
    with _en_avance(source.lots()) as lots:
        for lot in lots:
            resultat = table.mettre_en_forme(lot.cadre)
            for ligne, numero, motif in resultat.refusees.iter_rows():
                source.refus.noter(motif, 1, [f"ligne {ligne} : {numero or '(vide)'}"])
            yield _en_texte(resultat.gardees, lot.est_plat), resultat.gardees.height, lot.avancement


def _en_texte(cadre: pl.DataFrame, est_plat: bool) -> memoryview:
    """Le tableau au format texte de COPY : plus rapide que le CSV, à écrire comme à lire."""
    if not est_plat:
        cadre = cadre.with_columns(pl.col(pl.String).str.replace_many(ECHAPPEMENTS))
    date = pl.col(pl.Date)
    cadre = cadre.with_columns(
        pl.col(pl.Boolean).cast(pl.UInt8),
        pl.when(date.is_not_null()).then(date.cast(pl.String)).otherwise(pl.lit(ABSENTE_POUR_COPY)),
    )
    tampon = io.BytesIO()
    cadre.write_csv(tampon, include_header=False, separator="\t", quote_style="never")
    return tampon.getbuffer()


@contextmanager
def _en_avance(suite: Iterator[T]) -> Generator[Iterator[T], None, None]:
    """La même suite, préparée d'un cran d'avance par un fil : lire, mettre en forme et copier se recouvrent.

    Le premier cran se prépare dès l'entrée : les établissements, pendant que les unités se copient et s'indexent.
    """
    with ThreadPoolExecutor(max_workers=1) as fil:
        premier = fil.submit(next, suite, None)

        def elements() -> Iterator[T]:
            suivant = premier
            while (element := suivant.result()) is not None:
                suivant = fil.submit(next, suite, None)
                yield element

        yield elements()


def _poser_la_cle(curseur: CursorWrapper, table: _Table, refus: Refus) -> int:
    """Clé primaire de la table neuve. Des doublons, garde la première ligne ; rend le nombre de lignes retirées."""
    poser = sql.SQL("ALTER TABLE {} ADD CONSTRAINT {} PRIMARY KEY ({})").format(
        table.neuve, sql.Identifier(f"{table.nom}{SUFFIXE}_pkey"), sql.Identifier(table.nom_du_numero)
    )
    doublons: list[str] = []
    try:
        with transaction.atomic():
            curseur.execute(poser)
    except DatabaseError as erreur:
        if not isinstance(erreur.__cause__, errors.UniqueViolation):
            raise
        doublons = _retirer_les_doublons(curseur, table)
        refus.noter(f"{table.nom_du_numero.upper()} en double", len(doublons), doublons)
        curseur.execute(poser)
    curseur.execute("SET LOCAL default_statistics_target = 10")  # tables lues par leur clé : un petit relevé suffit
    curseur.execute(sql.SQL("ANALYZE {}").format(table.neuve))
    return len(doublons)


def _retirer_les_doublons(curseur: CursorWrapper, table: _Table) -> list[str]:
    curseur.execute(
        sql.SQL(
            "WITH doubles AS (SELECT {numero}, min(ctid) AS garde FROM {neuve} GROUP BY 1 HAVING count(*) > 1) "
            "DELETE FROM {neuve} USING doubles WHERE {neuve}.{numero} = doubles.{numero} "
            "AND {neuve}.ctid <> doubles.garde RETURNING {neuve}.{numero}"
        ).format(neuve=table.neuve, numero=sql.Identifier(table.nom_du_numero))
    )
    chiffres = 14 if table is TABLE_FICHES else 9
    return [f"{numero:0{chiffres}d}, première ligne gardée" for (numero,) in curseur.fetchall()]


def _verifier_taille(fiches: int, unites: int) -> None:
    if not fiches or not unites:
        vide = "établissements" if not fiches else "unités légales"
        raise ImportRefuse(f"Le fichier des {vide} ne contient aucune ligne lisible : rien n'a été changé.")
    derniere = Importation.objects.all().derniere()
    if derniere is None:
        return
    for mot, neuf, avant in (("établissements", fiches, derniere.fiches), ("unités", unites, derniere.unites)):
        if neuf <= avant * (1 - PERTE_ADMISE):
            raise ImportRefuse(
                f"Le nouveau fichier n'apporte que {neuf} {mot} ; le répertoire en place en a {avant}. "
                "Rien n'a été changé. Si c'est voulu, relancez avec --forcer."
            )


def _echanger(curseur: CursorWrapper, progression: Progression) -> None:
    """Les tables neuves prennent le nom des anciennes, en une fois pour tous les lecteurs."""
    progression.etape("Mise en service")
    _verrouiller(curseur, progression)
    for table in (TABLE_FICHES, TABLE_UNITES):
        nom = sql.Identifier(table.nom)
        cle = sql.Identifier(f"{table.nom}_pkey")
        neuve = sql.Identifier(f"{table.nom}{SUFFIXE}_pkey")
        curseur.execute(sql.SQL("DROP TABLE {}").format(nom))
        curseur.execute(sql.SQL("ALTER TABLE {} RENAME TO {}").format(table.neuve, nom))
        curseur.execute(sql.SQL("ALTER INDEX {} RENAME TO {}").format(neuve, cle))


def _verrouiller(curseur: CursorWrapper, progression: Progression) -> None:
    """Verrou d'échange, par essais brefs : les lecteurs n'attendent jamais plus d'une demi-seconde derrière nous.

    Fiches d'abord : c'est l'ordre où `trouver` les lit, donc pas d'étreinte fatale.
    """
    for _ in range(ESSAIS_ECHANGE):
        try:
            with transaction.atomic():
                curseur.execute("SET LOCAL lock_timeout = '500ms'")
                curseur.execute(
                    sql.SQL("LOCK TABLE {}, {} IN ACCESS EXCLUSIVE MODE").format(
                        sql.Identifier(TABLE_FICHES.nom), sql.Identifier(TABLE_UNITES.nom)
                    )
                )
                return
        except DatabaseError as erreur:
            if not isinstance(erreur.__cause__, errors.LockNotAvailable):
                raise
        progression.etape("Mise en service : le répertoire est en cours de lecture, nouvel essai")
        time.sleep(1)
    raise ImportRefuse(
        "Le répertoire est resté occupé trop longtemps (une sauvegarde en cours ?). Rien n'a été changé : "
        "relancez l'import."
    )


def _rapport(*sources: Source) -> list[dict[str, Any]]:
    return [
        {"fichier": s.chemin.name, "motif": motif, "nombre": nombre, "exemples": s.refus.exemples[motif]}
        for s in sources
        for motif, nombre in sorted(s.refus.nombres.items())
    ]
