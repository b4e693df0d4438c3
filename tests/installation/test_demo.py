"""« make demo » : une commande ouvre tout, Ctrl-C ferme tout, rien ne se perd."""

from __future__ import annotations

import os
import re
import shutil
import signal
import smtplib
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from email.message import EmailMessage
from pathlib import Path

import pytest

from apart.embarque import postgres
from tests.installation.lanceur import APART, Demo, attendre, port_libre, processus
from tests.processus import environnement


@contextmanager
def dossier() -> Iterator[Path]:
    racine = Path(tempfile.mkdtemp(prefix="apart-demo-"))
    racine.chmod(0o755)
    yield racine / "var"
    postgres.arreter(racine / "var" / "postgres")
    shutil.rmtree(racine)


@pytest.fixture
def neuf() -> Iterator[Path]:
    """Celui de qui n'a encore rien lancé."""
    with dossier() as rien:
        yield rien


@pytest.fixture(scope="session")
def amorce() -> Iterator[Path]:
    """Une démonstration ouverte une fois puis fermée : sa base et son échantillon prennent les deux tiers du temps."""
    with dossier() as prete:
        with Demo(prete, port_libre()).attendre_prete() as demo:
            demo.arreter(signal.SIGINT)
        yield prete


@pytest.fixture
def var(amorce: Path) -> Iterator[Path]:
    """Les données de qui l'a déjà ouverte."""
    with dossier() as copie:
        subprocess.run(
            ["cp", "-a", str(amorce), str(copie)], check=True, env=environnement()
        )  # à leur propriétaire : PostgreSQL y tient
        yield copie


def port_des_courriels(var: Path) -> int:
    return int((var / "demo" / "port-courriels").read_text())


def ecoute(port: int) -> bool:
    with socket.socket() as prise:
        return prise.connect_ex(("127.0.0.1", port)) == 0


def ecrire_a(var: Path, sujet: str) -> None:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "apart@demo.example", "gerante@exemple.fr", sujet
    message.set_content("Ouvrez http://127.0.0.1/lien/essai/ avant ce soir.")
    message.add_alternative("<p style='color: red'>Ouvrez <a href='/'>ce lien</a>.</p>", subtype="html")
    with smtplib.SMTP("127.0.0.1", port_des_courriels(var), timeout=30) as serveur:
        serveur.send_message(message, from_addr="retour+7@demo.example")


BOITE_APRES_LE_SITE = """
import sys, time, urllib.request

while "demo_courriels" in sys.orig_argv:
    try:
        urllib.request.urlopen("http://127.0.0.1:{port}/").close()
        break
    except OSError:  # le site n'est pas encore là
        time.sleep(0.1)
"""


def boite_apres_le_site(dossier: Path, port: int) -> str:
    """Un PYTHONPATH sous lequel la boîte aux lettres ne démarre qu'une fois le site ouvert."""
    (dossier / "sitecustomize.py").write_text(BOITE_APRES_LE_SITE.format(port=port))
    return str(dossier)


@pytest.mark.base
def test_elle_s_ouvre_recoit_du_courrier_se_ferme_et_garde_tout(neuf: Path, tmp_path: Path) -> None:
    port = port_libre()
    with Demo(neuf, port, PYTHONPATH=boite_apres_le_site(tmp_path, port)).attendre_prete() as demo:
        assert demo.demander("/")[0] == 200
        ecrire_a(neuf, "Votre espace est ouvert")
        page = demo.demander("/demo/courriels/")[1]
        assert "Votre espace est ouvert" in page
        assert "gerante@exemple.fr" in page
        assert demo.arreter(signal.SIGINT) == 0
        assert processus(neuf) == {}
        assert demo.ecran.endswith("Apart est arrêté. Les données sont gardées.\n")
    with Demo(neuf, port).attendre_prete() as demo:
        assert "Votre espace est ouvert" in demo.demander("/demo/courriels/")[1]
        assert "Chargement d'un échantillon" not in demo.ecran
        assert demo.arreter(signal.SIGTERM) == 0
        assert processus(neuf) == {}


def test_un_lien_d_activation_par_role_tant_que_personne_ne_l_a_employe(var: Path) -> None:
    port = port_libre()
    for _ in range(2):
        with Demo(var, port).attendre_prete() as demo:
            attendre(lambda d=demo: d.ecran.count("Activer un compte") == 6, "les six liens")
            roles = dict(
                re.findall(rf"Activer un compte \(([\w, ]+)\) : http://127\.0\.0\.1:{port}(/\S+)", demo.ecran)
            )
            ici = {"DDETS, lecteur", "DDETS, assistance", "DDETS, superviseure"}
            assert set(roles) == {"agent", "agente", "superviseur"} | ici
            assert [demo.demander(chemin)[0] for chemin in roles.values()] == [200] * 6
            demo.arreter(signal.SIGINT)


