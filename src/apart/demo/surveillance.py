"""Tenir plusieurs processus en marche, et n'en laisser aucun derrière soi."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from apart.socle.processus import PARENT

REPRISE_MINI, REPRISE_MAXI = 0.5, 30.0  # secondes d'attente avant de relancer une partie qui s'arrête
STABLE_APRES = 20.0  # secondes de marche au bout desquelles l'attente revient au minimum
PATIENCE_A_L_ARRET = 25.0


class Partie:
    """Un processus « apart … », en marche dès sa création, et son journal."""

    def __init__(self, nom: str, arguments: list[str], *, journal: Path, environnement: dict[str, str]) -> None:
        self.nom, self.arguments, self.journal, self.environnement = nom, arguments, journal, environnement
        self.attente = REPRISE_MINI
        journal.parent.mkdir(parents=True, exist_ok=True)
        self.processus = self.lancer()

    @property
    def en_marche(self) -> bool:
        return self.processus.poll() is None

    def lancer(self) -> subprocess.Popen[bytes]:
        self.lancee_a = time.monotonic()
        with self.journal.open("ab") as journal:
            return subprocess.Popen(  # noqa: S603  # notre propre commande
                commande(*self.arguments),
                stdin=subprocess.DEVNULL,
                stdout=journal,
                stderr=journal,
                env=self.environnement,
                start_new_session=True,  # Ctrl-C ne s'adresse qu'au surveillant, qui arrête dans l'ordre
            )

    def tuer(self) -> None:
        """Le processus et ceux qu'il a lancés, sans délai."""
        with suppress(ProcessLookupError):
            os.killpg(self.processus.pid, signal.SIGKILL)

    def relancer(self) -> None:
        self.tuer()  # ce qu'il aurait laissé tiendrait son port
        self.attente = min(self.attente * 2, REPRISE_MAXI)
        self.processus = self.lancer()


def commande(*arguments: str) -> list[str]:
    return [sys.executable, "-P", "-m", "apart.config.commande", *arguments]


class Surveillant:
    def __init__(self, environnement: dict[str, str], *, journaux: Path, dire: Callable[[str], object]) -> None:
        self.environnement = {**environnement, PARENT: str(os.getpid())}
        self.journaux = journaux
        self.dire = dire
        self.parties: list[Partie] = []

    def demarrer(self, nom: str, *arguments: str) -> Partie:
        journal = self.journaux / f"{arguments[0]}.log"
        partie = Partie(nom, list(arguments), journal=journal, environnement=self.environnement)
        self.parties.append(partie)
        return partie

    def veiller(self) -> None:
        """Relance ce qui s'est arrêté ; de moins en moins souvent ce qui ne tient pas."""
        for partie in self.parties:
            age = time.monotonic() - partie.lancee_a
            if age > STABLE_APRES:
                partie.attente = REPRISE_MINI
            if partie.en_marche or age < partie.attente:
                continue
            code = partie.processus.returncode
            self.dire(f"{partie.nom} ne tourne plus (code {code}) : on relance. Son journal : {partie.journal}")
            partie.relancer()

    def arreter(self) -> None:
        """Demande à chacun de finir, dans l'ordre inverse du démarrage, puis n'attend plus."""
        for partie in reversed(self.parties):
            if partie.en_marche:
                partie.processus.terminate()
        limite = time.monotonic() + PATIENCE_A_L_ARRET
        for partie in reversed(self.parties):
            while partie.en_marche and time.monotonic() < limite:
                time.sleep(0.05)
            partie.tuer()
            partie.processus.wait()
