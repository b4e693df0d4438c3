"""De la file au serveur SMTP, à côté de ce qu'il faut : dix fois les 500 000 courriels du pire jour d'avril 2020."""

from __future__ import annotations

import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from statistics import median

from django.conf import settings
from django.utils import timezone

from apart.config.environnement import ServeurCourriel
from apart.courriels import actions
from apart.courriels.envoi import vider_la_file
from apart.courriels.models import Courriel
from banc.base import base_d_essai
from banc.ligne import Ligne

MESSAGES = 500
PASSES = 3
VOULUS = 60.0  # par seconde


def mesurer() -> list[Ligne]:
    """Médiane de plusieurs passes, un travailleur à la fois. Suppose Django prêt."""
    with base_d_essai(), puits() as port:
        settings.SERVEUR_COURRIEL = ServeurCourriel("127.0.0.1", port, "", "", "aucun", 10.0)
        nous = median(_passe() for _ in range(PASSES))
    return [Ligne("file d'envoi vers SMTP / ce qu'il faut", nous, VOULUS, "messages/s", 1)]


@contextmanager
def puits() -> Iterator[int]:
    """Un serveur SMTP qui accepte tout et ne garde rien, dans un autre processus."""
    with socket.socket() as prise:
        prise.bind(("127.0.0.1", 0))
        port: int = prise.getsockname()[1]
    commande = [sys.executable, "-m", "aiosmtpd", "-n", "-l", f"127.0.0.1:{port}", "-c", "aiosmtpd.handlers.Sink"]
    serveur = subprocess.Popen(commande, stderr=subprocess.DEVNULL)
    try:
        _attendre(port)
        yield port
    finally:
        serveur.terminate()
        serveur.wait()


def _attendre(port: int) -> None:
    fin = time.monotonic() + 20
    while time.monotonic() < fin:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise TimeoutError("Le serveur SMTP d'essai n'a pas démarré.")


def _passe() -> float:
    _remplir()
    debut, remis = time.perf_counter(), 0
    while Courriel.objects.a_envoyer().exists():
        remis += vider_la_file()
    assert remis == MESSAGES
    return MESSAGES / (time.perf_counter() - debut)


def _remplir() -> None:
    """Des messages de la vraie forme : texte, HTML, lien et code chiffrés."""
    Courriel.objects.all().delete()
    secrets = {"lien": f"{settings.URL_PUBLIQUE}/mot-de-passe-oublie/lien/{'x' * 43}/", "code": "K7MP-2QXV"}
    contexte = {"objet": "Mot de passe oublié", "demande_le": timezone.now(), "denomination": "Café des Halles"}
    for n in range(MESSAGES):
        actions.mettre_en_file(
            "trop_tard",
            a=f"personne{n}@exemple.fr",
            contexte=contexte,
            secrets=secrets,
            siret="73282932000074",
            expire_le=timezone.now() + timedelta(hours=1),
        )