def test_tout_ce_qu_elle_affiche_porte_l_adresse_qu_on_lui_donne(var: Path) -> None:
    """Derrière un mandataire : l'adresse annoncée, la boîte aux lettres et les liens des agents sont les siens."""
    port, adresse = port_libre(), "http://apart.exemple.fr"
    with Demo(var, port, URL_PUBLIQUE=f"{adresse}/") as demo:
        attendre(lambda: demo.ecran.count("Activer un compte") == 6, "les six liens")
        adresses = re.findall(r"https?://[^/\s]+", demo.ecran)
    assert adresses == [adresse, f"http://127.0.0.1:{port}", *[adresse] * 7]


def test_le_site_et_le_travailleur_n_ont_que_le_role_du_site(var: Path) -> None:
    with Demo(var, port_libre()).attendre_prete() as demo:
        attendre(lambda: demo.demander("/sante/pret")[0] == 200, "le site prêt, travailleur compris")
        attendre(lambda: demo.ecran.count("Activer un compte") == 6, "les six liens")
        attendre(lambda: not any("demo_agents" in une for une in processus(var).values()), "la fin des invitations")
        with postgres.connecter(var / "postgres", postgres.BASE) as connexion:
            # Une fois prêt, le surveillant, qui a le rôle du propriétaire, ne fait plus que frapper à la porte.
            lignes = connexion.execute(
                "SELECT DISTINCT usename FROM pg_stat_activity "
                "WHERE datname = %s AND pid <> pg_backend_pid() AND query <> ''",
                [postgres.BASE],
            ).fetchall()
        assert lignes == [(postgres.ROLE_DU_SITE,)]


def test_une_partie_tuee_repart_seule(var: Path) -> None:
    with Demo(var, port_libre()).attendre_prete() as demo:
        for partie in ("demo_courriels", "serveur", "travailleur"):
            ancien = demo.partie(partie)
            assert ancien
            os.kill(ancien, signal.SIGKILL)
            attendre(lambda p=partie, a=ancien: demo.partie(p) not in {0, a}, f"le retour de {partie}")
        attendre(lambda: ecoute(port_des_courriels(var)), "la boîte aux lettres")
        # Une partie qui redémarre relancerait la base avant le surveillant.
        attendre(lambda: demo.demander("/sante/pret")[0] == 200, "le site prêt, travailleur compris")
        serveur = postgres.numero(var / "postgres" / "donnees" / "postmaster.pid")
        assert serveur
        os.kill(serveur, signal.SIGKILL)
        attendre(lambda: "PostgreSQL s'est arrêté : il repart." in demo.ecran, "la phrase")
        attendre(lambda: demo.demander("/")[0] == 200, "le site")
        attendre(lambda: postgres.repond(var / "postgres", postgres.BASE), "la base")
        ecrire_a(var, "Après la panne")
        assert demo.arreter(signal.SIGINT) == 0
        assert processus(var) == {}


def test_le_surveillant_tue_n_oublie_personne_et_un_nouveau_reprend(var: Path) -> None:
    port = port_libre()
    with Demo(var, port).attendre_prete() as demo:
        ecrire_a(var, "Avant le coup")
        demo.processus.kill()
        demo.processus.wait()
        attendre(lambda: not any("apart.config" in texte for texte in processus(var).values()), "la fin des parties")
    with Demo(var, port).attendre_prete() as demo:
        assert "Avant le coup" in demo.demander("/demo/courriels/")[1]


def test_un_port_pris_se_dit_avec_la_commande_a_taper(neuf: Path) -> None:
    with socket.socket() as occupant:
        occupant.bind(("127.0.0.1", 0))
        occupant.listen()
        port = occupant.getsockname()[1]
        with Demo(neuf, port) as demo:
            assert demo.processus.wait(120) == 1
            assert f"Le port {port} est déjà pris par un autre programme." in demo.ecran
            assert "make demo PORT=" in demo.ecran
    assert processus(neuf) == {}


def test_une_seconde_demonstration_sur_les_memes_donnees_se_retire(var: Path) -> None:
    with Demo(var, port_libre()).attendre_prete() as premiere:
        with Demo(var, port_libre()) as seconde:
            assert seconde.processus.wait(120) == 1
            assert "La démonstration tourne déjà" in seconde.ecran
        assert premiere.demander("/")[0] == 200


@pytest.mark.parametrize("port", ["70000", "abc"])
def test_un_port_impossible_se_dit(neuf: Path, port: str) -> None:
    fini = subprocess.run(
        [APART, "demo", "--port", port],
        check=False,
        env=environnement(APART_VAR=str(neuf)),
        capture_output=True,
        text=True,
    )
    assert fini.returncode != 0
    assert f"« {port} » n'est pas un port : il faut un nombre de 1 à 65535." in fini.stderr
