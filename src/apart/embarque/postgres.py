"""Le PostgreSQL qu'Apart démarre lui-même quand DATABASE_URL est absente.

Son dossier (VAR/postgres) contient « donnees », « prise » et « journal ». Sous root, quand le compte qui porte le
serveur n'atteint pas VAR, ce dossier est un lien vers /var/lib/apart/…, que ce compte atteint.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import re
import secrets
import shlex
import shutil
import signal
import stat
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import psycopg
from psycopg import sql

from apart.embarque.programmes import (
    Compte,
    PostgresIndisponible,
    accessibles,
    atteint,
    compte_du_serveur,
    lancer,
    nom_du_compte,
    trouver,
)

UTILISATEUR = BASE = "apart"  # il possède tout
ROLE_DU_SITE = "apart_site"  # celui des pages et du travailleur (socle.droits)
PORT = 5432  # n'ouvre aucun port : il entre dans le nom de la prise Unix
ABRI_SOUS_ROOT = Path("/var/lib/apart")
CHEMIN_DE_PRISE_MAXI = 107  # octets, limite du noyau
PATIENCE = 30.0  # secondes : un serveur tué garde son verrou tant que le système ne l'a pas ramassé
PID_IMPOSSIBLE = 2**22 + 1  # au-delà du plus grand numéro de processus de Linux


def prise(dossier: Path) -> Path:
    """Où est la prise Unix : dans le dossier, ou ailleurs si ce chemin est trop long pour le noyau."""
    ordinaire = dossier / "prise"
    if len(os.fsencode(ordinaire / f".s.PGSQL.{PORT}")) <= CHEMIN_DE_PRISE_MAXI:
        return ordinaire
    empreinte = hashlib.sha256(os.fsencode(dossier)).hexdigest()[:16]
    return Path(f"/tmp/apart-{empreinte}")  # noqa: S108  # créé en 0700 et vérifié par creer_dossier_prive


def reglages(dossier: Path, utilisateur: str = UTILISATEUR) -> dict[str, object]:
    """La base embarquée, pour DATABASES ; pas par une adresse, qui perdrait les majuscules du chemin."""
    return {
        "ENGINE": "django.db.backends.postgresql",
        "HOST": str(prise(dossier)),
        "PORT": PORT,
        "USER": utilisateur,
        "NAME": BASE,
        "OPTIONS": {},
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
    }


@contextmanager
def usage(dossier: Path) -> Iterator[None]:
    """La base répond le temps du bloc ; le dernier usager qui s'en va l'arrête.

    Un usager tué ne compte plus : le noyau rend son verrou. Lève PostgresIndisponible.
    """
    with fichier_verrou(dossier, "usagers") as usagers:
        fcntl.flock(usagers, fcntl.LOCK_SH)
        demarrer(dossier)
        processus = os.getpid()
        try:
            yield
        finally:
            if os.getpid() == processus and est_le_dernier(usagers):  # jamais depuis une copie faite par fork
                arreter(dossier)


def est_le_dernier(usagers: IO[bytes]) -> bool:
    try:
        fcntl.flock(usagers, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def fichier_verrou(dossier: Path, nom: str) -> IO[bytes]:
    """Ouvre un verrou à côté du dossier : il existe avant lui."""
    try:
        dossier.parent.mkdir(parents=True, exist_ok=True)
        return dossier.with_name(f"{dossier.name}.{nom}").open("ab")
    except OSError as erreur:
        raise PostgresIndisponible(
            f"Apart ne peut pas écrire dans {dossier.parent} ({erreur.strerror}). Lancez-le sous le compte à qui est "
            "ce dossier, ou choisissez-en un autre par APART_VAR."
        ) from erreur


def demarrer(dossier: Path) -> None:
    """Démarre le serveur s'il ne répond pas déjà, et crée ses données la première fois.

    Plusieurs processus peuvent l'appeler ensemble : un seul travaille. Lève PostgresIndisponible.
    """
    with fichier_verrou(dossier, "demarrage") as verrou:
        fcntl.flock(verrou, fcntl.LOCK_EX)
        if not repond(dossier, BASE):
            serveur = preparer(dossier)
            serveur.initialiser()
            serveur.lancer()
            creer_base(dossier)
        creer_le_role_du_site(dossier)


def repond(dossier: Path, base: str) -> bool:
    try:
        connecter(dossier, base).close()
    except psycopg.OperationalError:
        return False
    return True


def connecter(dossier: Path, base: str) -> psycopg.Connection:
    return psycopg.connect(
        host=str(prise(dossier)), port=PORT, user=UTILISATEUR, dbname=base, connect_timeout=5, autocommit=True
    )


def creer_base(dossier: Path) -> None:
    """La base d'Apart, vide : les migrations y mettent tout, extensions comprises, comme dans une base externe."""
    with connecter(dossier, "postgres") as connexion:
        if connexion.execute("SELECT FROM pg_database WHERE datname = %s", [BASE]).fetchone() is None:
            connexion.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(BASE)))


