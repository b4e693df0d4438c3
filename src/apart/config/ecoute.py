"""Aucun fil n'attend un client : la boucle reçoit la demande en entier, un fil y répond, la boucle finit l'envoi.

gunicorn donne un fil à une connexion dès son premier octet, et le garde jusqu'à ce que le client ait lu la réponse :
seize clients lents, dans un sens ou dans l'autre, prennent alors les seize fils du site.
"""

from __future__ import annotations

import socket
import time
from base64 import b64encode
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from hashlib import sha256
from selectors import EVENT_READ, EVENT_WRITE
from typing import Any

from gunicorn import http
from gunicorn.workers.gthread import TConn, ThreadWorker

from apart.pieces.bornes import OCTETS_EN_TOUT
from apart.socle.corps import ENVELOPPE, MARGE
from apart.socle.reference import EN_TETE, tiree
from apart.socle.reseau import reseau
from apart.tableaux.tableau import OCTETS_PERMIS

MORCEAU = 1 << 16
ENTETES_PERMIS = 1 << 16  # octets
CORPS_GARDE = max(OCTETS_PERMIS, OCTETS_EN_TOUT) + ENVELOPPE  # au-delà, la vue refuse sans lire : rien n'est attendu
SANS_FIN = 1 << 62  # un corps envoyé par morceaux, qui ne dit pas sa longueur
TAMPONS = 256 << 20  # octets reçus, ou à envoyer, pour toutes les connexions d'un processus
POUR_COMMENCER = 10.0  # secondes : les en-têtes ; ou avant que le débit compte, dans un sens comme dans l'autre
POUR_PARTIR = 2.0
DEBIT_MINIMAL = 16 << 10  # octets par seconde
PLEIN = "Le service reçoit trop d'envois en ce moment : renvoyez le vôtre dans une minute.".encode()
REFUS = (
    b"HTTP/1.1 503 Service Unavailable\r\nConnection: close\r\nRetry-After: 60\r\n"
    b"Content-Type: text/plain; charset=utf-8\r\nContent-Length: %d\r\n\r\n%s" % (len(PLEIN), PLEIN)
)

# Ce que gunicorn refuse de lire ne parvient pas à Django, et il le dit en anglais.
ILLISIBLE = "Cette demande ne se lit pas : elle ne suit pas le protocole HTTP. Revenez à l'accueil, puis recommencez."
PHRASES = {
    b"414": "Cette adresse est trop longue pour être lue. Revenez à l'accueil, puis refaites votre recherche.",
    b"431": "Votre navigateur envoie trop d'en-têtes. Effacez les cookies de ce site, puis revenez.",
    b"500": "Le service est en panne. Réessayez dans une minute ; si elle dure, donnez cette référence au support.",
}
TITRE = "Le service n'a pas pu répondre"
STYLE = (
    ":root{color-scheme:light dark}"
    "body{max-width:40rem;margin:0 auto;padding:1.5rem;font:1.125rem/1.6 Arial,sans-serif}"
    "p:first-child{border-bottom:1px solid;padding-bottom:1rem;font-weight:bold}p:first-child,a{color:#0f4c5c}"
    "@media(prefers-color-scheme:dark){p:first-child,a{color:#7fc4d6}}"
)
ENTETES = f"""Connection: close
Content-Type: text/html; charset=utf-8
Content-Length: {{longueur}}
Cache-Control: no-store
Content-Security-Policy: default-src 'none'; style-src 'sha256-{b64encode(sha256(STYLE.encode()).digest()).decode()}'
{EN_TETE}: {{reference}}
"""
PAGE = """<!doctype html>
<html lang="fr"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>{titre}</title><style>{style}</style></head>
<body><p>Activité partielle</p><h1>{titre}</h1><p>{phrase}</p><p><a href="/">Revenir à l'accueil</a></p>
<p>Référence : <strong>{reference}</strong></p></body></html>
"""


