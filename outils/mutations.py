"""« make mutations » : casse le code une faute à la fois, et compte les fautes qu'un test voit (docs/tests.md).

Un échantillon tiré par graine, deux essais à la fois ; rien n'est écrit dans l'arbre. Un essai passe les tests qui
traversent la fonction, puis ceux de son fichier, puis les autres, les plus courts d'abord et BUDGET secondes en tout :
le score est donc un minimum. Interrompu, il se reprend ; une survivante se réessaie dès qu'un test a changé.
"""

from __future__ import annotations

import ast
import json
import math
import os
import random
import resource
import signal
import subprocess
import sys
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from hashlib import sha256
from pathlib import Path
from queue import Queue
from typing import Any

RACINE = Path(__file__).resolve().parents[1]
SOURCES = RACINE / "src" / "apart"
DOSSIER = RACINE / "var" / "mutations"
PLACES = 2
OPTIONS = ["-q", "-x", "--tb=line", "--no-header", "--hypothesis-seed=0", "-p", "essai_mutations"]
# Domaine : fichiers fautés, tests qui peuvent le voir, part visée.
DOMAINES: dict[str, tuple[tuple[str, ...], tuple[str, ...], float]] = {
    "regles": (("regles/*.py",), ("regles", "simulateur"), 0.85),
    "actions": (
        ("*/actions.py", "*/actions/*.py", "comptes/jetons*.py", "socle/automate.py"),
        (
            "accueil",
            "administrations",
            "assistance",
            "comptes",
            "courriels",
            "etablissements",
            "repertoire",
            "socle",
            "test_gestes.py",
            "test_gestes_croises.py",
        ),
        0.75,
    ),
}
NOMBRE, GRAINE = int(os.environ.get("NOMBRE") or 300), int(os.environ.get("GRAINE") or 1)
BUDGET = float(os.environ.get("BUDGET") or 30)  # secondes de tests par essai

COMPARAISONS = {
    ast.Lt: "<=", ast.LtE: "<", ast.Gt: ">=", ast.GtE: ">", ast.Eq: "!=", ast.NotEq: "==",
    ast.Is: "is not", ast.IsNot: "is", ast.In: "not in", ast.NotIn: "in",
}  # fmt: skip
OPERATIONS = {
    ast.Add: "-", ast.Sub: "+", ast.Mult: "//", ast.Div: "*", ast.FloorDiv: "*", ast.BitAnd: "|", ast.BitOr: "&",
}  # fmt: skip
NOMS = {"ROUND_HALF_UP": ("'ROUND_DOWN'", "'ROUND_UP'"), "min": ("max",), "max": ("min",), "ceil": ("floor",)}
VERROUS = {"select_for_update"}
IGNORES = (ast.JoinedStr, ast.ImportFrom)  # sans place exacte dans le texte, ou sans effet


@dataclass(frozen=True)
class Faute:
    """Un texte remplacé, de « debut » à « fin » (octets) ; « fonction » : celle qui l'entoure, vide hors de toutes."""

    fichier: str
    ligne: int
    debut: int
    fin: int
    avant: str
    apres: str
    fonction: str

    def source(self) -> str:
        octets = (SOURCES / self.fichier).read_bytes()
        return (octets[: self.debut] + self.apres.encode() + octets[self.fin :]).decode()

    def __str__(self) -> str:
        return f"{self.fichier}:{self.ligne}  {' '.join(self.avant.split())}  →  {self.apres}"


# --- Les fautes possibles ---


def fautes(chemin: Path) -> Iterator[Faute]:
    octets = chemin.read_bytes()
    departs = [0]
    for ligne in octets.splitlines(keepends=True):
        departs.append(departs[-1] + len(ligne))
    for noeud, fonction in parcourir(ast.parse(octets), "", ""):
        for ou, apres in remplacements(noeud):
            debut, fin = departs[ou.lineno - 1] + ou.col_offset, departs[ou.end_lineno - 1] + ou.end_col_offset
            avant = octets[debut:fin].decode()
            saut = "\n" * avant.count("\n")  # les lignes qui suivent gardent leur numéro
            fichier = str(chemin.relative_to(SOURCES))
            yield Faute(fichier, ou.lineno, debut, fin, avant, f"({apres}{saut})", fonction)