def creer_le_role_du_site(dossier: Path) -> None:
    """Sans droit par lui-même : ceux qu'il a viennent de socle.droits."""
    with connecter(dossier, "postgres") as connexion:
        if connexion.execute("SELECT FROM pg_roles WHERE rolname = %s", [ROLE_DU_SITE]).fetchone() is None:
            connexion.execute(sql.SQL("CREATE ROLE {} LOGIN").format(sql.Identifier(ROLE_DU_SITE)))


@dataclass(frozen=True)
class Serveur:
    dossier: Path  # le vrai, lien suivi
    prise: Path
    programmes: Path
    compte: Compte | None

    @property
    def donnees(self) -> Path:
        return self.dossier / "donnees"

    def initialiser(self) -> None:
        """Crée les données à côté puis les renomme : une création tuée à mi-chemin recommence à neuf."""
        if (self.donnees / "PG_VERSION").exists():
            return
        neuf = self.dossier / "donnees.neuf"
        shutil.rmtree(neuf, ignore_errors=True)
        code, texte = lancer(
            self.compte,
            *(self.programmes / "initdb", "-D", neuf, "-U", UTILISATEUR, "-A", "trust", "-E", "UTF8"),
            *("--locale=C.UTF-8", "--data-checksums", "--no-instructions"),
        )
        if code != 0:
            raise PostgresIndisponible(f"PostgreSQL n'a pas pu créer ses données dans {self.dossier} : {texte}")
        neuf.rename(self.donnees)

    def lancer(self) -> None:
        options = f"-k {shlex.quote(str(self.prise))} -c listen_addresses= -c port={PORT}"
        journal = self.dossier / "journal"
        limite = time.monotonic() + PATIENCE
        while True:
            liberer_verrous_perimes(self.donnees, self.prise)
            code, texte = lancer(
                self.compte,
                *(self.programmes / "pg_ctl", "-D", self.donnees, "-l", journal, "-w", "-t", "60", "-s"),
                *("-o", options, "start"),
            )
            if code == 0 or repond(self.dossier, "postgres"):
                return
            if time.monotonic() > limite:
                raise PostgresIndisponible(
                    f"PostgreSQL ne démarre pas ({texte}). Les dernières lignes de {journal} :\n{fin(journal)}"
                )
            time.sleep(0.3)


def fin(journal: Path, lignes: int = 8) -> str:
    if not journal.exists():
        return "(vide)"
    return "\n".join(journal.read_text(errors="replace").splitlines()[-lignes:])


def preparer(dossier: Path) -> Serveur:
    """Choisit le compte, les programmes et les dossiers, et les crée au besoin."""
    compte = compte_du_serveur(dossier / "donnees")
    version = dossier / "donnees" / "PG_VERSION"
    programmes = trouver(int(version.read_text()) if os.access(version, os.R_OK) else None)
    vrai = creer_dossier(dossier, compte)
    ordinaire = prise(dossier) == dossier / "prise"
    la_prise = vrai / "prise" if ordinaire else prise(dossier)
    creer_dossier_prive(la_prise, compte)
    return Serveur(vrai, la_prise, accessibles(programmes, compte, vrai), compte)


def creer_dossier(dossier: Path, compte: Compte | None) -> Path:
    """Le dossier où travaille le serveur : celui demandé, ou un abri si son compte ne peut pas l'atteindre."""
    if dossier.is_symlink() and not dossier.exists():
        raise PostgresIndisponible(
            f"Les données de la base étaient dans {dossier.readlink()}, qui a disparu. Remettez ce dossier en place, "
            f"ou supprimez le lien {dossier} pour repartir d'une base vide."
        )
    if not dossier.exists():
        if compte is None or atteint(compte, dossier.parent):
            creer_dossier_prive(dossier, compte)
        else:
            dossier.symlink_to(creer_abri(dossier, compte))
    vrai = dossier.resolve()
    if not (os.access(vrai, os.W_OK | os.X_OK) if compte is None else atteint(compte, vrai)):
        raise PostgresIndisponible(phrase_inaccessible(vrai, compte))
    return vrai


def phrase_inaccessible(dossier: Path, compte: Compte | None) -> str:
    if compte is None:
        proprietaire = nom_du_compte(dossier.stat().st_uid)
        return (
            f"La base de {dossier} appartient au compte « {proprietaire} ». Lancez Apart sous le compte qui l'a créée "
            "ou choisissez un autre dossier par APART_VAR."
        )
    return (
        f"PostgreSQL tourne sous le compte « {compte.nom} », qui ne peut plus atteindre {dossier}. Rendez "
        "ses dossiers parents traversables (chmod o+x), ou déplacez l'ensemble là où ce compte peut aller."
    )


