"""Recevoir chaque demande en entier avant de lui donner un fil : un client lent n'en tient aucun.

gunicorn donne un fil à une connexion dès son premier octet ; seize clients qui envoient un octet par seconde prennent
alors les seize fils du site. Ici, la boucle du processus lit en-têtes et corps, sans attendre personne.
"""

from __future__ import annotations

import socket
import time
from collections import deque
from functools import partial
from selectors import EVENT_READ
from typing import Any

from gunicorn import http
from gunicorn.http.errors import NoMoreData
from gunicorn.workers.gthread import TConn, ThreadWorker

from apart.socle.corps import ENVELOPPE, MARGE
from apart.tableaux.tableau import OCTETS_PERMIS

MORCEAU = 1 << 16
ENTETES_PERMIS = 1 << 16  # octets
CORPS_GARDE = OCTETS_PERMIS + ENVELOPPE + MARGE  # au-delà, la vue refuse sans lire
TAMPONS = 256 << 20  # octets, pour toutes les connexions d'un processus
POUR_LES_ENTETES = 10.0  # secondes
DEBIT_MINIMAL = 16 << 10  # octets par seconde, pour un corps
POUR_LA_SUITE = 5.0  # secondes : ce qu'un fil attend encore d'un envoi par morceaux, ou trop gros pour être gardé
POUR_PARTIR = 2.0
PLEIN = "Le service reçoit trop d'envois en ce moment : renvoyez le vôtre dans une minute.".encode()
REFUS = (
    b"HTTP/1.1 503 Service Unavailable\r\nConnection: close\r\nRetry-After: 60\r\n"
    b"Content-Type: text/plain; charset=utf-8\r\nContent-Length: %d\r\n\r\n%s" % (len(PLEIN), PLEIN)
)


class Tampon:
    """Ce que l'analyseur de gunicorn lit : d'abord ce qui est reçu, puis la prise, un peu."""

    def __init__(self, prise: socket.socket) -> None:
        self._prise = prise
        self._morceaux = deque[bytes]()
        self.debut = b""  # tant que les en-têtes ne sont pas tous là
        self.echeance = 0.0
        self.vider()

    def vider(self) -> None:
        """Une autre demande commence."""
        self.octets, self.attendus = sum(map(len, self._morceaux)), 0
        self.debut = b"".join(self._morceaux)

    def ajouter(self, recu: bytes) -> None:
        self._morceaux.append(recu)
        self.octets += len(recu)
        if not self.attendus:
            self.debut += recu
            fin = self.debut.find(b"\r\n\r\n")
            if fin >= 0 or len(self.debut) > ENTETES_PERMIS:
                self.attendus = max(fin, 0) + 4 + _longueur(self.debut[: max(fin, 0)])
                self.debut = b""

    @property
    def est_complet(self) -> bool:
        """Tout est là, ou le reste ne sera pas gardé."""
        return bool(self.attendus) and (self.octets >= self.attendus or self.attendus > CORPS_GARDE)

    def recv(self, taille: int) -> bytes:
        if not self._morceaux:
            reste = self.echeance - time.monotonic()
            if reste <= 0:
                raise NoMoreData
            self._prise.settimeout(reste)
            try:
                return self._prise.recv(taille)
            except TimeoutError as trop_tard:
                raise NoMoreData from trop_tard
        morceau = self._morceaux.popleft()
        if len(morceau) > taille:
            self._morceaux.appendleft(morceau[taille:])
        return morceau[:taille]

    def __getattr__(self, nom: str) -> Any:
        return getattr(self._prise, nom)


def _longueur(entetes: bytes) -> int:
    """Content-Length ; 0 s'il manque ou ne se lit pas : gunicorn le dira."""
    for ligne in entetes.split(b"\r\n")[1:]:
        nom, _, valeur = ligne.partition(b":")
        if nom.strip().lower() == b"content-length" and valeur.strip().isdigit():
            return int(valeur[:20])
    return 0


