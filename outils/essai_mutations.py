"""Le greffon de pytest d'un essai de « make mutations » : une faute chargée de mémoire, ou l'écoute de chaque test.

La variable ESSAI nomme un fichier JSON : module et source fautés, et les tests à passer dans leur ordre ; ou bien
« sortie », où écrire ce que chaque test traverse.
"""

from __future__ import annotations

import importlib.util
import json
import os
import sys
import threading
from collections.abc import Generator, Sequence
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, SourceFileLoader
from pathlib import Path
from types import CodeType, FrameType

import pytest

ESSAI = json.loads(Path(os.environ["ESSAI"]).read_text())


class Fautif(MetaPathFinder):
    """Charge le module fauté d'une autre source que son fichier."""

    def find_spec(self, nom: str, chemins: Sequence[str] | None, cible: object = None) -> ModuleSpec | None:
        if nom != ESSAI["module"]:
            return None
        return importlib.util.spec_from_file_location(nom, ESSAI["chemin"], loader=Source(nom, ESSAI["chemin"]))


class Source(SourceFileLoader):
    def get_code(self, fullname: str) -> CodeType:
        return compile(ESSAI["source"], self.path, "exec", dont_inherit=True)


class Ecoute:
    """Pour chaque test : sa durée, et les fonctions d'Apart qu'il traverse."""

    def __init__(self) -> None:
        self.codes: set[CodeType] = set()
        self.vus: dict[str, tuple[list[float], list[tuple[str, str]]]] = {}

    def appel(self, cadre: FrameType, quoi: str, argument: object) -> None:
        self.codes.add(cadre.f_code)

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Generator[None, object, object]:
        self.codes = set()
        threading.settrace(self.appel)
        sys.settrace(self.appel)
        try:
            return (yield)
        finally:
            sys.settrace(None)
            threading.settrace(None)  # type: ignore[arg-type]  # la façon documentée de ne plus écouter
            dossier = ESSAI["sources"]
            siens = (c for c in self.codes if c.co_filename.startswith(dossier))
            self.vus[item.nodeid][1].extend((c.co_filename.removeprefix(dossier), c.co_qualname) for c in siens)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        self.vus.setdefault(report.nodeid, ([], []))[0].append(report.duration)

    def pytest_sessionfinish(self) -> None:
        lus = {test: (sum(durees), fonctions) for test, (durees, fonctions) in self.vus.items()}
        Path(ESSAI["sortie"]).write_text(json.dumps(lus))


@pytest.hookimpl(trylast=True)
def pytest_configure(config: pytest.Config) -> None:
    """Chercher un contre-exemple, sans le simplifier ni le retenir."""
    import hypothesis  # après pytest, qui veut réécrire son greffon

    phases = [hypothesis.Phase.explicit, hypothesis.Phase.generate]
    courant = hypothesis.settings.get_profile("apart")
    hypothesis.settings.register_profile("mutations", courant, phases=phases, database=None)
    hypothesis.settings.load_profile("mutations")
    if "sortie" in ESSAI:
        config.pluginmanager.register(Ecoute())


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    if "tests" in ESSAI:
        rangs = {test: rang for rang, test in enumerate(ESSAI["tests"])}
        items[:] = sorted((item for item in items if item.nodeid in rangs), key=lambda item: rangs[item.nodeid])


if "module" in ESSAI:
    sys.meta_path.insert(0, Fautif())
