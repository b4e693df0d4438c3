"""Lire les fichiers stock de l'INSEE (CSV, CSV zippé, Parquet) par lots, en disant quelles lignes sont illisibles.

Un lot est un tableau de textes, une colonne par colonne demandée, plus « ligne » (son rang dans le fichier, pour le
rapport). La mémoire ne dépend pas de la taille du fichier.
"""

from __future__ import annotations

import csv
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

import polars as pl

OCTETS_PAR_BLOC = 8 << 20
LIGNES_PAR_LOT = 75_000
EXEMPLES_PAR_MOTIF = 5
# Parquet garde parfois ces codes en entiers : les zéros de tête reviennent à la lecture.
LARGEURS = {"siren": 9, "nic": 5, "siret": 14, "categorieJuridiqueUniteLegale": 4, "nicSiegeUniteLegale": 5}
LARGEURS |= dict.fromkeys(("codePostalEtablissement", "codeCommuneEtablissement", "codeCedexEtablissement"), 5)


ENTETE_LA_PLUS_LONGUE = 1 << 20  # octets : sans saut de ligne, tout le fichier en serait une
MAL_FINI = (
    "Les lignes de ce CSV ne finissent pas par un saut de ligne (LF), ou son en-tête ne se lit pas. Téléchargez le "
    "fichier de nouveau à l'INSEE, et donnez-le sans l'ouvrir dans un tableur."
)


class FichierIllisible(Exception):
    """Le fichier ne peut pas servir ; le message dit pourquoi et quoi faire."""


@dataclass
class Refus:
    """Ce qui n'a pas été gardé : nombre par motif, premiers exemples."""

    nombres: dict[str, int] = field(default_factory=dict)
    exemples: dict[str, list[str]] = field(default_factory=dict)

    def noter(self, motif: str, nombre: int, exemples: Sequence[str]) -> None:
        self.nombres[motif] = self.nombres.get(motif, 0) + nombre
        deja = self.exemples.setdefault(motif, [])
        deja.extend(exemples[: EXEMPLES_PAR_MOTIF - len(deja)])

    @property
    def total(self) -> int:
        return sum(self.nombres.values())


@dataclass
class Lot:
    cadre: pl.DataFrame
    avancement: int  # octets du CSV (ou lignes du Parquet) consommés par ce lot
    est_plat: bool = False  # sûrement ni tabulation, ni contre-oblique, ni saut de ligne dans les valeurs


