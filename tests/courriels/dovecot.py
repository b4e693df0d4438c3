"""Un vrai Dovecot sur la boucle locale, avec sa configuration et sa boîte à lui : l'IMAP que lisent les rebonds."""

from __future__ import annotations

import getpass
import mailbox
import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from apart.config.environnement import BoiteImap
from tests.boite import port_libre
from tests.processus import environnement

UTILISATEUR, SECRET = "rebonds", "un secret à accent"
PROGRAMME = shutil.which("dovecot", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin")
DEMARRAGE = 20.0  # secondes
CONFIGURATION = """\
protocols = imap
base_dir = {lieu}/run
state_dir = {lieu}/etat
log_path = {lieu}/journal
listen = 127.0.0.1
disable_plaintext_auth = no
auth_mechanisms = plain
default_login_user = {connexion}
default_internal_user = {interne}
default_internal_group = {interne}
mail_location = maildir:{lieu}/boite
first_valid_uid = 0
first_valid_gid = 0
ssl = {ssl}
{certificat}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {clair}
  }}
  inet_listener imaps {{
    port = {chiffre}
  }}
}}
service anvil {{
  chroot =
}}
service stats {{
  chroot =
}}
passdb {{
  driver = passwd-file
  args = scheme=PLAIN {lieu}/mots-de-passe
}}
userdb {{
  driver = static
  args = uid={proprietaire} gid={groupe} home={lieu}/maison
}}
"""


@dataclass(frozen=True)
class Dovecot:
    lieu: Path
    port: int
    est_chiffre: bool
    processus: subprocess.Popen[bytes]

    @property
    def reglage(self) -> BoiteImap:
        return BoiteImap("127.0.0.1", self.port, UTILISATEUR, SECRET, "INBOX", self.est_chiffre, 10.0)

    @property
    def boite(self) -> mailbox.Maildir:
        return mailbox.Maildir(self.lieu / "boite", create=False)

    def deposer(self, contenu: bytes) -> None:
        cle = self.boite.add(contenu)
        (trouve,) = (f for f in (self.lieu / "boite" / "new").iterdir() if f.name.startswith(cle))
        shutil.chown(trouve, *_proprietaire(self.lieu / "boite"))

    def marques(self) -> list[str]:
        """Les drapeaux de chaque message qui reste, dans l'ordre de leur arrivée."""
        return [self.boite[cle].get_flags() for cle in sorted(self.boite.keys())]

    def arreter(self) -> None:
        self.processus.terminate()
        self.processus.wait(timeout=DEMARRAGE)


def _proprietaire(chemin: Path) -> tuple[int, int]:
    return chemin.stat().st_uid, chemin.stat().st_gid


@contextmanager
def ouvrir_dovecot(certificat: Path | None = None) -> Iterator[Dovecot]:
    """certificat : clé et certificat d'un serveur chiffré d'emblée ; sans lui, en clair."""
    assert PROGRAMME
    lieu = Path(tempfile.mkdtemp(prefix="dovecot-"))  # pas sous tmp_path : ses comptes à lui doivent y passer
    port = port_libre()
    try:
        _preparer(lieu, port, certificat)
        processus = subprocess.Popen([PROGRAMME, "-F", "-c", str(lieu / "dovecot.conf")], env=environnement())
        dovecot = Dovecot(lieu, port, certificat is not None, processus)
        try:
            _attendre(dovecot)
            yield dovecot
        finally:
            if processus.poll() is None:
                dovecot.arreter()
    finally:
        shutil.rmtree(lieu)


def _preparer(lieu: Path, port: int, certificat: Path | None) -> None:
    """Sous root, Dovecot exige les comptes de son paquet ; ailleurs, tout est à qui le lance."""
    lieu.chmod(0o755)
    est_root, moi = os.geteuid() == 0, getpass.getuser()
    connexion, interne = ("dovenull", "dovecot") if est_root else (moi, moi)
    for dossier in ("boite/new", "boite/cur", "boite/tmp", "maison"):
        (lieu / dossier).mkdir(parents=True)
    if est_root:
        for chemin in (lieu / "boite", *(lieu / "boite").iterdir(), lieu / "maison"):
            shutil.chown(chemin, connexion, connexion)
    (lieu / "mots-de-passe").write_text(f"{UTILISATEUR}:{SECRET}\n")
    uid, gid = _proprietaire(lieu / "boite")
    if certificat:
        shutil.copy(certificat, lieu / "tls.pem")
    texte = CONFIGURATION.format(
        lieu=lieu,
        connexion=connexion,
        interne=interne,
        proprietaire=uid,
        groupe=gid,
        ssl="required" if certificat else "no",
        certificat=f"ssl_cert = <{lieu}/tls.pem\nssl_key = <{lieu}/tls.pem" if certificat else "",
        clair=0 if certificat else port,
        chiffre=port if certificat else 0,
    )
    (lieu / "dovecot.conf").write_text(texte)


def _attendre(dovecot: Dovecot) -> None:
    fin = time.monotonic() + DEMARRAGE
    while time.monotonic() < fin and dovecot.processus.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", dovecot.port), timeout=1).close()
        except OSError:
            time.sleep(0.05)  # Dovecot ne dit pas qu'il écoute : on y frappe
        else:
            return
    journal = dovecot.lieu / "journal"
    raise TimeoutError(f"Dovecot n'a pas démarré : {journal.read_text() if journal.exists() else 'sans un mot'}")
