"""Hachage des mots de passe : Argon2id, au coût que recommande l'OWASP (19 Mio, 2 passes, 1 fil)."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import ParamSpec, TypeVar

from django.contrib.auth.hashers import Argon2PasswordHasher

P = ParamSpec("P")
R = TypeVar("R")

_fils_de_calcul: ThreadPoolExecutor | None = None


def reserver_fils(nombre: int) -> None:
    """Dans ce processus, les calculs Argon2 se feront dans ces fils seuls, « nombre » à la fois. Après tout fork.

    Un serveur a huit fils. S'ils calculent chacun dans leur mémoire, à plusieurs par cœur, chaque calcul coûte 3,4 ms
    de plus que seul, et huit fois 19 Mio restent pris (banc/notes.md). Un fil réservé reprend toujours les mêmes.
    """
    global _fils_de_calcul  # noqa: PLW0603  # un seul par processus, posé par le serveur
    _fils_de_calcul = ThreadPoolExecutor(nombre, thread_name_prefix="argon2")


def _calculer(calcul: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
    if _fils_de_calcul is None:  # hors du serveur : commandes, travailleur, tests
        return calcul(*args, **kwargs)
    return _fils_de_calcul.submit(calcul, *args, **kwargs).result()


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
