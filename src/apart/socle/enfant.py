"""Faire un travail dans un processus enfant, sous des limites de processeur et de mémoire (docs/decisions/0013).

Ce qu'un inconnu envoie de gros se lit là : ce qui le ferait durer ou enfler n'emporte que l'enfant, et la personne
reçoit une phrase. L'enfant naît d'un serveur de processus sans fils, qui a déjà lu le code : quelques millisecondes.
"""

from __future__ import annotations

import gc
import logging
import multiprocessing
import pickle
import resource
import signal
import threading
import time
import traceback
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from functools import partial
from multiprocessing import forkserver
from multiprocessing.connection import Connection
from multiprocessing.context import ForkServerProcess
from typing import Any, TypeVar

from django.conf import settings

from apart.socle.affluence import ServiceOccupe

T = TypeVar("T")
journal = logging.getLogger(__name__)
CONTEXTE = multiprocessing.get_context("forkserver")
GROS = 64 << 10  # octets ; un corps plus gros se lit dans un enfant
EN_ATTENTE = 2  # demandes qui attendent une place ; les autres sont refusées aussitôt, et leurs fils servent le site
PAR_RESEAU = 2  # demandes d'un même réseau, dont une attend
ATTENTE = timedelta(seconds=10)
RETOUR = timedelta(seconds=30)  # quand revenir, si rien ne s'est libéré
FOIS_LE_PROCESSEUR = 3  # la durée permise, sur une machine occupée, à côté du temps de processeur
MEMOIRE, PROCESSEUR, AUTRE = "mémoire", "processeur", "autre"
PHRASES = {
    MEMOIRE: "Cet envoi demande plus de mémoire que le service n'en permet : coupez-le en plusieurs.",
    PROCESSEUR: "Cet envoi demande plus de calcul que le service n'en permet : coupez-le en plusieurs.",
    AUTRE: "La lecture de cet envoi s'est interrompue. Renvoyez-le ; si cela se répète, coupez-le en plusieurs.",
}
_precharges: list[str] = []
_un_seul = threading.Lock()  # multiprocessing relève aussi les enfants des autres fils, et perdrait leur fin


class Complet(ServiceOccupe):
    """Trop d'enfants travaillent déjà. Un fichier ne voyage pas dans la page qui le dit : il est à renvoyer."""

    modele = "complet"

    def __init__(self) -> None:
        super().__init__(RETOUR)


class Interrompu(Exception):
    """L'enfant est mort avant d'avoir fini ; cause : MEMOIRE, PROCESSEUR ou AUTRE. Le texte dit quoi faire."""

    def __init__(self, cause: str) -> None:
        super().__init__(cause)  # tel que pickle le redonne : l'enfant la lève aussi
        self.cause = cause

    def __str__(self) -> str:
        return PHRASES[self.cause]


class _Places:
    """Tant d'enfants à la fois, et peu de demandes en attente.

    Un réseau n'a qu'un enfant à la fois, et une demande qui l'attend : seul, il ne prend jamais toutes les places.
    """

    def __init__(self, ensemble: int) -> None:
        self._ensemble = ensemble
        self._au_travail: set[str] = set()  # les réseaux qui ont un enfant
        self._admises: list[str] = []  # ceux de chaque demande, au travail ou en attente
        self._change = threading.Condition()

    @contextmanager
    def prendre(self, reseau: str) -> Iterator[None]:
        """Lève Complet."""
        with self._change:
            if len(self._admises) >= self._ensemble + EN_ATTENTE or self._admises.count(reseau) >= PAR_RESEAU:
                raise Complet
            self._admises.append(reseau)
        try:
            with self._a_son_tour(reseau):
                yield
        finally:
            with self._change:
                self._admises.remove(reseau)

    @contextmanager
    def _a_son_tour(self, reseau: str) -> Iterator[None]:
        with self._change:
            if not self._change.wait_for(partial(self._est_libre, reseau), ATTENTE.total_seconds()):
                raise Complet
            self._au_travail.add(reseau)
        try:
            yield
        finally:
            with self._change:
                self._au_travail.remove(reseau)
                self._change.notify_all()

    def _est_libre(self, reseau: str) -> bool:
        return len(self._au_travail) < self._ensemble and reseau not in self._au_travail


places = _Places(settings.ENFANTS_ENSEMBLE)


def precharger(module: str) -> None:
    """Le serveur de processus lira ce module une fois, au lieu de chaque enfant. À dire avant le premier."""
    if module not in _precharges:
        _precharges.append(module)
        CONTEXTE.set_forkserver_preload(["__main__", *_precharges])


def preparer() -> None:
    """Lance le serveur de processus, qui lit ses modules pendant que le site ouvre. Après tout fork."""
    forkserver.ensure_running()


