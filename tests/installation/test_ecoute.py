"""Le vrai serveur, face à des clients lents : ils ne tiennent aucun fil, et chacun reçoit sa réponse en entier."""

from __future__ import annotations

import http.client
import json
import socket
import subprocess
import sys
import time
from collections.abc import Iterator

import pytest

from apart.config import ecoute
from apart.pieces.bornes import OCTETS_EN_TOUT
from apart.socle.corps import ENVELOPPE
from tests.installation.lanceur import attendre, port_libre
from tests.processus import environnement

# Deux fils. « /long » lit son corps ; « /page » est plus grande que ce qu'une prise garde ; « /attend » occupe un fil
# jusqu'à un octet reçu d'ici ; le reste répond sans lire.
SERVEUR = """
import json, os, sys
from gunicorn.app.base import BaseApplication
from apart.config import ecoute

ecoute.__dict__.update(json.loads(sys.argv[2]))

class Serveur(BaseApplication):
    def load_config(self):
        reglages = {"bind": "127.0.0.1:" + sys.argv[1], "threads": 2, "worker_class": "apart.config.ecoute.Patient",
                    "worker_connections": 60, "control_socket_disable": True, "graceful_timeout": 1,
                    "loglevel": "error", "when_ready": lambda arbitre: arbitre.LISTENERS[0].setsockopt(1, 7, 4096)}
        for nom, valeur in reglages.items():
            self.cfg.set(nom, valeur)

    def load(self):
        def application(environ, start_response):
            chemin = environ["PATH_INFO"]
            lu = environ["wsgi.input"].read() if chemin == "/long" else b""
            if chemin == "/attend":
                os.read(0, 1)
            if chemin == "/panne":
                raise RuntimeError
            start_response("200 OK", [("Content-Type", "text/plain")])
            return [b"x" * (1 << 20) if chemin == "/page" else str(len(lu)).encode()]
        return application

Serveur().run()
"""
GARDE = 1 << 20
PRESSE = {"POUR_COMMENCER": 2.0, "POUR_PARTIR": 0.2, "CORPS_GARDE": GARDE, "MARGE": GARDE}
SANS_HATE = {"POUR_COMMENCER": 600.0, "CORPS_GARDE": GARDE, "TAMPONS": 4 * GARDE}  # ce qui ferme n'est pas l'heure
LENTS = {
    "en-têtes": b"GET / HTTP/1.1\r\nHost: x\r\nX-A: ",
    "corps": b"POST /long HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\na",
    "ne ferme pas": b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
    "par morceaux": b"POST /long HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n",
    "par morceaux, non lu": b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n",
    "corps trop gros": b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 9999999999\r\n\r\n",
    "corps un peu trop gros": b"POST /long HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n" % (GARDE + 1),
    "ne lit pas": b"GET /page HTTP/1.1\r\nHost: x\r\n\r\n" * 2,
    "demande suivante": b"GET / HTTP/1.1\r\nHost: x\r\n\r\nGET / HTTP/1.1\r\nX-A: ",
}


class Serveur:
    def __init__(self, reglages: dict[str, float]) -> None:
        self.port = port_libre()
        commande = [sys.executable, "-c", SERVEUR, str(self.port), json.dumps(reglages)]
        self.processus = subprocess.Popen(commande, env=environnement(), stdin=subprocess.PIPE)
        self.prises: list[socket.socket] = []
        attendre(self.repond, "le serveur")

    def repond(self) -> bool:
        """Qui répond a fini de se préparer ; joint avant, il donnerait à ses prises les grands tampons du système."""
        try:
            return self.demander() == "0"
        except OSError:
            return False

    def joindre(self, envoi: bytes = b"", depuis: str = "") -> socket.socket:
        """Une connexion qui ne garde guère de ce qu'elle ne lit pas."""
        prise = socket.socket()
        self.prises.append(prise)
        prise.settimeout(30)
        prise.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        prise.bind((depuis, 0))
        prise.connect(("127.0.0.1", self.port))
        prise.sendall(envoi)
        return prise

    def demander(self, methode: str = "GET", chemin: str = "/", corps: bytes | None = None) -> str:
        connexion = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        connexion.request(methode, chemin, corps)
        with connexion.getresponse() as reponse:
            lu = reponse.read().decode()
        connexion.close()
        return lu

    def liberer(self, fils: int) -> None:
        """« /attend » finit."""
        assert self.processus.stdin
        self.processus.stdin.write(b"\n" * fils)
        self.processus.stdin.flush()

    def quitter(self) -> None:
        while self.prises:
            self.prises.pop().close()

    def arreter(self) -> None:
        self.quitter()
        self.processus.kill()
        self.processus.communicate()


@pytest.fixture(scope="module")
def presse() -> Iterator[Serveur]:
    serveur = Serveur(PRESSE)
    yield serveur
    serveur.arreter()