def creer_abri(dossier: Path, compte: Compte) -> Path:
    """Un dossier neuf sous /var/lib/apart, au nom du clone ; tiré au sort, pour qu'un clone refait reparte à neuf."""
    ABRI_SOUS_ROOT.mkdir(mode=0o755, parents=True, exist_ok=True)
    ABRI_SOUS_ROOT.chmod(0o755)
    nom = re.sub(r"[^a-z0-9]+", "-", dossier.parent.parent.name.lower())[:30]
    abri = ABRI_SOUS_ROOT / f"{nom}-{secrets.token_hex(4)}"
    creer_dossier_prive(abri, compte)
    if not atteint(compte, abri):
        raise PostgresIndisponible(
            f"PostgreSQL doit tourner sous le compte « {compte.nom} », qui n'atteint ni {dossier.parent} ni {abri}. "
            "Lancez Apart sous un compte ordinaire, ou indiquez une base par DATABASE_URL."
        )
    sys.stderr.write(
        f"PostgreSQL refuse root et tourne sous le compte « {compte.nom} », qui n'atteint pas {dossier.parent} : ses "
        f"données sont dans {abri}.\n"
    )
    return abri


def creer_dossier_prive(dossier: Path, compte: Compte | None) -> None:
    """Crée un dossier 0700 au compte du serveur ; refuse celui qu'un autre aurait préparé à sa place."""
    try:
        dossier.mkdir(mode=0o700)
    except FileExistsError:
        etat = dossier.lstat()
        if not stat.S_ISDIR(etat.st_mode) or etat.st_uid not in {os.geteuid(), compte.uid if compte else os.geteuid()}:
            raise PostgresIndisponible(
                f"{dossier} existe déjà et n'est pas à nous : supprimez-le, ou choisissez un autre dossier par "
                "APART_VAR."
            ) from None
        dossier.chmod(0o700)
    if compte is not None:
        os.chown(dossier, compte.uid, compte.gid)


def arreter(dossier: Path) -> None:
    """Arrête le serveur et attend qu'il ait fini ; sans effet s'il ne tourne pas."""
    donnees = dossier.resolve() / "donnees"
    verrou = donnees / "postmaster.pid"
    for signal_d_arret in (signal.SIGINT, signal.SIGQUIT):  # rapide, puis immédiat : le journal rejoue au besoin
        pid = numero(verrou)
        if pid is None or not est_le_serveur(pid, donnees):
            return
        os.kill(pid, signal_d_arret)
        limite = time.monotonic() + PATIENCE
        while est_le_serveur(pid, donnees) and time.monotonic() < limite:  # il rend son verrou un peu avant sa fin
            time.sleep(0.02)


def numero(verrou: Path) -> int | None:
    """Le numéro de processus écrit par le serveur dans un de ses verrous, s'il existe."""
    try:
        premiere = verrou.read_text().splitlines()[0]
    except (OSError, IndexError):
        return None
    return int(premiere) if premiere.isdigit() else None


def est_le_serveur(pid: int, donnees: Path) -> bool:
    """Ce numéro est-il celui de notre serveur, vivant ? Ni un mort non ramassé, ni un autre programme venu après."""
    if not Path("/proc/self/stat").exists():  # macOS
        return lancer(None, "/bin/kill", "-0", str(pid))[0] == 0
    try:
        etat = Path(f"/proc/{pid}/stat").read_text()
        nom, suite = etat[etat.index("(") + 1 :].rsplit(")", 1)
        if nom != "postgres" or suite.split()[0] in {"Z", "X"}:
            return False
        return Path(f"/proc/{pid}/cwd").readlink() == donnees
    except PermissionError:  # conteneur sans droit de regard : le nom suffira
        return True
    except OSError:
        return False


def liberer_verrous_perimes(donnees: Path, prise: Path) -> None:
    """Après un kill -9, PostgreSQL croit vivant tout processus qui porte son ancien numéro, même mort non ramassé.

    On remplace ce numéro sans effacer les verrous : PostgreSQL y lit encore sa mémoire partagée, et attend ainsi que
    les derniers processus de l'ancien serveur aient fini d'écrire.
    """
    for verrou in (donnees / "postmaster.pid", prise / f".s.PGSQL.{PORT}.lock"):
        pid = numero(verrou)
        if pid is None or est_le_serveur(pid, donnees):
            continue
        suite = verrou.read_text().partition("\n")[2]
        with verrou.open("r+") as fichier:  # même fichier : son propriétaire et ses droits restent
            fichier.write(f"{PID_IMPOSSIBLE}\n{suite}")
            fichier.truncate()