class Connexion(TConn):
    """Une connexion qui reçoit, puis qui part, sans fil."""

    def __init__(self, ouvrier: Patient, prise: socket.socket, *suite: Any) -> None:
        super().__init__(ouvrier.cfg, prise, *suite)
        self._ouvrier = ouvrier
        self.tampon = Tampon(prise)
        self.parser = http.get_parser(ouvrier.cfg, self.tampon, self.client)
        self.data_ready = True

    def close(self, graceful: bool = False) -> None:
        """gunicorn attendrait ici, dans la boucle, qu'un client muet veuille bien fermer."""
        if graceful:
            self._ouvrier.laisser_partir(self)
        else:
            super().close()


class Patient(ThreadWorker):
    """L'ouvrier à fils de gunicorn, dont la boucle reçoit les demandes."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._attendues: dict[Connexion, float] = {}  # jusqu'à quand
        self._partantes: dict[Connexion, float] = {}

    # --- Recevoir ---

    def accept(self, listener: socket.socket) -> None:
        try:
            prise, adresse = listener.accept()
        except (BlockingIOError, ConnectionAbortedError):
            return
        self.nr_conns += 1
        self._attendre(Connexion(self, prise, adresse, listener.getsockname()))

    def on_client_socket_readable(self, conn: Any, client: socket.socket) -> None:
        self.poller.unregister(client)
        self.keepalived_conns.remove(conn)
        conn.tampon.vider()
        self._attendre(conn)

    def _attendre(self, conn: Connexion) -> None:
        conn.sock.setblocking(False)
        self._attendues[conn] = time.monotonic() + POUR_LES_ENTETES
        self.poller.register(conn.sock, EVENT_READ, partial(self._recevoir, conn))

    def _recevoir(self, conn: Connexion, prise: socket.socket) -> None:
        try:
            recu = prise.recv(MORCEAU)
        except BlockingIOError:
            return
        except OSError:
            recu = b""
        if not recu:
            self._abandonner(conn)
            return
        connus = conn.tampon.attendus
        conn.tampon.ajouter(recu)
        if conn.tampon.attendus and not connus:
            self._attendues[conn] = time.monotonic() + POUR_LES_ENTETES + conn.tampon.attendus / DEBIT_MINIMAL
        if conn.tampon.est_complet:
            self._oublier(conn)
            conn.tampon.echeance = time.monotonic() + POUR_LA_SUITE
            self.enqueue_req(conn)
        elif len(recu) == MORCEAU and sum(c.tampon.octets for c in self._attendues) > TAMPONS:
            prise.send(REFUS)
            self._oublier(conn)
            self.laisser_partir(conn)
            self.nr_conns -= 1

    def _oublier(self, conn: Connexion) -> None:
        del self._attendues[conn]
        self.poller.unregister(conn.sock)

    def _abandonner(self, conn: Connexion) -> None:
        self._oublier(conn)
        self.nr_conns -= 1
        conn.close()

    # --- Partir ---

    def laisser_partir(self, conn: Connexion) -> None:
        """Fermer avec des octets non lus couperait la réponse : les lire et les jeter, un moment (RFC 9112, 9.6)."""
        try:
            conn.sock.setblocking(False)
            conn.sock.shutdown(socket.SHUT_WR)
            self.poller.register(conn.sock, EVENT_READ, partial(self._jeter, conn))
        except OSError:
            conn.close()
            return
        self._partantes[conn] = time.monotonic() + POUR_PARTIR

    def _jeter(self, conn: Connexion, prise: socket.socket) -> None:
        try:
            fini = not prise.recv(MORCEAU)
        except BlockingIOError:
            return
        except OSError:
            fini = True
        if fini:
            self._fermer(conn)

    def _fermer(self, conn: Connexion) -> None:
        del self._partantes[conn]
        self.poller.unregister(conn.sock)
        conn.close()

    def murder_pending(self) -> None:
        """Appelée à chaque tour : ferme les connexions trop lentes."""
        super().murder_pending()
        maintenant = time.monotonic()
        for conn in [conn for conn, fin in self._attendues.items() if fin < maintenant]:
            self._abandonner(conn)
        for conn in [conn for conn, fin in self._partantes.items() if fin < maintenant]:
            self._fermer(conn)
