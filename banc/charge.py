"""Un générateur de charge aussi mince que possible : il partage les cœurs avec le serveur qu'il mesure."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from urllib.parse import urlencode

CONNEXIONS = 4
JETON = "a" * 32  # Django accepte le secret CSRF nu, dans le cookie comme dans le formulaire


@dataclass(frozen=True)
class Envoi:
    """Un formulaire à poster."""

    chemin: str
    champs: dict[str, str]
    cookie_csrf: str
    adresse: str  # celle du visiteur, vue à travers un mandataire

    def octets(self) -> bytes:
        corps = urlencode({**self.champs, "csrfmiddlewaretoken": JETON})
        lignes = (
            f"POST {self.chemin} HTTP/1.1",
            "Host: 127.0.0.1",
            f"Cookie: {self.cookie_csrf}={JETON}",
            f"X-Forwarded-For: {self.adresse}",
            "Content-Type: application/x-www-form-urlencoded",
            f"Content-Length: {len(corps)}",
        )
        return ("\r\n".join(lignes) + "\r\n\r\n" + corps).encode()


@dataclass
class File:
    """Les envois restants, partagés entre les connexions."""

    restants: Iterator[bytes]
    verrou: threading.Lock = field(default_factory=threading.Lock)

    def suivant(self) -> bytes | None:
        with self.verrou:
            return next(self.restants, None)


def lire(port: int, chemin: str, fois: int) -> float:
    """Demande la même page, autant de fois ; rend le nombre par seconde. Chaque réponse est un 200."""
    return _envoyer(port, [f"GET {chemin} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".encode()] * fois, statut=200)


def poster(port: int, envois: list[Envoi]) -> float:
    """Poste tout ; rend le nombre par seconde. Chaque réponse est un 302."""
    return _envoyer(port, [envoi.octets() for envoi in envois], statut=302)


@contextmanager
def pendant(port: int, envois: Callable[[], list[Envoi]]) -> Iterator[None]:
    """Poste sans cesse, le temps du bloc."""
    fini = threading.Event()

    def sans_cesse() -> None:
        while not fini.is_set():
            poster(port, envois())

    with ThreadPoolExecutor(1) as bassin:
        tempete = bassin.submit(sans_cesse)
        try:
            yield
        finally:
            fini.set()
    tempete.result()


def _envoyer(port: int, envois: list[bytes], *, statut: int) -> float:
    """Envoie tout, sur quelques connexions gardées ouvertes."""
    file = File(iter(envois))
    fautes: list[str] = []
    fils = [threading.Thread(target=_connexion, args=(port, file, fautes, statut)) for _ in range(CONNEXIONS)]
    debut = time.perf_counter()
    for fil in fils:
        fil.start()
    for fil in fils:
        fil.join()
    duree = time.perf_counter() - debut
    assert not fautes, fautes[0]
    return len(envois) / duree


def _connexion(port: int, file: File, fautes: list[str], statut: int) -> None:
    with socket.create_connection(("127.0.0.1", port), timeout=60) as prise:
        prise.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        while (envoi := file.suivant()) is not None:
            prise.sendall(envoi)
            reponse = _lire(prise)
            if not reponse.startswith(f"HTTP/1.1 {statut}".encode()):
                fautes.append(reponse[:300].decode(errors="replace"))
                return


def _lire(prise: socket.socket) -> bytes:
    recu = b""
    while b"\r\n\r\n" not in recu:
        recu += _morceau(prise)
    tete, _, corps = recu.partition(b"\r\n\r\n")
    longueur = next((int(li[15:]) for li in tete.split(b"\r\n") if li.lower().startswith(b"content-length:")), 0)
    while len(corps) < longueur:
        corps += _morceau(prise)
    return tete


def _morceau(prise: socket.socket) -> bytes:
    morceau = prise.recv(65536)
    if not morceau:
        raise ConnectionError("Le serveur a fermé la connexion.")
    return morceau
