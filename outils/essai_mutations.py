"""Le greffon de pytest de « make mutations ». Les tests sont chargés une fois, puis chaque essai est une copie (fork)
de ce pytest : rien à recharger, pas de base à ouvrir. La faute y remplace le code de sa fonction, où qu'elle soit déjà
reliée.

Une faute hors d'une fonction, ou dans une fonction déjà appelée au chargement, demande un pytest à elle (« seul »).
La variable ESSAI nomme un fichier JSON : « prises », par où viennent les essais, ou l'essai « seul ».
"""

from __future__ import annotations

import gc
import importlib.util
import json
import math
import os
import resource
import signal
import sys
import threading
import time
import traceback
from collections import defaultdict
from collections.abc import Generator, Iterator, Sequence
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, SourceFileLoader
from itertools import pairwise
from pathlib import Path
from types import CodeType, FrameType, FunctionType
from typing import Any

import pytest

ESSAI = json.loads(Path(os.environ["ESSAI"]).read_text())
FONCTIONS: defaultdict[str, list[FunctionType]] = defaultdict(list)
ECHECS: list[tuple[str, str]] = []  # les tests rougis, et ce qu'ils en disent


class Fautif(MetaPathFinder):
    """Charge le module fauté d'une autre source que son fichier."""

    def find_spec(self, nom: str, chemins: Sequence[str] | None, cible: object = None) -> ModuleSpec | None:
        if nom != ESSAI["module"]:
            return None
        return importlib.util.spec_from_file_location(nom, ESSAI["chemin"], loader=Source(nom, ESSAI["chemin"]))


class Source(SourceFileLoader):
    def get_code(self, fullname: str) -> CodeType:
        return compile(ESSAI["source"], self.path, "exec", dont_inherit=True)


# --- Ce que l'on traverse ---


class Ecoute:
    """Les fonctions d'Apart appelées : pendant le chargement, puis par chaque test, avec son temps de processeur."""

    def __init__(self, sources: str) -> None:
        self.sources, self.codes = sources, set[CodeType]()
        self.vus: dict[str, tuple[float, list[tuple[str, str]]]] = {}

    def appel(self, cadre: FrameType, quoi: str, argument: object) -> None:
        self.codes.add(cadre.f_code)

    def commencer(self) -> None:
        self.codes = set()
        threading.settrace(self.appel)
        sys.settrace(self.appel)

    def finir(self) -> list[tuple[str, str]]:
        sys.settrace(None)
        threading.settrace(None)  # type: ignore[arg-type]  # la façon documentée de ne plus écouter
        siens = (code for code in self.codes if code.co_filename.startswith(self.sources))
        return sorted({(code.co_filename.removeprefix(self.sources), code.co_qualname) for code in siens})

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Generator[None, object, object]:
        depart = time.process_time()
        self.commencer()
        try:
            return (yield)
        finally:
            self.vus[item.nodeid] = (time.process_time() - depart, self.finir())


# --- Un essai ---


def essayer(seance: pytest.Session, essai: dict[str, Any]) -> dict[str, Any]:
    """Rend le test qui a rougi, ou « panne » si la faute n'a pas pu être mise en place ici."""
    par_nom = {item.nodeid: item for item in seance.items}
    tests = [par_nom[nom] for nom in essai["tests"] if nom in par_nom]
    if "ecoute" in essai:
        ecoute = Ecoute(essai["ecoute"])
        seance.config.pluginmanager.register(ecoute)
        passer(seance, tests, jusqu_au_bout=True)
        return {"vus": ecoute.vus, "dit": ECHECS}
    if "source" in essai and "prises" in ESSAI and not remplacer(essai["chemin"], essai["source"]):
        return {"panne": "aucune fonction à remplacer"}
    return {"vu_par": passer(seance, tests, essai["budget"]), "dit": ECHECS}


def passer(
    seance: pytest.Session, tests: list[pytest.Item], budget: float = math.inf, *, jusqu_au_bout: bool = False
) -> str | None:
    """Dans l'ordre donné, jusqu'au premier qui rougit ou au bout du budget, du temps de processeur."""
    depart = time.process_time()
    for test, suivant in pairwise([*tests, None]):
        seance.config.hook.pytest_runtest_protocol(item=test, nextitem=suivant)
        if seance.testsfailed and not jusqu_au_bout:
            return test.nodeid if test else None
        if time.process_time() - depart > budget:
            break
    return None


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    if report.failed:
        ECHECS.append((report.nodeid, f"{report.when} : {report.longreprtext[-1500:]}"))


