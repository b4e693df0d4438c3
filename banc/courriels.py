"""Les courriels remis par seconde, de la file au serveur SMTP, à côté de dix fois le pire jour."""

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

MESSAGES = 1000
PASSES = 5
DIX_FOIS_LE_PIRE_JOUR = 500_000 * 10 / 86_400  # messages par seconde


def mesurer() -> list[Ligne]:
    """La médiane de plusieurs passes. Suppose Django prêt."""
    with base_d_essai(), puits() as port:
        nous = median(_passe(port) for _ in range(PASSES))
    return [Ligne("courriels remis / dix fois le pire jour", nous, DIX_FOIS_LE_PIRE_JOUR, "messages/s", 1)]


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


def _passe(port: int) -> float:
    _remplir()
    settings.SERVEUR_COURRIEL = ServeurCourriel("127.0.0.1", port, "", "", "aucun", 10.0)
    debut = time.perf_counter()
    remis = 0
    while Courriel.objects.a_envoyer().exists():
        remis += vider_la_file()
    duree = time.perf_counter() - debut
    assert remis == MESSAGES
    return MESSAGES / duree


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