class Enfant:
    """Un travail confié à un enfant ; le parcourir rend ce que le travail rend, une étape après l'autre.

    travail : une fonction d'un module, qui rend un itérable. Elle, ses arguments et ce qu'elle rend voyagent (pickle).
    reseau : celui de qui le demande (limites.reseau_de). secondes : de processeur, si ENFANT_SECONDES est trop.
    Le parcours lève ce que le travail lève ; Complet si aucune place ne se libère ; Interrompu si l'enfant meurt.
    """

    def __init__(
        self, travail: Callable[..., Iterable[Any]], *arguments: Any, reseau: str, secondes: int | None = None
    ) -> None:
        self._travail, self._arguments, self._reseau = travail, arguments, reseau
        self._permises = min(settings.ENFANT_SECONDES, secondes or settings.ENFANT_SECONDES)
        self.secondes = 0.0  # de processeur, une fois fini

    def __iter__(self) -> Iterator[Any]:
        with places.prendre(self._reseau):
            recoit, envoie = CONTEXTE.Pipe(duplex=False)
            confie = (
                envoie,
                (self._permises, settings.ENFANT_MEMOIRE << 20),
                self._travail,
                self._arguments,
            )
            processus = CONTEXTE.Process(target=_travailler, args=confie, daemon=True)
            with recoit, _en_vie(processus, envoie):
                yield from self._recevoir(recoit, processus)

    def _recevoir(self, recoit: Connection, processus: ForkServerProcess) -> Iterator[Any]:
        fin = time.monotonic() + self._permises * FOIS_LE_PROCESSEUR
        while recoit.poll(max(0.0, fin - time.monotonic())):
            try:
                genre, valeur, self.secondes = recoit.recv()
            except EOFError:
                break
            if genre == "rendu":
                yield valeur
            elif genre == "leve":
                raise valeur
            else:
                return
        self.secondes = float(self._permises)
        raise _dire(processus, self._travail.__qualname__)


@contextmanager
def _en_vie(processus: ForkServerProcess, envoie: Connection) -> Iterator[None]:
    """Le temps d'un travail : l'enfant est lancé, puis arrêté quoi qu'il arrive, même si la personne est partie."""
    try:
        with _un_seul, envoie:
            processus.start()
        yield
    finally:
        with _un_seul:
            if processus.pid is not None:
                processus.kill()
                processus.join()
            processus.close()


def _dire(processus: ForkServerProcess, travail: str) -> Interrompu:
    """Pourquoi cet enfant n'a pas fini, au journal et à la personne."""
    with _un_seul:
        processus.join(timeout=1)
        code = processus.exitcode
    # Sans mémoire, Python le dit ; une bibliothèque compilée abandonne (SIGABRT), ou le noyau choisit (SIGKILL).
    causes: dict[int | None, str] = {
        None: PROCESSEUR,
        -signal.SIGXCPU: PROCESSEUR,
        -signal.SIGABRT: MEMOIRE,
        -signal.SIGKILL: MEMOIRE,
    }
    cause = causes.get(code, AUTRE)
    journal.warning("Enfant interrompu pendant %s : %s (code %s)", travail, cause, code)
    return Interrompu(cause)


def obtenir(travail: Callable[..., T], *arguments: Any, reseau: str, depenser: Callable[[float], None]) -> T:
    """Ce que rend une fonction, appelée dans un enfant. Lève ce que lève `Enfant`.

    depenser : reçoit le temps de processeur pris, que le travail ait abouti ou non.
    """
    envoi = Enfant(_seul, travail, arguments, reseau=reseau)
    try:
        (rendu,) = envoi
    finally:
        depenser(envoi.secondes)
    valeur: T = rendu
    return valeur


def _seul(travail: Callable[..., T], arguments: tuple[Any, ...]) -> Iterator[T]:
    yield travail(*arguments)


# --- Dans l'enfant ---


def _travailler(
    sortie: Connection, limites: tuple[int, int], travail: Callable[..., Iterable[Any]], arguments: tuple[Any, ...]
) -> None:
    _se_limiter(*limites)
    try:
        for rendu in travail(*arguments):
            sortie.send(("rendu", rendu, _processeur()))
        sortie.send(("fini", None, _processeur()))
    except MemoryError:
        sortie.send(("leve", Interrompu(MEMOIRE), _processeur()))
    except Exception as leve:  # noqa: BLE001  # toute panne est celle de la demande : le parent la relève
        sortie.send(("leve", _transportable(leve), _processeur()))


def _processeur() -> float:
    """Les secondes prises jusqu'ici, par l'enfant et par ses copies (socle.copie)."""
    copies = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time() + copies.ru_utime + copies.ru_stime


def _se_limiter(secondes: int, octets: int) -> None:
    """RLIMIT_DATA compte ce qui peut s'écrire, non ce qui est réservé : Polars réserve bien plus qu'il n'emploie.

    Rien n'est écrit d'un enfant mort : il a lu des salaires. Le ramasse-miettes ne trouverait rien en si peu de temps,
    et prend un cinquième du calcul.
    """
    gc.disable()
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_DATA, (octets, octets))
    resource.setrlimit(resource.RLIMIT_CPU, (secondes, secondes + 1))  # SIGXCPU, qui se reconnaît, puis SIGKILL


def _transportable(leve: Exception) -> Exception:
    """Avec sa trace en note, que le journal du parent montrera ; elle seule si l'exception ne voyage pas."""
    trace = traceback.format_exc()
    leve.add_note(trace)
    try:
        pickle.loads(pickle.dumps(leve))  # noqa: S301  # la nôtre, à l'instant
    except Exception:  # noqa: BLE001  # quelle qu'en soit la raison
        return RuntimeError(trace)
    return leve
