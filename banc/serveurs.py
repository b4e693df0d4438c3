"""Démarrer les serveurs que le banc mesure."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import quote

from django.conf import settings

PROCESSUS = 2


def adresse_base(nom: str) -> str:
    base = settings.DATABASES["default"]
    secret = f":{quote(base['PASSWORD'])}" if base["PASSWORD"] else ""
    port = f":{base['PORT']}" if base["PORT"] else ""
    return f"postgresql://{base['USER']}{secret}@{quote(base['HOST'], safe='')}{port}/{nom}"


@contextmanager
def serveur_apart(reglages: str = "apart.config.settings") -> Iterator[int]:
    """Le serveur web d'Apart, tel que « apart serveur » le lance, sur la base d'essai ; rend son port."""
    port = port_libre()
    environnement = {
        "DATABASE_URL": adresse_base(settings.DATABASES["default"]["NAME"]),
        "SECRET_KEY": settings.SECRET_KEY,
        "URL_PUBLIQUE": f"http://127.0.0.1:{port}",
        "MANDATAIRES_DE_CONFIANCE": "1",
        "NIVEAU_JOURNAL": "ERROR",
        "DJANGO_SETTINGS_MODULE": reglages,
    }
    commande = ["-m", "apart.config.commande", "serveur", "--adresse", f"127.0.0.1:{port}"]
    with processus([*commande, "--processus", str(PROCESSUS)], environnement, port):
        yield port


@contextmanager
def processus(commande: list[str], environnement: dict[str, str], port: int) -> Iterator[None]:
    herites = {nom: valeur for nom, valeur in os.environ.items() if nom != "DJANGO_SETTINGS_MODULE"}
    serveur = subprocess.Popen([sys.executable, *commande], env={**herites, **environnement})
    try:
        _attendre(port)
        yield
    finally:
        serveur.terminate()
        serveur.wait()


def _attendre(port: int) -> None:
    fin = time.monotonic() + 60
    while time.monotonic() < fin:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise TimeoutError("Le serveur d'essai n'a pas démarré.")


def port_libre() -> int:
    with socket.socket() as prise:
        prise.bind(("127.0.0.1", 0))
        port: int = prise.getsockname()[1]
        return port
