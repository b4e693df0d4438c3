"""Le vrai serveur : ses processus additionnent leurs mesures, et son arrêt ne coupe personne."""

from __future__ import annotations

import socket
import subprocess
import threading
import time
import urllib.error
import urllib.request
from collections import Counter
from collections.abc import Iterator

import pytest
from django.core.management import CommandError

from apart.config.management.commands.serveur import exiger_libre
from tests.installation.lanceur import APART, attendre, port_libre
from tests.processus import environnement

JETON = "un-jeton-de-vingt-signes-ou-plus"
CLIENTS = 12
DEMANDE = b"GET /sante/vivant HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"


class Site:
    def __init__(self, processus: int) -> None:
        self.port = port_libre()
        self.processus = subprocess.Popen(
            [APART, "serveur", "--adresse", f"127.0.0.1:{self.port}", "--processus", str(processus)],
            env=environnement(METRIQUES_JETON=JETON, NIVEAU_JOURNAL="ERROR"),
        )
        attendre(lambda: self.lire("/sante/vivant") == "vivant\n", "le site répond")

    def lire(self, chemin: str) -> str:
        demande = urllib.request.Request(  # notre propre serveur
            f"http://127.0.0.1:{self.port}{chemin}", headers={"Authorization": f"Bearer {JETON}"}
        )
        try:
            with urllib.request.urlopen(demande, timeout=30) as reponse:  # noqa: S310  # notre propre site, en http
                return str(reponse.read().decode())
        except urllib.error.URLError:
            return ""

    def mesure(self, debut: str) -> float:
        lignes = [ligne for ligne in self.lire("/metriques").splitlines() if ligne.startswith(debut)]
        return float(lignes[0].split()[-1]) if lignes else 0.0


@pytest.fixture
def site() -> Iterator[Site]:
    site = Site(processus=2)
    yield site
    site.processus.kill()
    site.processus.wait()


class Visiteurs:
    """Des clients qui demandent sans cesse la même page, et notent ce qui leur arrive."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.vus: Counter[str] = Counter()
        self.fils = [threading.Thread(target=self.visiter, args=(n % 2 == 0,)) for n in range(CLIENTS)]
        for fil in self.fils:
            fil.start()

    def visiter(self, garde: bool) -> None:
        prise: socket.socket | None = None
        while True:
            if prise is None:
                try:
                    prise = socket.create_connection(("127.0.0.1", self.port), timeout=30)
                except ConnectionRefusedError:
                    return
            try:
                ferme = self.demander(prise)
            except OSError as coupure:
                self.vus[f"coupée : {coupure!r}"] += 1
                return
            if ferme or not garde:
                prise.close()
                prise = None

    def demander(self, prise: socket.socket) -> bool:
        """Vrai si le serveur annonce qu'il ferme."""
        prise.sendall(DEMANDE)
        recu = b""
        while not recu.endswith(b"\r\n\r\nvivant\n"):
            morceau = prise.recv(65536)
            if not morceau:
                raise ConnectionError("fermée sans réponse")
            recu += morceau
        self.vus["servie"] += 1
        return b"connection: close" in recu.lower()


def test_un_site_qui_s_arrete_sous_la_charge_ne_coupe_aucune_demande(site: Site) -> None:
    compte = 'apart_reponses_total{statut="200",vue="sante-vivant"}'
    attendre(lambda: site.mesure(compte) >= 1, "une mesure")
    visiteurs = Visiteurs(site.port)
    attendre(lambda: visiteurs.vus["servie"] > 10 * CLIENTS, "des demandes servies")
    servies = visiteurs.vus["servie"]
    assert site.mesure(compte) >= servies, "chaque processus est compté"
    site.processus.terminate()
    assert site.processus.wait(30) == 0
    for fil in visiteurs.fils:
        fil.join()
    assert visiteurs.vus.pop("servie") > servies
    assert not visiteurs.vus


def test_une_demande_commencee_finit_apres_l_ordre_d_arret(site: Site) -> None:
    """Sans demande reçue en entier, un fil attend : l'arrêt lui laisse le temps de la recevoir et d'y répondre."""
    with socket.create_connection(("127.0.0.1", site.port), timeout=30) as prise:
        prise.sendall(DEMANDE[:20])
        time.sleep(0.2)  # le temps qu'un processus la prenne
        site.processus.terminate()
        time.sleep(0.2)
        prise.sendall(DEMANDE[20:])
        assert prise.recv(65536).startswith(b"HTTP/1.1 200")
    assert site.processus.wait(30) == 0


def test_un_port_pris_se_dit_en_francais_et_une_fois() -> None:
    with socket.socket() as autre:
        autre.bind(("127.0.0.1", 0))
        autre.listen()
        adresse = f"127.0.0.1:{autre.getsockname()[1]}"
        fini = subprocess.run(
            [APART, "serveur", "--adresse", adresse], env=environnement(), capture_output=True, text=True, check=False
        )
    assert fini.returncode == 1
    assert fini.stderr.splitlines() == [
        f"CommandError: Le site ne peut pas écouter sur {adresse} : un autre programme y écoute déjà. "
        "Arrêtez-le, ou donnez un autre port par --adresse."
    ]


@pytest.mark.parametrize(
    "adresse",
    [
        "127.0.0.1:99999",
        "127.0.0.1:80x",
        "[::1]:abc",
        "127.0.0.1:-1",
        "127.0.0.1:" + "9" * 5_000,
        "é" * 70 + ":80",
        "fd://x",
    ],
)
def test_une_adresse_mal_ecrite_se_dit_en_francais(adresse: str) -> None:
    with pytest.raises(CommandError, match="n'est pas une adresse où écouter"):
        exiger_libre(adresse)


def test_un_hote_inconnu_se_dit_en_francais() -> None:
    with pytest.raises(CommandError, match="cette machine ne connaît pas ce nom"):
        exiger_libre("inconnu.invalid:8000")