def parcourir(noeud: ast.AST, fonction: str, prefixe: str) -> Iterator[tuple[ast.AST, str]]:
    """Chaque nœud dont une faute changerait la conduite : ni types, ni décorateurs, ni textes des messages."""
    if isinstance(noeud, IGNORES) or (isinstance(noeud, ast.keyword) and noeud.arg == "strict"):
        return
    yield noeud, fonction
    dedans = fonction
    if isinstance(noeud, ast.FunctionDef):
        dedans = prefixe + noeud.name
        prefixe = f"{dedans}.<locals>."
    elif isinstance(noeud, ast.ClassDef):
        prefixe += f"{noeud.name}."
    for nom, valeur in ast.iter_fields(noeud):
        if nom in {"annotation", "returns", "decorator_list", "cause"}:
            continue
        ou = fonction if nom == "args" and isinstance(noeud, ast.FunctionDef) else dedans  # une valeur par défaut
        for enfant in valeur if isinstance(valeur, list) else [valeur]:
            if isinstance(enfant, ast.AST):
                yield from parcourir(enfant, ou, prefixe)


def remplacements(noeud: ast.AST) -> Iterator[tuple[Any, str]]:  # noqa: C901, PLR0912  # un cas par forme de faute
    """Ce que l'on remplace, et par quoi."""
    match noeud:
        case ast.Compare(left=gauche, ops=ops, comparators=droites):
            signes = [ast.unparse(ast.Compare(ast.Name(""), [op], [ast.Name("")])).strip() for op in ops]
            for rang, op in enumerate(ops):
                changes = [*signes[:rang], COMPARAISONS[type(op)], *signes[rang + 1 :]]
                suite = " ".join(f"{signe} {texte(droite)}" for signe, droite in zip(changes, droites, strict=True))
                yield noeud, f"{texte(gauche)} {suite}"
        case ast.Constant(value=bool(valeur)):
            yield noeud, repr(not valeur)
        case ast.Constant(value=int(valeur)):
            yield from ((noeud, repr(valeur + pas)) for pas in (1, -1))
        case ast.Call(func=ast.Name(id="Decimal"), args=[ast.Constant()]):
            yield from ((noeud, f"{texte(noeud)} {signe} 1") for signe in "+-")
        case ast.BinOp(left=gauche, op=op, right=droite) if type(op) in OPERATIONS:
            yield noeud, f"{texte(gauche)} {OPERATIONS[type(op)]} {texte(droite)}"
            if isinstance(op, ast.FloorDiv):  # l'arrondi, par l'autre côté
                yield noeud, f"-(-{texte(gauche)} // {texte(droite)})"
        case ast.BoolOp(op=op, values=valeurs):
            yield noeud, (" or " if isinstance(op, ast.And) else " and ").join(map(texte, valeurs))
        case ast.UnaryOp(op=ast.Not() | ast.USub(), operand=operande):
            yield noeud, texte(operande)
        case ast.If(test=condition) | ast.IfExp(test=condition) | ast.While(test=condition) if not deja_niee(
            condition
        ):
            yield condition, f"not {texte(condition)}"
        case ast.comprehension(ifs=conditions):
            yield from ((condition, f"not {texte(condition)}") for condition in conditions)
        case ast.Expr(value=ast.Call() as appel):
            yield appel, "None"
        case ast.Call(func=ast.Attribute(value=receveur, attr=nom)) if nom in VERROUS:
            yield noeud, texte(receveur)
        case ast.Return(value=ast.AST() as valeur) if not (isinstance(valeur, ast.Constant) and valeur.value is None):
            yield valeur, "None"
        case ast.Name(id=nom) if nom in NOMS:
            yield from ((noeud, autre) for autre in NOMS[nom])


