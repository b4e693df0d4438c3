"""Un clamd d'essai, sur une vraie prise : il lit INSTREAM comme le vrai, et répond ce que le test demande."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event, Thread

from apart.config.environnement import ServeurAntivirus
from tests.pieces.fabriques import EICAR

SAIN, INFECTE = b"stream: OK\0", b"stream: Win.Test.EICAR_HDB-1 FOUND\0"


@dataclass
class Clamd:
    """repondre : ce qu'il dit d'un contenu ; None : il se tait jusqu'à la fin du test."""

    serveur: ServeurAntivirus
    repondre: Callable[[bytes], bytes | None] = lambda lu: INFECTE if EICAR in lu else SAIN
    lus: list[bytes] = field(default_factory=list)
    fini: Event = field(default_factory=Event)

    def servir(self, ecoute: socket.socket) -> None:
        with suppress(OSError):  # la prise est fermée : le test est fini
            while True:
                client, _ = ecoute.accept()
                with client, suppress(OSError):
                    self._repondre(client)

    def _repondre(self, client: socket.socket) -> None:
        flux = client.makefile("rb")
        if self._ordre(flux.read) == b"zPING":
            reponse: bytes | None = b"PONG\0"
        else:
            self.lus.append(self._contenu(flux.read))
            reponse = self.repondre(self.lus[-1])
        if reponse is None:
            self.fini.wait(30)
        else:
            client.sendall(reponse)

    @staticmethod
    def _ordre(lire: Callable[[int], bytes]) -> bytes:
        ordre = b""
        while (octet := lire(1)) not in {b"\0", b""}:
            ordre += octet
        return ordre

    @staticmethod
    def _contenu(lire: Callable[[int], bytes]) -> bytes:
        lu = b""
        while longueur := int.from_bytes(lire(4)):
            lu += lire(longueur)
        return lu


@contextmanager
def clamd(prise: Path | None = None) -> Iterator[Clamd]:
    """Par le réseau de la machine, ou par une prise Unix."""
    ecoute = socket.socket(socket.AF_UNIX if prise else socket.AF_INET)
    ecoute.bind(str(prise) if prise else ("127.0.0.1", 0))
    ecoute.listen()
    port = 0 if prise else ecoute.getsockname()[1]
    faux = Clamd(ServeurAntivirus("127.0.0.1", port, str(prise or "")))
    fil = Thread(target=faux.servir, args=[ecoute], daemon=True)
    fil.start()
    try:
        yield faux
    finally:
        faux.fini.set()
        with suppress(OSError):
            ecoute.shutdown(socket.SHUT_RDWR)
        ecoute.close()
        fil.join(5)