class Francaise:
    """La prise d'un client à qui gunicorn envoie sa page d'erreur : la nôtre part à la place."""

    def __init__(self, prise: Any, reference: str) -> None:
        self._prise, self._reference = prise, reference

    def sendall(self, octets: bytes) -> None:
        statut, _, _ = octets.partition(b"\r\n")
        phrase = PHRASES.get(statut.split(b" ")[1], ILLISIBLE)
        page = PAGE.format(titre=TITRE, style=STYLE, phrase=phrase, reference=self._reference).encode()
        entetes = ENTETES.format(longueur=len(page), reference=self._reference).replace("\n", "\r\n")
        self._prise.sendall(statut + b"\r\n" + entetes.encode() + b"\r\n" + page)

    def __getattr__(self, nom: str) -> Any:
        return getattr(self._prise, nom)


class Prise:
    """La prise que gunicorn croit tenir : un fil y lit ce qui est déjà reçu, y écrit ce qui partira, sans attendre."""

    def __init__(self, prise: socket.socket) -> None:
        prise.setblocking(False)
        self._prise = prise
        self._recu = bytearray()
        self._sortie = bytearray()
        self.commencer()

    def commencer(self) -> None:
        """Une autre demande ; son début est peut-être déjà là."""
        self.attendus = self.manque = 0  # octets, en-têtes compris ; 0 tant qu'ils ne sont pas tous là
        self._mesurer(0)

    def _mesurer(self, deja: int) -> None:
        if not self.attendus:
            fin = self._recu.find(b"\r\n\r\n", max(0, deja - 3))
            if fin >= 0:
                self.attendus = fin + 4 + _longueur(bytes(self._recu[:fin]))
            elif len(self._recu) > ENTETES_PERMIS:
                self.attendus = len(self._recu)  # gunicorn les refusera
        self.manque = self.attendus - len(self._recu)

    @property
    def est_prete(self) -> bool:
        """Tout est là, ou le reste ne sera pas lu."""
        return bool(self.attendus) and (self.manque <= 0 or self.attendus > CORPS_GARDE)

    @property
    def a_envoyer(self) -> int:
        return len(self._sortie)

    @property
    def tient(self) -> int:
        return len(self._recu) + len(self._sortie)

    # --- Par la boucle : lèvent BlockingIOError si le client n'est pas prêt, OSError s'il est parti ---

    def recevoir(self) -> int:
        deja = len(self._recu)
        self._recu += self._lire()
        self._mesurer(deja)
        return len(self._recu) - deja

    def jeter(self) -> int:
        return len(self._lire())

    def _lire(self) -> bytes:
        recu = self._prise.recv(MORCEAU)
        if not recu:
            raise ConnectionResetError
        return recu

    def envoyer(self) -> int:
        """Ce que le noyau prend sans attendre."""
        avant = len(self._sortie)
        with suppress(BlockingIOError):
            while self._sortie:
                del self._sortie[: self._prise.send(self._sortie[:MORCEAU])]
        return avant - len(self._sortie)

    def rendre(self, octets: bytes) -> None:
        """Ce que gunicorn a lu de la demande suivante."""
        self._recu[:0] = octets

    def vider(self) -> None:
        self._recu.clear()
        self._sortie.clear()

    # --- Par un fil, ou par gunicorn ---

    def recv(self, taille: int) -> bytes:
        """Vide quand il ne reste rien : gunicorn y voit la fin."""
        rendus = bytes(self._recu[:taille])
        del self._recu[:taille]
        return rendus

    def sendall(self, octets: bytes) -> None:
        self._sortie += octets
        self.envoyer()

    def sendfile(self, fichier: Any, offset: int, count: int) -> None:
        fichier.seek(offset)
        self.sendall(fichier.read(count))

    def setblocking(self, voulu: bool) -> None:
        """Elle ne bloque jamais."""

    def settimeout(self, voulu: float | None) -> None:
        """Elle ne bloque jamais."""

    def close(self) -> None:
        self.vider()
        self._prise.close()

    def __getattr__(self, nom: str) -> Any:
        return getattr(self._prise, nom)


