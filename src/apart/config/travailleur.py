"""Faire tourner le travailleur, malgré une base arrêtée, redémarrée ou pas encore là."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from contextlib import suppress
from time import monotonic
from typing import Any, cast

import psycopg
from asgiref.sync import sync_to_async
from django.db import OperationalError, close_old_connections, connection
from procrastinate.contrib.django import app
from procrastinate.contrib.django.django_connector import DjangoConnector
from procrastinate.exceptions import ConnectorException
from procrastinate.signals import on_stop
from procrastinate.worker import Worker

journal = logging.getLogger(__name__)

DELAI_D_ARRET = 20  # secondes laissées aux tâches en cours quand on demande l'arrêt
PREMIERE_ATTENTE, ATTENTE_MAXI = 1.0, 15.0  # secondes entre deux essais d'une base qui ne répond pas
VIE_NORMALE = 60.0  # secondes : un travailleur qui a tenu moins n'a pas été interrompu par hasard
INTERRUPTIONS_MAXI = 5


class TravailleurInstable(Exception):
    """La base répond, et le travailleur s'interrompt quand même, toujours aussitôt ; dit comment."""


class Arret:
    """La demande d'arrêt (SIGTERM, Ctrl-C), qu'un travailleur tourne ou que l'on attende la base."""

    def __init__(self) -> None:
        self.demande = asyncio.Event()
        self.ouvrier: Ouvrier | None = None

    def demander(self) -> None:
        self.demande.set()
        if self.ouvrier is not None:
            self.ouvrier.stop()

    async def attendre(self, secondes: float) -> None:
        with suppress(TimeoutError):
            await asyncio.wait_for(self.demande.wait(), secondes)


class Ouvrier(Worker):
    """Le travailleur de procrastinate s'arrête seul quand la base lui manque, sans rien dire : celui-ci le retient."""

    interrompu = False

    def stop(self) -> None:
        self.interrompu = True
        super().stop()  # type: ignore[no-untyped-call]  # procrastinate ne le type pas


async def travailler(simultanes: int, *, attendre: bool) -> None:
    """Travaille jusqu'à l'arrêt demandé, ou jusqu'à la file vide sans attendre ; attend la base chaque fois qu'elle
    manque. Lève TravailleurInstable.
    """
    arret, interruptions = Arret(), 0
    with on_stop(arret.demander):
        while not arret.demande.is_set() and await _base_presente(arret):
            debut = monotonic()
            if await _une_vie(arret, simultanes, attendre=attendre):
                return
            interruptions = interruptions + 1 if monotonic() - debut < VIE_NORMALE else 1
            if interruptions > INTERRUPTIONS_MAXI:
                raise TravailleurInstable(f"Il l'a fait {interruptions} fois de suite.")
            await arret.attendre(PREMIERE_ATTENTE)


async def _base_presente(arret: Arret) -> bool:
    """Attend que la base réponde, en le disant ; faux si l'arrêt est demandé avant."""
    attente = PREMIERE_ATTENTE
    while refus := await sync_to_async(_refus_de_la_base)():
        journal.warning("La base ne répond pas (%s) ; nouvel essai dans %d s.", refus, attente)
        await arret.attendre(attente)
        if arret.demande.is_set():
            return False
        attente = min(attente * 2, ATTENTE_MAXI)
    if attente > PREMIERE_ATTENTE:
        journal.warning("La base répond de nouveau : le travail reprend.")
    return True


def _refus_de_la_base() -> str:
    """Pourquoi la base ne répond pas, en une ligne ; vide si elle répond."""
    connection.close()  # celle d'avant la panne ne vaut plus rien
    try:
        connection.ensure_connection()
    except OperationalError as refus:
        return " ".join(str(refus).split())
    connection.close()
    return ""


async def _une_vie(arret: Arret, simultanes: int, *, attendre: bool) -> bool:
    """Un travailleur, de son inscription à sa fin ; faux si la base lui a manqué."""
    connecteur = cast("DjangoConnector", app.connector)
    try:
        with app.replace_connector(connecteur.get_worker_connector()) as application:
            async with application.open_async():
                application.perform_import_paths()  # type: ignore[no-untyped-call]  # procrastinate ne le type pas
                arret.ouvrier = ouvrier = Ouvrier(
                    application,
                    concurrency=simultanes,
                    wait=attendre,
                    listen_notify=attendre,
                    install_signal_handlers=False,
                    shutdown_graceful_timeout=DELAI_D_ARRET,
                    delete_jobs="successful",  # un travail par courriel : la table ne garde que ce qui a échoué
                    task_middleware=[sur_une_connexion_saine],
                )
                await ouvrier.run()  # type: ignore[no-untyped-call]  # procrastinate ne le type pas
    except (ConnectorException, psycopg.OperationalError) as panne:
        cause = panne.__cause__ if isinstance(panne, ConnectorException) else panne
        dit = " ".join(str(cause).split())
        if isinstance(cause, psycopg.ProgrammingError):  # une table ou un droit qui manque : attendre n'y fera rien
            raise TravailleurInstable(dit) from panne
        if not isinstance(cause, psycopg.OperationalError):
            raise
        journal.warning("La base a coupé le travailleur : %s", dit)
        return False
    finally:
        arret.ouvrier = None
    return arret.demande.is_set() or not ouvrier.interrompu


def sur_une_connexion_saine(faire: Callable[[], Any], *_: object) -> Any:
    """Une tâche n'a pas de requête web pour lui rendre une connexion neuve après une coupure : on la lui rend ici."""
    close_old_connections()
    try:
        return faire()
    finally:
        close_old_connections()
