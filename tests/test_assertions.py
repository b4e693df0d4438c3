"""Un test qui n'affirme rien passe toujours : chacun affirme, lui-même ou par une fonction des tests qu'il appelle."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

DOSSIER = Path(__file__).parent
AFFIRMENT = ("django_assert", "expect", "fail", "raises", "warns", "run_state_machine_as_test")
SANS_REFUS = "affirme que rien n'est levé"
# Ceux dont tout le propos est qu'un appel passe, là où un autre test du même fichier attend un refus.
PASSENT = {
    "test_t5_essayer_sans_attendre_n_epuise_pas_la_journee": SANS_REFUS,
    "test_une_ligne_juste_est_laissee_a_sa_commande": SANS_REFUS,
    "test_une_variable_d_un_autre_programme_est_laissee": SANS_REFUS,
    "test_ce_qui_se_lit_d_un_trait_est_admis": SANS_REFUS,
}


@cache
def definies(fichier: Path) -> dict[str, ast.FunctionDef]:
    return {n.name: n for n in ast.walk(ast.parse(fichier.read_text())) if isinstance(n, ast.FunctionDef)}


@cache
def venues_d_ailleurs(fichier: Path) -> dict[str, Path]:
    """Les noms que ce fichier importe des tests, et le fichier de chacun."""
    return {
        alias.asname or alias.name: DOSSIER.parent / f"{importe.module.replace('.', '/')}.py"
        for importe in ast.walk(ast.parse(fichier.read_text()))
        if isinstance(importe, ast.ImportFrom) and (importe.module or "").startswith("tests.")
        for alias in importe.names
        if importe.module
    }


@cache
def affirme(fichier: Path, nom: str, profondeur: int = 3) -> bool:
    """Vrai si cette fonction affirme quelque chose, ou en appelle une, des tests, qui le fait."""
    if profondeur == 0 or not fichier.exists() or nom not in definies(fichier):
        return False
    appels = []
    for noeud in ast.walk(definies(fichier)[nom]):
        if isinstance(noeud, ast.Assert):
            return True
        if isinstance(noeud, ast.Call):
            appels.append(ast.unparse(noeud.func))
    if any(appel.split(".")[-1].startswith(AFFIRMENT) for appel in appels):
        return True
    ou = {appel: venues_d_ailleurs(fichier).get(appel, fichier) for appel in appels if appel != nom}
    return any(affirme(la, appel, profondeur - 1) for appel, la in ou.items())


def chaque_test() -> Iterator[tuple[Path, str]]:
    for fichier in sorted(DOSSIER.rglob("test_*.py")):
        yield from ((fichier, nom) for nom in definies(fichier) if nom.startswith("test_"))


def test_chaque_test_affirme_quelque_chose() -> None:
    muets = {nom for fichier, nom in chaque_test() if not affirme(fichier, nom)}
    assert muets == PASSENT.keys()
