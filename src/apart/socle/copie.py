"""Faire la moitié d'un long travail dans une copie du processus : deux cœurs en prennent chacun la leur."""

from __future__ import annotations

import os
import pickle
import signal
from collections.abc import Callable
from contextlib import suppress
from typing import NoReturn, TypeVar

T = TypeVar("T")
U = TypeVar("U")


def en_meme_temps(ici: Callable[[], T], dans_la_copie: Callable[[], U]) -> tuple[T, U | None]:
    """Ce que rendent les deux ; None pour le second s'il a échoué, quelle qu'en soit la raison.

    dans_la_copie : ni Polars, ni base, ni fil ; ce qu'elle rend voyage (pickle). Lève ce que lève `ici`.
    Les limites du processus valent pour chacun des deux (setrlimit).
    """
    recoit, envoie = os.pipe()
    copie = os.fork()
    if not copie:
        _finir(dans_la_copie, envoie)
    os.close(envoie)
    try:
        with open(recoit, "rb") as entree:  # noqa: PTH123  # un tuyau
            rendu = ici()
            with suppress(EOFError, pickle.UnpicklingError):
                return rendu, pickle.load(entree)  # noqa: S301  # de notre copie
            return rendu, None
    finally:
        os.kill(copie, signal.SIGKILL)  # elle a tout rendu, ou ne sert plus
        os.waitpid(copie, 0)


def _finir(travail: Callable[[], object], envoie: int) -> NoReturn:
    """Ne rend jamais la main : rien de ce que l'original ferait en finissant n'est à faire deux fois."""
    with suppress(BaseException):
        os.closerange(3, envoie)  # personne n'attend la copie sur ce que l'original a ouvert
        os.closerange(envoie + 1, 1 << 16)
        rendu = travail()
        with open(envoie, "wb") as sortie:
            pickle.dump(rendu, sortie, pickle.HIGHEST_PROTOCOL)
    os._exit(0)