@pytest.fixture
def serveur(presse: Serveur) -> Iterator[Serveur]:
    yield presse
    presse.quitter()


@pytest.fixture
def sans_hate() -> Iterator[Serveur]:
    serveur = Serveur(SANS_HATE)
    yield serveur
    serveur.arreter()


def tout(prise: socket.socket) -> bytes:
    """Jusqu'à ce que le serveur ferme."""
    return b"".join(iter(lambda: prise.recv(65536), b""))


def coupee(prise: socket.socket) -> bool:
    """Cela se voit en écrivant : qui ne lit pas ne voit pas venir la fin."""
    try:
        prise.sendall(b"x")
    except ConnectionError:
        return True
    return False


def envoi(octets: int, recus: int | None = None) -> bytes:
    """Un corps annoncé ; reçu en entier, ou moins."""
    entete = b"POST /long HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: %d\r\n\r\n" % octets
    return entete + b"x" * (octets if recus is None else recus)


@pytest.mark.parametrize("lent", LENTS.values(), ids=LENTS)
@pytest.mark.menace("T40")
def test_t40_vingt_clients_lents_ne_prennent_aucun_fil(serveur: Serveur, lent: bytes) -> None:
    """Deux suffisaient ici : chacun tenait un fil. La réponse vient pendant qu'ils sont tous là."""
    for _ in range(20):
        serveur.joindre(lent)
    assert serveur.demander() == "0"
    assert serveur.demander("POST", "/long", b"x" * 200_000) == "200000"


@pytest.mark.menace("T40")
@pytest.mark.parametrize("muet", [LENTS["en-têtes"], envoi(GARDE - 500, 1)], ids=["en-têtes", "corps"])
def test_t40_une_demande_qui_ne_vient_pas_est_fermee(serveur: Serveur, muet: bytes) -> None:
    """Le temps se gagne par ce qui est reçu : un corps annoncé et jamais envoyé n'en donne aucun."""
    assert tout(serveur.joindre(muet)) == b""


@pytest.mark.menace("T40")
def test_t40_une_reponse_que_l_on_ne_lit_pas_est_coupee(serveur: Serveur) -> None:
    prise = serveur.joindre(LENTS["ne lit pas"])
    attendre(lambda: coupee(prise), "la coupure")


def test_une_reponse_lue_en_plusieurs_fois_arrive_entiere(serveur: Serveur) -> None:
    """Bien après que le fil qui l'a écrite est rendu ; la demande suivante est servie à son tour."""
    fin = b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
    prise = serveur.joindre(b"GET /page HTTP/1.1\r\nHost: x\r\n\r\n" + fin)
    assert serveur.demander() == "0"
    recu = tout(prise)
    assert (recu.count(b"x" * 4096), recu.count(b"HTTP/1.1 200")) == (256, 2)


@pytest.mark.menace("T40")
def test_t40_un_corps_annonce_trop_gros_n_est_pas_attendu(serveur: Serveur) -> None:
    """La réponse part sans lui ; la connexion est fermée ensuite, sans le lire."""
    recu = tout(serveur.joindre(LENTS["corps trop gros"]))
    assert recu.startswith(b"HTTP/1.1 200")
    assert b"\r\nConnection: close\r\n" in recu


@pytest.mark.menace("T40")
def test_t40_un_corps_a_peine_trop_gros_est_jete_puis_la_reponse_se_lit(serveur: Serveur) -> None:
    """Un navigateur ne la montre qu'après son envoi fini ; couper plus tôt lui ferait dire « connexion perdue »."""
    prise = serveur.joindre(envoi(2 * GARDE - 1000, GARDE))
    time.sleep(1.5)  # bien plus qu'il n'est laissé à qui a tout envoyé
    for octets in (1000, GARDE - 2000):
        prise.sendall(b"x" * octets)
        time.sleep(0.1)  # une coupure se voit à l'envoi d'après
    assert tout(prise).startswith(b"HTTP/1.1 200")


def test_des_demandes_a_la_suite_sont_toutes_servies(serveur: Serveur) -> None:
    """L'une après l'autre sur une même connexion, ou envoyées ensemble."""
    connexion = http.client.HTTPConnection("127.0.0.1", serveur.port, timeout=30)
    for corps in (b"x" * 70_000, b"y"):
        connexion.request("POST", "/long", corps)
        assert connexion.getresponse().read() == str(len(corps)).encode()
    connexion.close()
    une = b"POST /long HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabc"
    fin = b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
    assert tout(serveur.joindre(une + une + fin)).count(b"HTTP/1.1 200") == 3


def test_la_fin_d_une_demande_deja_commencee_est_attendue(serveur: Serveur) -> None:
    prise = serveur.joindre(LENTS["demande suivante"])
    assert serveur.demander() == "0"
    prise.sendall(b"b\r\nConnection: close\r\nHost: x\r\n\r\n")
    assert tout(prise).count(b"HTTP/1.1 200") == 2


