"""Hachage des mots de passe : Argon2id, au coût que recommande l'OWASP (19 Mio, 2 passes, 1 fil)."""

from __future__ import annotations

import os
import secrets
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, nullcontext
from contextvars import ContextVar
from datetime import timedelta
from typing import ParamSpec, TypeVar

from django.contrib.auth.hashers import Argon2PasswordHasher

from apart.socle.affluence import ServiceOccupe
from apart.socle.metriques import MOTS_DE_PASSE_EN_COURS, MOTS_DE_PASSE_RENVOYES

P = ParamSpec("P")
R = TypeVar("R")

ATTENTES = range(5, 16)  # secondes, dites à qui est renvoyé : tous ne reviennent pas au même instant
DISCRETION = 10  # « nice » des fils qui calculent : une page qui ne demande rien passe devant


class Calculs:
    """Les calculs Argon2 d'un processus web : quelques fils les font, quelques demandes au plus les attendent.

    Un serveur a seize fils. S'ils calculent chacun dans leur mémoire, à plusieurs par cœur, chaque calcul coûte 3,4 ms
    de plus que seul, et seize fois 19 Mio restent pris (banc/notes.md). Un fil réservé reprend toujours les mêmes. Et
    si toutes les demandes pouvaient attendre leur tour, cinquante connexions suffiraient à taire le site.
    """

    def __init__(self, ensemble: int, attente: int) -> None:
        self.fils = ThreadPoolExecutor(ensemble, thread_name_prefix="argon2", initializer=passer_derriere)
        self.places = threading.BoundedSemaphore(attente)
        self._d_un_reseau, self._verrou = max(1, attente // 2), threading.Lock()
        self._tenues: list[str] = []  # le réseau de chaque demande qui tient une place
        self.tours = threading.BoundedSemaphore(ensemble)

    @contextmanager
    def place(self, reseau: str = "") -> Iterator[None]:
        """Lève ServiceOccupe, sans attendre, quand trop de demandes attendent déjà, ou trop de ce réseau."""
        if not self._prendre(reseau):
            MOTS_DE_PASSE_RENVOYES.inc()
            raise ServiceOccupe(timedelta(seconds=secrets.choice(ATTENTES)))
        try:
            yield
        finally:
            with self._verrou:
                self._tenues.remove(reseau)
            self.places.release()

    def _prendre(self, reseau: str) -> bool:
        with self._verrou:
            est_plein = bool(reseau) and self._tenues.count(reseau) >= self._d_un_reseau
            if est_plein or not self.places.acquire(blocking=False):
                return False
            self._tenues.append(reseau)
            return True

    def faire(self, calcul: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
        """Dans la place que tient ce fil, ou dans une prise pour ce calcul. Lève ServiceOccupe."""
        with nullcontext() if _TENUE.get() else self.place(), MOTS_DE_PASSE_EN_COURS.track_inprogress():
            return self.fils.submit(calcul, *args, **kwargs).result()


def passer_derriere() -> None:
    """Le calcul ne tient pas le verrou de Python : sur un cœur que le site demande, il attend sans faire attendre."""
    if sys.platform == "linux":  # ailleurs, la priorité est celle du processus entier
        # À partir de celle du serveur : lancé par « nice -n 15 », il n'a pas le droit d'en prendre une meilleure.
        fil = threading.get_native_id()
        os.setpriority(os.PRIO_PROCESS, fil, os.getpriority(os.PRIO_PROCESS, fil) + DISCRETION)


_calculs: Calculs | None = None
_TENUE: ContextVar[bool] = ContextVar("place_tenue", default=False)


def reserver(*, ensemble: int, attente: int) -> None:
    """Dans ce processus, « ensemble » calculs à la fois, et « attente » demandes au plus qui les attendent.

    Après tout fork : un fil ne le traverse pas.
    """
    global _calculs  # noqa: PLW0603  # un seul par processus, posé par le serveur
    _calculs = Calculs(ensemble, attente)


@contextmanager
def une_place(reseau: str = "") -> Iterator[None]:
    """Tient une place pour les calculs du bloc : ce qui y est compté sera jugé. Lève ServiceOccupe.

    reseau : celui de qui demande ; il n'en tient que la moitié, et les autres en ont toujours.

    À prendre avant de lire la base, où un refus ne coûte presque rien, et avant de compter un essai : compté puis
    renvoyé, il ferait attendre une personne pour ce que nul n'a jugé (T5).
    """
    if _calculs is None or _TENUE.get():
        yield
        return
    with _calculs.place(reseau):
        tenue = _TENUE.set(True)
        try:
            yield
        finally:
            _TENUE.reset(tenue)


@contextmanager
def a_son_tour(reseau: str) -> Iterator[None]:
    """Une place, puis son tour : pas plus de demandes à la fois que de calculs. Lève ServiceOccupe.

    Pour une demande qui n'est que cela : cinquante connexions lues ensemble feraient attendre Python à tout le site.
    """
    with une_place(reseau), _calculs.tours if _calculs else nullcontext():
        yield


def _calculer(calcul: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
    if _calculs is None:  # hors du serveur : commandes, travailleur, tests
        return calcul(*args, **kwargs)
    return _calculs.faire(calcul, *args, **kwargs)


class Argon2(Argon2PasswordHasher):
    """Un coût qui laisse deux cœurs vérifier plus de 80 mots de passe par seconde, avec de la marge.

    Mesuré sur deux cœurs au repos : 102 par seconde à 19 Mio ; le réglage de Django (100 Mio, 8 fils) en permettait
    10. Sur deux cœurs très chargés, par seconde de processeur : 90 au mieux à 19 Mio, 83 à 20, 70 à 22.
    """

    memory_cost = 19 * 1024
    time_cost = 2
    parallelism = 1

    def encode(self, password: str, salt: str) -> str:
        """Comme verify, dans les fils réservés : un compte inconnu attend autant qu'un autre (T2)."""
        return _calculer(super().encode, password, salt)

    def verify(self, password: str, encoded: str) -> bool:
        return _calculer(super().verify, password, encoded)