def _longueur(entetes: bytes) -> int:
    """Content-Length ; 0 s'il manque ou ne se lit pas : gunicorn le dira."""
    lus = {nom.strip().lower(): valeur.strip() for nom, _, valeur in _lignes(entetes)}
    if b"transfer-encoding" in lus:
        return SANS_FIN
    annoncee = lus.get(b"content-length", b"")
    return int(annoncee[:19]) if annoncee.isdigit() else 0


def _lignes(entetes: bytes) -> list[tuple[bytes, bytes, bytes]]:
    return [ligne.partition(b":") for ligne in entetes.split(b"\r\n")[1:]]


class Connexion(TConn):
    """Une connexion, et le pas que son client tient pendant que la boucle l'attend."""

    sock: Prise  # type: ignore[assignment]  # ce que gunicorn demande à une prise, et rien d'autre

    def __init__(self, ouvrier: Patient, prise: socket.socket, client: Any, serveur: Any) -> None:
        super().__init__(ouvrier.cfg, Prise(prise), client, serveur)  # type: ignore[arg-type]  # de même
        self._ouvrier = ouvrier
        self.parser = http.get_parser(ouvrier.cfg, self.sock, self.client)
        self.data_ready = True
        self.reseau = reseau(client[0]) if client else ""  # une prise Unix n'a pas d'adresse
        self.compte = 0  # octets, dans le total de l'ouvrier
        self.jetables = 0

    def attendre(self, marge: float) -> None:
        self.debut, self.marge, self.passes = time.monotonic(), marge, 0

    @property
    def echeance(self) -> float:
        """Ce qui est passé donne du temps, jamais ce qui est annoncé."""
        return self.debut + self.marge + self.passes / DEBIT_MINIMAL

    def close(self, graceful: bool = False) -> None:
        """gunicorn attendrait ici, dans la boucle, qu'un client muet veuille bien fermer."""
        if graceful:
            self._ouvrier.laisser_partir(self)
        else:
            super().close()
            self._ouvrier.compter(self)


