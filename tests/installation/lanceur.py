"""Lance la démonstration pour de bon, dans un dossier à elle, et voit tout ce qui en vient."""

from __future__ import annotations

import http.client
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Self

from tests.processus import environnement

APART = str(Path(sys.executable).with_name("apart"))
PATIENCE = 120.0  # secondes : les machines d'intégration sont lentes et partagées


def port_libre() -> int:
    with socket.socket() as prise:
        prise.bind(("127.0.0.1", 0))
        return int(prise.getsockname()[1])


def attendre(condition: object, quoi: str) -> None:
    assert callable(condition)
    limite = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < limite, f"toujours pas : {quoi}"
        time.sleep(0.1)


class Demo:
    def __init__(self, var: Path, port: int, **reglages: str) -> None:
        self.var, self.port = var, port
        self.sortie = (var.parent / f"sortie-{time.monotonic_ns()}").open("w+")
        self.processus = subprocess.Popen(
            [APART, "demo", "--port", str(port)],
            stdin=subprocess.DEVNULL,
            stdout=self.sortie,
            stderr=subprocess.STDOUT,
            env=environnement(APART_VAR=str(var), **reglages),
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *refus: object) -> None:
        if self.processus.poll() is None:
            self.processus.terminate()
        self.processus.wait(PATIENCE)
        self.sortie.close()

    @property
    def ecran(self) -> str:
        return Path(self.sortie.name).read_text()

    def attendre_prete(self) -> Self:
        phrase = f"Apart est prêt : http://127.0.0.1:{self.port}/\n"
        attendre(lambda: phrase in self.ecran or self.processus.poll() is not None, phrase)
        assert phrase in self.ecran, self.ecran
        return self

    def arreter(self, numero: signal.Signals) -> int:
        self.processus.send_signal(numero)
        return self.processus.wait(PATIENCE)

    def demander(self, chemin: str) -> tuple[int, str]:
        connexion = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            connexion.request("GET", chemin)
            reponse = connexion.getresponse()
            return reponse.status, reponse.read().decode()
        except OSError:
            return 0, ""
        finally:
            connexion.close()

    def partie(self, nom: str) -> int:
        """Le numéro du processus de cette commande, 0 s'il n'y en a pas."""
        return next(
            (
                numero
                for numero, texte in processus(self.var).items()
                if f" {nom} " in f"{texte} " and parent(numero) == self.processus.pid
            ),
            0,
        )


def parent(numero: int) -> int:
    try:
        return int(Path(f"/proc/{numero}/stat").read_text().rsplit(")", 1)[1].split()[1])
    except OSError:
        return 0


def processus(var: Path) -> dict[int, str]:
    """Tous les processus vivants de cette installation : ceux qui ont son APART_VAR, et son PostgreSQL."""
    trouves = {}
    for dossier in Path("/proc").iterdir():
        if not dossier.name.isdigit() or int(dossier.name) == os.getpid():
            continue
        try:
            texte = (dossier / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
            lie = f"APART_VAR={var}\0".encode() in (dossier / "environ").read_bytes() + b"\0"
        except OSError:
            continue
        if texte and (lie or str(var / "postgres") in texte):
            trouves[int(dossier.name)] = texte
    return trouves