@pytest.mark.menace("T40")
def test_t40_trop_de_connexions_lentes_ne_ferment_pas_la_porte(sans_hate: Serveur) -> None:
    """Les plus anciennes du visiteur qui en a le plus cèdent leur place ; un autre, lent aussi, garde la sienne."""
    autre = sans_hate.joindre(LENTS["en-têtes"], depuis="127.0.0.2")
    lentes = [sans_hate.joindre(LENTS["en-têtes"]) for _ in range(100)]
    assert sans_hate.demander() == "0"
    assert tout(lentes[0]) == b""
    for prise in (autre, lentes[-1]):
        prise.sendall(b"b\r\nConnection: close\r\n\r\n")
        assert tout(prise).startswith(b"HTTP/1.1 200")


@pytest.mark.menace("T40")
def test_t40_les_corps_en_cours_sont_bornes_et_le_plus_gros_est_refuse(sans_hate: Serveur) -> None:
    """Reçus par petits bouts, comme ils viennent ; qui arrive ensuite, même pour autant, est servi."""
    gros = [sans_hate.joindre(envoi(GARDE - 500, 0)) for _ in range(6)]
    for _ in range(180):
        for prise in gros:
            prise.sendall(b"x" * 5000)
    autre = sans_hate.joindre(envoi(GARDE - 500, 1000), depuis="127.0.0.2")
    assert sans_hate.demander("POST", "/long", b"x" * 500_000) == "500000"
    autre.sendall(b"x" * (GARDE - 1500))
    assert b"\r\n%d\r\n" % (GARDE - 500) in tout(autre)
    refuses = 0
    for prise in gros:
        prise.sendall(b"x" * (GARDE - 500 - 180 * 5000))
        refuses += tout(prise).startswith(b"HTTP/1.1 503")
    assert 2 <= refuses <= 4


@pytest.mark.menace("T40")
def test_t40_les_corps_qui_attendent_un_fil_comptent_aussi(sans_hate: Serveur) -> None:
    occupes = [sans_hate.joindre(b"GET /attend HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n") for _ in range(2)]
    complets = [sans_hate.joindre(envoi(830_000)) for _ in range(4)]
    recu = tout(sans_hate.joindre(envoi(GARDE - 500)))  # plus long qu'eux : eux sont reçus avant la borne
    assert recu.startswith(b"HTTP/1.1 503")
    assert "renvoyez le vôtre dans une minute" in recu.decode()
    sans_hate.liberer(fils=2)
    assert all(tout(prise).startswith(b"HTTP/1.1 200") for prise in occupes + complets)


@pytest.mark.menace("T40")
def test_t40_les_reponses_que_l_on_ne_lit_pas_sont_bornees(sans_hate: Serveur) -> None:
    prises = [sans_hate.joindre(LENTS["ne lit pas"]) for _ in range(12)]
    assert sans_hate.demander() == "0"
    entieres = 0
    for prise in prises:
        prise.sendall(b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        try:
            entieres += tout(prise).count(b"HTTP/1.1 200") == 3
        except ConnectionError:
            continue
    assert 2 <= entieres <= 4


@pytest.mark.parametrize(
    ("demande", "statut", "phrase"),
    [
        (b"GET /?s=%b HTTP/1.1\r\nHost: x\r\n\r\n" % (b"a" * 5_000), 414, "Cette adresse est trop longue"),
        (b"GET / HTTP/1.1\r\nHost: x\r\nX-A: %b\r\n\r\n" % (b"a" * 20_000), 431, "Effacez les cookies"),
        (b"GET / HTTP/1.1\r\nX A: 1\r\n\r\n", 400, "ne suit pas le protocole HTTP"),
        (b"bonjour\r\n\r\n", 400, "ne suit pas le protocole HTTP"),
        (b"GET /panne HTTP/1.1\r\nHost: x\r\n\r\n", 500, "Le service est en panne"),
    ],
    ids=["adresse", "en-tête", "nom d'en-tête", "première ligne", "panne avant Django"],
)
def test_ce_que_gunicorn_refuse_se_lit_en_francais_sous_une_reference(
    serveur: Serveur, demande: bytes, statut: int, phrase: str
) -> None:
    lu = tout(serveur.joindre(demande)).decode()
    entetes, _, page = lu.partition("\r\n\r\n")
    assert entetes.startswith(f"HTTP/1.1 {statut} ")
    assert phrase in page
    assert '<html lang="fr">' in page
    reference = next(ligne for ligne in entetes.split("\r\n") if ligne.startswith("X-Request-ID: "))
    assert f"Référence : <strong>{reference.partition(': ')[2]}</strong>" in page
    assert "Error" not in page


def test_un_envoi_de_pieces_est_attendu_en_entier() -> None:
    """Au-delà, la boucle ne l'attend pas, et la vue le lirait coupé."""
    assert ecoute.CORPS_GARDE >= OCTETS_EN_TOUT + ENVELOPPE