class Patient(ThreadWorker):
    """L'ouvrier à fils de gunicorn, dont la boucle attend seule les clients."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.max_keepalived = self.worker_connections // 4
        self._attendues: dict[Connexion, None] = {}  # celles dont la boucle attend le client, la plus ancienne d'abord
        self._tenus = 0  # octets

    # --- Attendre un client ---

    def _attendre(self, conn: Connexion, quoi: int, geste: Callable[..., None], marge: float) -> None:
        conn.attendre(marge)
        self._attendues[conn] = None
        self.poller.register(conn.sock, quoi, partial(geste, conn))

    def _oublier(self, conn: Connexion) -> None:
        del self._attendues[conn]
        self.poller.unregister(conn.sock)

    def _abandonner(self, conn: Connexion) -> None:
        self._oublier(conn)
        self.nr_conns -= 1
        conn.close()

    def _passer(self, conn: Connexion, geste: Callable[[], int]) -> int:
        """Les octets passés ; 0 si rien ne passe, ou si le client est parti."""
        try:
            passes = geste()
        except BlockingIOError:
            return 0
        except OSError:
            self._abandonner(conn)
            return 0
        conn.passes += passes
        self.compter(conn)
        return passes

    def compter(self, conn: Connexion) -> None:
        self._tenus += conn.sock.tient - conn.compte
        conn.compte = conn.sock.tient

    # --- Recevoir ---

    def accept(self, listener: socket.socket) -> None:
        try:
            prise, adresse = listener.accept()
        except (BlockingIOError, ConnectionAbortedError):
            return
        self.nr_conns += 1
        self._attendre_une_demande(Connexion(self, prise, adresse, listener.getsockname()))

    def on_client_socket_readable(self, conn: Any, client: Any) -> None:
        self.poller.unregister(client)
        self.keepalived_conns.remove(conn)
        conn.sock.commencer()
        self._attendre_une_demande(conn)

    def _attendre_une_demande(self, conn: Connexion) -> None:
        self._attendre(conn, EVENT_READ, self._recevoir, POUR_COMMENCER)
        self._confier(conn)

    def _recevoir(self, conn: Connexion, prise: Prise) -> None:
        if self._passer(conn, conn.sock.recevoir):
            self._confier(conn)

    def _confier(self, conn: Connexion) -> None:
        if conn.sock.est_prete:
            self._oublier(conn)
            self.enqueue_req(conn)

    # --- Répondre ---

    def handle_request(self, req: Any, conn: Any) -> bool:
        """Dans un fil. Après un corps qui n'est pas tout reçu, la connexion ne peut plus servir."""
        if conn.sock.manque > 0:
            req.force_close()
        return super().handle_request(req, conn)

    def handle_error(self, req: Any, client: Any, addr: Any, exc: BaseException) -> None:
        with tiree() as reference:
            prise: Any = Francaise(client, reference)
            super().handle_error(req, prise, addr, exc)

    def finish_request(self, conn: Any, fs: Any) -> None:
        conn.sock.rendre(conn.parser.unreader.take_buffered())
        self.compter(conn)
        if conn.sock.a_envoyer:
            self._attendre(conn, EVENT_WRITE, partial(self._envoyer, fs), POUR_COMMENCER)
        else:
            self._conclure(conn, fs)

    def _envoyer(self, fs: Any, conn: Connexion, prise: Prise) -> None:
        if self._passer(conn, conn.sock.envoyer) and not conn.sock.a_envoyer:
            self._oublier(conn)
            self._conclure(conn, fs)

    def _conclure(self, conn: Connexion, fs: Any) -> None:
        super().finish_request(conn, fs)
        if conn.sock.tient:  # la demande suivante est déjà là : rien ne la signalerait
            self.on_client_socket_readable(conn, conn.sock)

    # --- Partir ---

    def laisser_partir(self, conn: Connexion, mot: bytes = b"") -> None:
        """Fermer avec des octets non lus couperait la réponse : les lire et les jeter, un moment (RFC 9112, 9.6).

        Un navigateur n'affiche la réponse qu'une fois son envoi fini : un corps à peine trop gros est lu en entier.
        """
        prise = conn.sock
        try:
            prise.sendall(mot)
            prise.shutdown(socket.SHUT_WR)
        except OSError:
            conn.close()
            return
        prise.vider()
        self.compter(conn)
        self.nr_conns += 1  # gunicorn vient de l'ôter
        conn.jetables = prise.manque if prise.manque > 0 and prise.attendus <= CORPS_GARDE + MARGE else 0
        self._attendre(conn, EVENT_READ, self._jeter, POUR_COMMENCER if conn.jetables else POUR_PARTIR)

    def _jeter(self, conn: Connexion, prise: Prise) -> None:
        self._passer(conn, conn.sock.jeter)
        conn.passes = min(conn.passes, conn.jetables)

    # --- Borner ---

    def murder_pending(self) -> None:
        """Appelée à chaque tour : ferme les connexions trop lentes, et celles qui sont de trop."""
        super().murder_pending()
        maintenant = time.monotonic()
        for conn in [conn for conn in self._attendues if conn.echeance < maintenant]:
            self._abandonner(conn)
        while len(self._attendues) > self.worker_connections // 2:
            self._abandonner(self._pire(lambda conn: 1))
        while self._tenus > TAMPONS and self._attendues:
            pire = self._pire(lambda conn: conn.compte)
            if not pire.compte:  # tout est à des demandes complètes, qui vont être servies
                break
            self._refuser(pire)

    def _pire(self, poids: Callable[[Connexion], int]) -> Connexion:
        """Chez le visiteur qui prend le plus, la connexion qui pèse le plus, ou la plus ancienne.

        Derrière un mandataire, tous sont un seul visiteur ; mais celui qui met en tampon n'a rien de lent.
        """
        par_reseau = Counter[str]()
        for conn in self._attendues:
            par_reseau[conn.reseau] += poids(conn)
        return max(self._attendues, key=lambda conn: (par_reseau[conn.reseau], poids(conn)))

    def _refuser(self, conn: Connexion) -> None:
        self._oublier(conn)
        self.nr_conns -= 1
        if conn.sock.a_envoyer:
            conn.close()
        else:
            self.laisser_partir(conn, REFUS)
