"""apart serveur : le serveur web."""

from __future__ import annotations

import errno
import logging
import math
import os
import socket
import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.core.servers.basehttp import get_internal_wsgi_application
from django.db import connections
from gunicorn.app.base import BaseApplication
from gunicorn.config import Config
from gunicorn.glogging import Logger
from gunicorn.util import parse_address
from prometheus_client import multiprocess

from apart.comptes import hachage
from apart.config.arret import Arbitre, Ouvrier
from apart.config.commande import MESURES_PARTAGEES
from apart.socle import enfant
from apart.socle.processus import lier_au_parent

ATTENTE_D_UNE_DEMANDE = 30  # secondes
TOUR_DE_PYTHON = (
    0.0005  # secondes, au lieu de 0,005 : une page courte n'attend pas derrière une longue (banc/notes.md)
)
CONNEXIONS = 800  # par processus : un système lui laisse d'ordinaire 1 024 descripteurs
PORT_MAXIMUM = 65_535
MAUVAISE_ADRESSE = (
    "« {} » n'est pas une adresse où écouter. Donnez --adresse hôte:port, le port de 1 à 65535, ou unix:chemin."
)
PART_DES_MOTS_DE_PASSE = 4  # un quart des fils au plus vérifie un mot de passe ou attend de le faire


class Command(BaseCommand):
    help = "Sert les pages d'Apart (gunicorn)."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--adresse", default="127.0.0.1:8000", help="hôte:port ou unix:chemin")
        parser.add_argument(
            "--processus", type=int, default=os.cpu_count() or 1, help="processus web (défaut : un par cœur)"
        )
        parser.add_argument(
            "--fils",
            type=int,
            default=16,
            help="fils d'exécution par processus (défaut : 16) ; 1 est plus rapide derrière un mandataire qui met en "
            "tampon, et à éviter sans lui : un client lent bloque alors un processus",
        )

    def handle(self, *args: Any, adresse: str, processus: int, fils: int, **options: Any) -> None:
        if processus < 1 or fils < 1:
            raise CommandError("--processus et --fils doivent valoir au moins 1.")
        lier_au_parent()
        exiger_libre(adresse)
        Serveur(
            bind=adresse,
            workers=processus,
            worker_class=Ouvrier if fils > 1 else "sync",
            threads=fils,
            worker_connections=CONNEXIONS,
            preload_app=True,  # une seule lecture du code et des fichiers statiques, partagée par les processus
            control_socket_disable=True,  # gunicorn l'écrirait dans le dossier personnel
            graceful_timeout=10,
            proc_name="apart",
            logger_class=Journal,
            when_ready=ignorer_les_muets,
            post_fork=se_preparer,
            child_exit=oublier_ses_mesures,
        ).run()


def exiger_libre(adresse: str) -> None:
    """Lève CommandError si un autre programme tient cette adresse ; gunicorn le dirait cinq fois, en anglais."""
    hote_et_port = lire_adresse(adresse)
    if not isinstance(hote_et_port, tuple):  # une prise Unix est remplacée
        return
    hote, port = hote_et_port
    famille = socket.AF_INET6 if ":" in hote else socket.AF_INET
    with socket.socket(famille) as prise:
        prise.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            prise.bind((hote, port))
        except (TypeError, UnicodeError):  # un nom de plus de 63 signes, ou un point de trop
            raise CommandError(MAUVAISE_ADRESSE.format(adresse[:60])) from None
        except OSError as refus:
            raise CommandError(f"Le site ne peut pas écouter sur {adresse} : {raison(refus)}") from None


def lire_adresse(adresse: str) -> str | int | tuple[str, int]:
    """Hôte et port, ou ce que gunicorn lit d'autre. Lève CommandError avec une phrase."""
    try:
        lue: str | int | tuple[str, int] = parse_address(adresse)
    except RuntimeError:
        raise CommandError(MAUVAISE_ADRESSE.format(adresse[:60])) from None
    if isinstance(lue, tuple) and not 0 <= lue[1] <= PORT_MAXIMUM:
        raise CommandError(MAUVAISE_ADRESSE.format(adresse[:60]))
    return lue


def raison(refus: OSError) -> str:
    if isinstance(refus, socket.gaierror):
        return "cette machine ne connaît pas ce nom."
    return {
        errno.EADDRINUSE: "un autre programme y écoute déjà. Arrêtez-le, ou donnez un autre port par --adresse.",
        errno.EACCES: "un port inférieur à 1024 demande des droits que ce compte n'a pas.",
        errno.EADDRNOTAVAIL: "cette machine n'a pas cette adresse.",
    }.get(refus.errno or 0, f"{refus.strerror or refus}.")


def ignorer_les_muets(arbitre: Any) -> None:
    """Les navigateurs ouvrent des connexions d'avance : le noyau ne les remet qu'une fois une demande arrivée."""
    if not hasattr(socket, "TCP_DEFER_ACCEPT"):  # propre à Linux
        return
    for ecoute in arbitre.LISTENERS:
        if ecoute.sock.family in {socket.AF_INET, socket.AF_INET6}:
            ecoute.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_DEFER_ACCEPT, ATTENTE_D_UNE_DEMANDE)


def se_preparer(arbitre: Any, ouvrier: Any) -> None:
    """Dans chaque processus web, dès sa naissance."""
    sys.setswitchinterval(TOUR_DE_PYTHON)
    enfant.preparer()
    reserver_le_calcul(arbitre, ouvrier)


def reserver_le_calcul(arbitre: Any, ouvrier: Any) -> None:
    """À un seul fil, un processus ne calcule déjà qu'une fois à la fois."""
    fils = ouvrier.cfg.threads
    if fils > 1:
        ensemble = calculs_a_la_fois(os.cpu_count() or 1, ouvrier.cfg.workers)
        hachage.reserver(ensemble=ensemble, attente=max(1, fils // PART_DES_MOTS_DE_PASSE))


def oublier_ses_mesures(arbitre: Any, ouvrier: Any) -> None:
    """Ce qu'un processus mort faisait n'est plus en cours ; ce qu'il a compté reste."""
    if MESURES_PARTAGEES in os.environ:
        multiprocess.mark_process_dead(ouvrier.pid)


def calculs_a_la_fois(coeurs: int, processus: int) -> int:
    """Par processus, pour que tous ensemble occupent chaque cœur d'un mot de passe, et guère plus."""
    return math.ceil(coeurs / processus)


class Journal(Logger):
    """Les mots de gunicorn passent par le journal d'Apart. Pas de ligne par requête : le mandataire en tient une."""

    access_log_enabled = False

    def setup(self, cfg: Config) -> None:
        self.error_log.propagate = True
        self.error_log.setLevel(logging.WARNING)


class Serveur(BaseApplication):
    """gunicorn réglé d'ici, sans fichier ni ligne de commande à lui."""

    def __init__(self, **reglages: Any) -> None:
        self.reglages = reglages
        super().__init__()

    def load_config(self) -> None:
        for nom, valeur in self.reglages.items():
            self.cfg.set(nom, valeur)

    def run(self) -> None:
        Arbitre(self).run()

    def load(self) -> Any:
        application = get_internal_wsgi_application()
        connections.close_all()  # une connexion ne se partage pas entre processus
        return application
