"""Un générateur de charge aussi mince que possible : il partage les cœurs avec le serveur qu'il mesure."""

from __future__ import annotations

import re
import socket
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from multiprocessing import get_context
from multiprocessing.connection import Connection
from statistics import quantiles
from urllib.parse import urlencode

CONNEXIONS = 4
MASQUE = "a" * 32  # celui qui laisse voir le secret : un vrai formulaire en porte un, que Django ajoute au secret
PAUSE = 0.02  # secondes entre deux visites
VISITEURS = 64  # au plus, à la fois


@dataclass(frozen=True)
class Envoi:
    """Un formulaire à poster."""

    chemin: str
    champs: dict[str, str]
    cookie_csrf: str
    adresse: str  # celle du visiteur, vue à travers un mandataire

    def octets(self) -> bytes:
        secret = sha256(self.adresse.encode()).hexdigest()[
            :32
        ]  # un par envoi : deux semblables n'agiraient qu'une fois
        corps = urlencode({**self.champs, "csrfmiddlewaretoken": MASQUE + secret})
        lignes = (
            f"POST {self.chemin} HTTP/1.1",
            "Host: 127.0.0.1",
            f"Cookie: {self.cookie_csrf}={secret}",
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


def attendre(port: int, chemin: str, fois: int) -> float:
    """Des visites qui ne s'attendent pas, une toutes les PAUSE secondes, chacune par une connexion neuve.

    Rend le temps, en secondes, que 95 % n'ont pas dépassé. Une visite partie en retard compte son retard.
    """
    demande = f"GET {chemin} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n".encode()
    debut = time.perf_counter()
    with ThreadPoolExecutor(VISITEURS) as bassin:
        visites = [bassin.submit(_visiter, port, demande, debut + rang * PAUSE) for rang in range(fois)]
    return quantiles([visite.result() for visite in visites], n=20)[-1]


def _visiter(port: int, demande: bytes, prevue: float) -> float:
    time.sleep(max(0.0, prevue - time.perf_counter()))
    reponse = _demander(port, demande)
    assert reponse.startswith(b"HTTP/1.1 200"), reponse[:300]
    return time.perf_counter() - prevue


@contextmanager
def tempete(port: int, envois: list[Envoi]) -> Iterator[None]:
    """Le temps du bloc, une personne par envoi se connecte sans cesse ; qui est renvoyé revient quand on le lui dit.

    Dans un autre processus : les visites mesurées ici n'attendent pas le verrou de cet interprète.
    """
    parle, ecoute = get_context("spawn").Pipe()
    autres = get_context("spawn").Process(
        target=_sans_cesse, args=(port, [envoi.octets() for envoi in envois], ecoute)
    )
    autres.start()
    parle.recv()  # ils y sont
    try:
        yield
    finally:
        parle.send("fini")
        entrees = parle.recv()
        autres.join()
    assert entrees, "La tempête n'a connecté personne."


def _sans_cesse(port: int, envois: list[bytes], ecoute: Connection) -> None:
    fini = threading.Event()

    def une_personne(envoi: bytes) -> int:
        entrees = 0
        while not fini.is_set():
            reponse = _demander(port, envoi)
            entrees += reponse.startswith(b"HTTP/1.1 302")
            if delai := re.search(rb"\r\nretry-after: ([0-9]+)", reponse.lower()):
                fini.wait(int(delai[1]))
        return entrees

    with ThreadPoolExecutor(len(envois)) as bassin:
        personnes = [bassin.submit(une_personne, envoi) for envoi in envois]
        ecoute.send("parti")
        ecoute.recv()
        fini.set()
    ecoute.send(sum(personne.result() for personne in personnes))


def _demander(port: int, demande: bytes) -> bytes:
    with socket.create_connection(("127.0.0.1", port), timeout=60) as prise:
        prise.sendall(demande)
        return _lire(prise)


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