def deja_niee(condition: ast.expr) -> bool:
    """La négation est déjà une faute de la condition elle-même : « is » devient « is not »."""
    if isinstance(condition, ast.Compare) and len(condition.ops) == 1:
        return not isinstance(condition.ops[0], ast.Lt | ast.LtE | ast.Gt | ast.GtE)
    return isinstance(condition, ast.UnaryOp)


def texte(noeud: ast.AST) -> str:
    return f"({ast.unparse(noeud)})"


def echantillon(domaine: str) -> list[Faute]:
    """Tirées au hasard parmi toutes, les mêmes pour une même graine et un même code."""
    motifs, _, _ = DOMAINES[domaine]
    chemins = sorted({chemin for motif in motifs for chemin in SOURCES.glob(motif)})
    toutes = [faute for chemin in chemins for faute in fautes(chemin)]
    nombre = min(NOMBRE, len(toutes))
    print(f"{domaine} : {nombre} fautes tirées parmi {len(toutes)} (graine {GRAINE}).", flush=True)
    return random.Random(GRAINE).sample(toutes, nombre)  # noqa: S311  # un tirage à refaire, pas un secret


# --- Les essais ---


def pytest(place: int, fichiers: Iterable[str], essai: dict[str, Any], patience: float) -> bool:
    """Vrai si tout passe. Chaque place a son dossier, donc sa base, qui sert d'un essai à l'autre."""
    dossier = DOSSIER / f"place-{place}"
    dossier.mkdir(parents=True, exist_ok=True)
    demande, sortie, tue = dossier / "essai.json", dossier / "sortie.txt", dossier / "tue"
    demande.write_text(json.dumps(essai))
    ou = {"ESSAI": str(demande), "APART_VAR": str(dossier), "PYTHONPATH": str(RACINE / "outils")}
    base = "--create-db" if tue.exists() else "--reuse-db"  # un essai tué a pu laisser des lignes
    tue.unlink(missing_ok=True)
    commande = [sys.executable, "-m", "pytest", *OPTIONS, base, *fichiers]
    with sortie.open("w") as ecrit:
        processus = subprocess.Popen(commande, stdout=ecrit, stderr=ecrit, env=os.environ | ou, start_new_session=True)
        # Une boucle sans fin s'arrête au temps de processeur, quelle que soit la charge ; une attente, bien après.
        resource.prlimit(processus.pid, resource.RLIMIT_CPU, (round(patience), round(patience)))
        try:
            code = processus.wait(3 * patience)
        except subprocess.TimeoutExpired:
            os.killpg(processus.pid, signal.SIGKILL)
            code = processus.wait()
    if code < 0:
        tue.touch()
    if code in {3, 5}:  # ni vert ni rouge ; 2 et 4 : la faute empêche de charger les tests
        sys.exit(f"pytest n'a pas pu essayer (code {code}) : voir {sortie}.")
    return code == 0


def exiger_le_vert(place: int, fichiers: Iterable[str], essai: dict[str, Any]) -> None:
    if not pytest(place, fichiers, essai, patience=3600):
        sys.exit(f"Sans aucune faute, un test échoue : voir {DOSSIER}/place-{place}/sortie.txt.")


def couverture(domaine: str, tests: str) -> dict[str, Any]:
    """Test → sa durée et les fonctions qu'il traverse ; se refait dès qu'un test a changé."""
    gardee, fichiers = DOSSIER / f"couverture-{domaine}.json", [f"tests/{nom}" for nom in DOMAINES[domaine][1]]
    connue = json.loads(gardee.read_text()) if gardee.exists() else {}
    if connue.get("tests") != tests:
        print("Ce que traverse chaque test…", flush=True)
        sortie = DOSSIER / "ecoute.json"
        exiger_le_vert(0, fichiers, {"sortie": str(sortie), "sources": f"{SOURCES}/"})
        exiger_le_vert(1, fichiers, {})  # aussi à l'autre place, sans écoute : ce qui rougit rougit par sa faute
        connue = {"tests": tests, "vus": json.loads(sortie.read_text())}
        gardee.write_text(json.dumps(connue))
    vus: dict[str, Any] = connue["vus"]
    return vus