class Source:
    """Un fichier stock ouvert : ses colonnes vérifiées, sa taille, ses lots."""

    def __init__(self, chemin: Path, colonnes: Sequence[str], facultatives: Sequence[str] = ()) -> None:
        self.chemin, self.colonnes = chemin, tuple(colonnes)
        self.refus = Refus()
        self.unite_de_mesure, self.taille = "o", 0
        with _traduire(chemin):
            with chemin.open("rb") as flux:
                signature = flux.read(4)
            self._est_parquet = signature == b"PAR1"
            self._est_zip = signature == b"PK\x03\x04"
            self._ouvrir()
        self.colonnes += tuple(c for c in facultatives if c in self._noms)

    def _ouvrir(self) -> None:
        if self._est_parquet:
            noms = pl.read_parquet_schema(self.chemin)
            self.unite_de_mesure = " lignes"
            self.taille = int(pl.scan_parquet(self.chemin).select(pl.len()).collect().item())
        else:
            with self._flux() as flux:
                noms = dict.fromkeys(_entete(flux.readline(ENTETE_LA_PLUS_LONGUE)), pl.String())
        self._noms = {nom.strip(): nom for nom in noms}
        manquantes = [c for c in self.colonnes if c not in self._noms]
        if manquantes:
            pluriel = "s" if len(manquantes) > 1 else ""
            raise FichierIllisible(
                f"Il manque {len(manquantes)} colonne{pluriel} à {self.chemin.name} : {', '.join(manquantes)}. "
                "Ce n'est pas le fichier stock attendu, ou il date d'un autre format."
            )

    @contextmanager
    def _flux(self) -> Iterator[IO[bytes]]:
        if not self._est_zip:
            self.taille = self.chemin.stat().st_size
            with self.chemin.open("rb") as flux:
                yield flux
            return
        with zipfile.ZipFile(self.chemin) as archive:
            membres = [m for m in archive.infolist() if m.filename.lower().endswith(".csv")]
            if len(membres) != 1:
                raise FichierIllisible(
                    f"{self.chemin.name} contient {len(membres)} fichiers CSV, il en faut exactement un."
                )
            self.taille = membres[0].file_size
            with archive.open(membres[0]) as flux:
                yield flux

    def lots(self) -> Iterator[Lot]:
        """Tout le fichier, lot après lot. Lève FichierIllisible si la suite est tronquée ou abîmée."""
        with _traduire(self.chemin):
            yield from self._lots_parquet() if self._est_parquet else self._lots_csv()

    def _lots_parquet(self) -> Iterator[Lot]:
        types = pl.read_parquet_schema(self.chemin)
        requete = pl.scan_parquet(self.chemin).select(
            _en_texte(nom, self._noms[nom], types[self._noms[nom]]) for nom in self.colonnes
        )
        rang = 1
        for cadre in requete.collect_batches(chunk_size=LIGNES_PAR_LOT, engine="streaming"):
            yield Lot(cadre.with_row_index("ligne", rang), cadre.height)
            rang += cadre.height

    def _lots_csv(self) -> Iterator[Lot]:
        rang = 2  # la ligne 1 est l'en-tête
        with self._flux() as flux:
            entete = len(flux.readline())
            for bloc in _blocs(flux, par_sauts=not self._est_zip):
                self._exiger_une_fin(bloc)
                cadre = self._lire_bloc(bloc)
                if cadre is None:
                    lignes, cadre = bloc.count(b"\n"), self._lire_lignes(bloc, rang)
                else:
                    lignes, cadre = cadre.height, cadre.with_row_index("ligne", rang)
                yield Lot(cadre, entete + len(bloc), _est_plat(bloc, lignes))
                rang, entete = rang + lignes, 0

    def _exiger_une_fin(self, bloc: bytes) -> None:
        """L'INSEE finit chaque ligne. Un fichier coupé l'est presque toujours au milieu d'une."""
        if not bloc.endswith(b"\n"):
            raise FichierIllisible(
                f"La dernière ligne de {self.chemin.name} n'est pas finie : le fichier est coupé. "
                "Téléchargez-le de nouveau."
            )

    def _lire_bloc(self, bloc: bytes) -> pl.DataFrame | None:
        """Le bloc d'un trait, ou None si une de ses lignes est suspecte : il faut alors les lire une à une."""
        if b"\0" in bloc:
            return None
        schema = dict.fromkeys(self._noms, pl.String())
        try:
            cadre = pl.scan_csv(bloc, has_header=False, schema=schema).select(self.colonnes).collect()
        except pl.exceptions.PolarsError:
            return None
        virgules = bloc.count(b",")
        if b'"' in bloc:
            virgules -= sum(entre.count(b",") for entre in bloc.split(b'"')[1::2])
        return cadre if virgules == cadre.height * (len(self._noms) - 1) else None

    def _lire_lignes(self, bloc: bytes, premiere: int) -> pl.DataFrame:
        """Ligne à ligne : garde les bonnes, note les autres. Une valeur n'a jamais de saut de ligne à l'INSEE."""
        rangs = [list(self._noms).index(c) for c in self.colonnes]
        bonnes: list[list[str | int | None]] = []
        for numero, brute in enumerate(bloc.split(b"\n")[:-1], premiere):
            valeurs = self._lire_ligne(brute, numero)
            if valeurs:
                bonnes.append([numero, *(valeurs[r] or None for r in rangs)])
        schema = {"ligne": pl.UInt32(), **dict.fromkeys(self.colonnes, pl.String())}
        return pl.DataFrame(bonnes, schema=schema, orient="row")

    def _lire_ligne(self, brute: bytes, numero: int) -> list[str]:
        """Les valeurs de la ligne ; rien si elle est blanche ou refusée."""
        try:
            texte = brute.decode()
            valeurs = next(csv.reader([texte], strict=True), [])
        except UnicodeDecodeError:
            self._refuser("texte qui n'est pas en UTF-8", numero, brute)
            return []
        except csv.Error:
            self._refuser("guillemets mal fermés", numero, brute)
            return []
        if not texte.strip():
            return []
        if len(valeurs) != len(self._noms) or "\0" in texte:
            self._refuser("ligne coupée ou nombre de colonnes faux", numero, brute)
            return []
        return valeurs

    def _refuser(self, motif: str, numero: int, brute: bytes) -> None:
        extrait = brute[:60].decode(errors="replace").replace("\0", "�")
        self.refus.noter(motif, 1, [f"ligne {numero} : {extrait}"])