def remplacer(chemin: str, source: str) -> bool:
    """Le code fauté à la place de l'autre, dans chaque fonction déjà chargée de ce fichier, décorée ou non."""
    faute = compile(source, chemin, "exec", dont_inherit=True)
    neufs = {(code.co_qualname, code.co_firstlineno): code for code in codes(faute)}
    changees = 0
    for fonction in FONCTIONS[chemin]:
        neuf = neufs.get((fonction.__code__.co_qualname, fonction.__code__.co_firstlineno))
        if neuf is not None and neuf != fonction.__code__:
            try:
                fonction.__code__ = neuf
            except ValueError:  # la faute ôte une variable que la fonction prenait autour d'elle
                return False
            changees += 1
    return changees > 0


def codes(code: CodeType) -> Iterator[CodeType]:
    for dedans in code.co_consts:
        if isinstance(dedans, CodeType):
            yield dedans
            yield from codes(dedans)


# --- Une copie par essai ---


def servir(seance: pytest.Session, chargement: Ecoute) -> None:
    """Prépare la base par un premier test, dit ce que le chargement a traversé, puis rend un verdict par essai."""
    recus, rendus = (os.fdopen(prise, mode) for prise, mode in zip(ESSAI["prises"], ("r", "w"), strict=True))
    echauffer(seance)
    figer()
    print(
        json.dumps({"charges": chargement.finir(), "tests": [i.nodeid for i in seance.items]}), file=rendus, flush=True
    )
    for recu in recus:
        print(json.dumps(en_copie(seance, json.loads(recu))), file=rendus, flush=True)


def figer() -> None:
    """Range par fichier les fonctions chargées, puis soustrait la mémoire des copies au ramasse-miettes."""
    for objet in gc.get_objects():
        if type(objet) is FunctionType:
            FONCTIONS[objet.__code__.co_filename].append(objet)
    gc.freeze()


def echauffer(seance: pytest.Session) -> None:
    """Un test à base, suivi d'un autre qui ne partage avec lui que la séance : la base reste ouverte aux copies."""
    avec_base = [item for item in seance.items if item.get_closest_marker("base")]
    if avec_base:
        premier = avec_base[0]
        autre = next(item for item in seance.items if item.listchain()[3] is not premier.listchain()[3])
        seance.config.hook.pytest_runtest_protocol(item=premier, nextitem=autre)


def en_copie(seance: pytest.Session, essai: dict[str, Any]) -> dict[str, Any]:
    from django.db import connections

    connections.close_all()
    reponse = Path(essai["reponse"])
    reponse.unlink(missing_ok=True)
    copie = os.fork()
    if copie == 0:
        seul_dans_la_copie(seance, essai, reponse)
    fin = time.monotonic() + essai["attente"]
    while os.waitpid(copie, os.WNOHANG) == (0, 0):
        if (
            time.monotonic() > fin
        ):  # une attente sans fin : la charge peut en être la cause, ce n'est pas une faute vue
            os.killpg(copie, signal.SIGKILL)
            os.waitpid(copie, 0)
            return {"vu_par": None, "tue": True}
        time.sleep(0.02)
    if reponse.exists():
        rendue: dict[str, Any] = json.loads(reponse.read_text())
        return rendue
    return {"vu_par": "temps de processeur", "tue": True}


def seul_dans_la_copie(seance: pytest.Session, essai: dict[str, Any], reponse: Path) -> None:
    """Une boucle sans fin s'arrête au temps de processeur, quelle que soit la charge."""
    os.setsid()
    resource.setrlimit(resource.RLIMIT_CPU, (essai["patience"], essai["patience"]))
    try:
        rendue = essayer(seance, essai)
    except BaseException:  # noqa: BLE001  # tout ce qu'une faute peut lever hors d'un test
        rendue = {"panne": traceback.format_exc()}
    reponse.write_text(json.dumps(rendue))
    os._exit(0)


@pytest.hookimpl(trylast=True)
def pytest_configure(config: pytest.Config) -> None:
    """Chercher un contre-exemple, sans le simplifier ni le retenir."""
    import hypothesis  # après pytest, qui veut réécrire son greffon

    phases = [hypothesis.Phase.explicit, hypothesis.Phase.generate]
    courant = hypothesis.settings.get_profile("apart")
    hypothesis.settings.register_profile("mutations", courant, phases=phases, database=None)
    hypothesis.settings.load_profile("mutations")


@pytest.hookimpl(tryfirst=True)
def pytest_runtestloop(session: pytest.Session) -> bool:
    if "prises" in ESSAI:
        servir(session, CHARGEMENT)
    else:
        rendue = {"vu_par": "chargement"} if session.testsfailed else essayer(session, ESSAI)
        Path(ESSAI["reponse"]).write_text(json.dumps(rendue))
    return True


CHARGEMENT = Ecoute(ESSAI["sources"])
if "prises" in ESSAI:
    CHARGEMENT.commencer()
if "module" in ESSAI:
    sys.meta_path.insert(0, Fautif())
