"""Le vrai serveur, face à des clients lents : ils ne tiennent aucun fil, et chacun reçoit sa réponse en entier."""

from __future__ import annotations

import http.client
import socket
import subprocess
import sys
import time
from collections.abc import Iterator

import pytest

from tests.installation.lanceur import port_libre

# Deux fils. « /long » lit son corps ; « /refus » répond sans le lire.
SERVEUR = """
import sys
from gunicorn.app.base import BaseApplication
from apart.config import ecoute

ecoute.POUR_LES_ENTETES, ecoute.POUR_LA_SUITE, ecoute.CORPS_GARDE = 2.0, 0.5, 1 << 20

class Serveur(BaseApplication):
    def load_config(self):
        for nom, valeur in {"bind": "127.0.0.1:" + sys.argv[1], "threads": 2, "worker_class": sys.argv[2],
                            "control_socket_disable": True, "graceful_timeout": 1, "loglevel": "error"}.items():
            self.cfg.set(nom, valeur)

    def load(self):
        def application(environ, start_response):
            lu = environ["wsgi.input"].read() if environ["PATH_INFO"] == "/long" else b""
            start_response("200 OK", [("Content-Type", "text/plain")])
            return [str(len(lu)).encode()]
        return application

Serveur().run()
"""
PATIENT = "apart.config.ecoute.Patient"
LENTS = (
    b"GET / HTTP/1.1\r\nHost: x\r\nX-A: ",
    b"POST /long HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\na",
    b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",  # servi, mais ne ferme jamais
)


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    port = port_libre()
    serveur = subprocess.Popen([sys.executable, "-c", SERVEUR, str(port), PATIENT])
    try:
        while serveur.poll() is None:
            try:
                socket.create_connection(("127.0.0.1", port), timeout=1).close()
                break
            except OSError:
                time.sleep(0.05)
        yield port
    finally:
        serveur.kill()
        serveur.wait()


def demander(port: int, methode: str = "GET", chemin: str = "/", corps: bytes | None = None) -> str:
    connexion = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    connexion.request(methode, chemin, corps)
    with connexion.getresponse() as reponse:
        lu = reponse.read().decode()
    connexion.close()
    return lu


@pytest.mark.parametrize("lent", LENTS, ids=["en-têtes", "corps", "ne ferme pas"])
@pytest.mark.menace("T40")
def test_t40_vingt_clients_lents_ne_prennent_aucun_fil(port: int, lent: bytes) -> None:
    """Deux suffisaient ici : chacun tenait un fil. La réponse vient pendant qu'ils sont tous là."""
    prises = [socket.create_connection(("127.0.0.1", port)) for _ in range(20)]
    try:
        for prise in prises:
            prise.sendall(lent)
        assert demander(port) == "0"
        assert demander(port, "POST", "/long", b"x" * 200_000) == "200000"
    finally:
        for prise in prises:
            prise.close()


@pytest.mark.menace("T40")
def test_t40_une_demande_qui_ne_vient_pas_est_fermee(port: int) -> None:
    with socket.create_connection(("127.0.0.1", port), timeout=20) as prise:
        prise.sendall(LENTS[0])
        assert prise.recv(1) == b""


@pytest.mark.menace("T40")
def test_t40_un_corps_annonce_trop_gros_n_est_pas_attendu(port: int) -> None:
    """La réponse part sans lui ; la connexion est fermée ensuite, sans le lire."""
    with socket.create_connection(("127.0.0.1", port), timeout=20) as prise:
        prise.sendall(b"POST /refus HTTP/1.1\r\nHost: x\r\nContent-Length: 9999999999\r\n\r\n")
        recu = b"".join(iter(lambda: prise.recv(4096), b""))
    assert recu.startswith(b"HTTP/1.1 200")


def test_des_demandes_a_la_suite_sont_toutes_servies(port: int) -> None:
    """L'une après l'autre sur une même connexion, ou envoyées ensemble."""
    connexion = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    for corps in (b"x" * 70_000, b"y"):
        connexion.request("POST", "/long", corps)
        assert connexion.getresponse().read() == str(len(corps)).encode()
    connexion.close()
    une = b"POST /long HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabc"
    fin = b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
    with socket.create_connection(("127.0.0.1", port), timeout=20) as prise:
        prise.sendall(une + une + fin)
        recu = b"".join(iter(lambda: prise.recv(4096), b""))
    assert recu.count(b"HTTP/1.1 200") == 3


def test_un_envoi_par_morceaux_est_lu_un_moment(port: int) -> None:
    debut = b"POST /long HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
    with socket.create_connection(("127.0.0.1", port), timeout=20) as prise:
        prise.sendall(debut + b"3\r\nabc\r\n0\r\n\r\n")
        assert b"200 OK" in prise.recv(4096)
    with socket.create_connection(("127.0.0.1", port), timeout=20) as prise:
        prise.sendall(debut + b"3\r\na")  # puis plus rien : le fil est rendu
        prise.recv(4096)
    assert demander(port) == "0"