@contextmanager
def _traduire(chemin: Path) -> Iterator[None]:
    """Les pannes de lecture deviennent des phrases."""
    try:
        yield
    except FileNotFoundError as erreur:
        raise FichierIllisible(f"Le fichier {chemin} n'existe pas.") from erreur
    except IsADirectoryError as erreur:
        raise FichierIllisible(f"{chemin} est un dossier : il faut un fichier.") from erreur
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError) as erreur:
        raise FichierIllisible(
            f"L'archive {chemin.name} est abîmée ou incomplète : téléchargez-la de nouveau."
        ) from erreur
    except pl.exceptions.PolarsError as erreur:
        raise FichierIllisible(
            f"Le fichier Parquet {chemin.name} est abîmé ou incomplet : téléchargez-le de nouveau."
        ) from erreur
    except OSError as erreur:
        raise FichierIllisible(f"Le fichier {chemin} ne peut pas être lu : {erreur.strerror or erreur}.") from erreur


def _entete(premiere: bytes) -> list[str]:
    try:
        texte = premiere.decode("utf-8-sig")
    except UnicodeDecodeError as erreur:
        raise FichierIllisible("Ce fichier n'est ni un CSV en UTF-8, ni un zip, ni un Parquet.") from erreur
    try:
        return [nom.strip() for nom in next(csv.reader([texte]), [])]
    except csv.Error as erreur:  # des fins de ligne sans saut (CR seul), un nom démesuré
        raise FichierIllisible(MAL_FINI) from erreur


def _blocs(flux: IO[bytes], par_sauts: bool) -> Iterator[bytes]:
    """Le flux par blocs de lignes entières, finies par un saut de ligne (sans retour chariot), sauf coupé."""
    lire = _lire_par_saut if par_sauts else _lire_a_la_suite
    while bloc := lire(flux):
        if b"\r" in bloc:
            bloc = bloc.replace(b"\r\n", b"\n")
        yield bloc


def _lire_a_la_suite(flux: IO[bytes]) -> bytes:
    return b"".join((flux.read(OCTETS_PAR_BLOC), flux.readline()))


def _lire_par_saut(flux: IO[bytes]) -> bytes:
    """Cherche d'abord où finit la ligne : le bloc est lu d'un trait, sans recopie."""
    debut = flux.tell()
    flux.seek(debut + OCTETS_PAR_BLOC)
    flux.readline()
    fin = flux.tell()
    flux.seek(debut)
    return flux.read(fin - debut)


def _est_plat(bloc: bytes, lignes: int) -> bool:
    """Ni tabulation, ni contre-oblique, ni saut de ligne entre guillemets : rien à échapper pour COPY."""
    if b"\\" in bloc or b"\t" in bloc or b"\r" in bloc:
        return False
    return b'"' not in bloc or bloc.count(b"\n") == lignes


def _en_texte(nom: str, dans_le_fichier: str, type_: pl.DataType) -> pl.Expr:
    colonne = pl.col(dans_le_fichier)
    texte = colonne.cast(pl.String)
    if type_.is_integer() and nom in LARGEURS:
        texte = texte.str.zfill(LARGEURS[nom])
    return texte.alias(nom)