def choisir(faute: Faute, vus: dict[str, Any]) -> list[str]:
    """Dans l'ordre où ils passeront, jusqu'au budget."""

    def rang(test: str) -> tuple[int, float]:
        duree, fonctions = vus[test]
        if [faute.fichier, faute.fonction] in fonctions:
            return 0, duree
        return (1 if any(fichier == faute.fichier for fichier, _ in fonctions) else 2), duree

    choisis, prevu = [], 0.0
    for test in sorted(vus, key=rang):
        prevu += vus[test][0]
        if prevu > BUDGET and choisis:
            break
        choisis.append(test)
    return choisis


def est_vue(faute: Faute, tests: list[str], place: int) -> bool:
    chemin = SOURCES / faute.fichier
    module = ".".join(("apart", *Path(faute.fichier).with_suffix("").parts)).removesuffix(".__init__")
    essai = {"module": module, "chemin": str(chemin), "source": faute.source(), "tests": tests}
    fichiers = dict.fromkeys(test.split("::")[0] for test in tests)
    return not pytest(place, fichiers, essai, patience=120 + 5 * BUDGET)


def mesurer(domaine: str) -> None:
    choisies, tests = echantillon(domaine), sha256()
    for fichier in sorted((RACINE / "tests").rglob("*.py")):
        tests.update(fichier.read_bytes())
    jour, journal, connues = tests.hexdigest(), DOSSIER / f"{domaine}.jsonl", {}
    vus = couverture(domaine, jour)
    for lu in map(json.loads, journal.read_text().splitlines() if journal.exists() else []):
        if lu["vue"] or lu["tests"] == jour:  # une survivante se réessaie dès qu'un test a changé
            connues[Faute(**lu["faute"])] = lu["vue"]
    places: Queue[int] = Queue()
    for place in range(PLACES):
        places.put(place)

    def essayer(faute: Faute) -> None:
        place = places.get()
        try:
            connues[faute] = est_vue(faute, choisir(faute, vus), place)
        finally:
            places.put(place)
        with journal.open("a") as ecrit:
            ecrit.write(json.dumps({"faute": asdict(faute), "vue": connues[faute], "tests": jour}) + "\n")
        print(f"{'vue    ' if connues[faute] else 'SURVIT '} {faute}", flush=True)

    with ThreadPoolExecutor(PLACES) as fils:
        list(fils.map(essayer, [faute for faute in choisies if faute not in connues]))
    dire(domaine, choisies, connues)


def dire(domaine: str, choisies: list[Faute], connues: dict[Faute, bool]) -> None:
    survivantes = [faute for faute in choisies if not connues[faute]]
    essais, vise = len(choisies), DOMAINES[domaine][2]
    vues = essais - len(survivantes)
    bas, haut = wilson(vues, essais)
    print("\n".join(f"  survit : {f}" for f in sorted(survivantes, key=lambda f: (f.fichier, f.ligne))))
    print(
        f"{domaine} : {vues} fautes vues sur {essais}, {vues / essais:.1%} [{bas:.1%} ; {haut:.1%}], visé {vise:.0%}"
    )


def wilson(vues: int, essais: int) -> tuple[float, float]:
    """L'intervalle à 95 % d'une proportion, juste aussi près de 0 et de 1."""
    z, p = 1.96, vues / essais
    milieu, ecart = p + z * z / (2 * essais), z * math.sqrt(p * (1 - p) / essais + z * z / (4 * essais * essais))
    return (milieu - ecart) / (1 + z * z / essais), (milieu + ecart) / (1 + z * z / essais)


if __name__ == "__main__":
    os.chdir(RACINE)
    DOSSIER.mkdir(parents=True, exist_ok=True)
    for domaine in sys.argv[1:] or DOMAINES:
        mesurer(domaine)
