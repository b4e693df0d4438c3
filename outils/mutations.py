"""« make mutations » : casse le code une faute à la fois, et compte les fautes qu'un test voit (docs/tests.md).

Un échantillon tiré par graine, deux essais à la fois ; rien n'est écrit dans l'arbre. Un essai passe les tests qui
traversent la fonction, BUDGET secondes de processeur en tout : le score est donc un minimum.
Interrompu, il se reprend ; une survivante se réessaie dès qu'un test a changé.
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
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from hashlib import sha256
from pathlib import Path
from queue import Queue
from threading import Lock
from typing import Any

RACINE = Path(__file__).resolve().parents[1]
SOURCES = RACINE / "src" / "apart"
DOSSIER = RACINE / "var" / "mutations"
PLACES = 2
OPTIONS = ["-q", "-x", "--tb=line", "--no-header", "--hypothesis-seed=0", "--reuse-db", "-p", "essai_mutations"]
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
            "espace",
            "etablissements",
            "pieces",
            "repertoire",
            "reprises",
            "socle",
            "test_envoyer_deux_fois.py",
            "test_gestes.py",
            "test_gestes_croises.py",
        ),
        0.75,
    ),
}
NOMBRE, GRAINE = int(os.environ.get("NOMBRE") or 300), int(os.environ.get("GRAINE") or 1)
BUDGET = float(os.environ.get("BUDGET") or 30)  # secondes de processeur données aux tests d'un essai
# Au-delà de « patience » (processeur), une boucle sans fin ; d'« attente » (horloge), rien n'est prouvé.
LIMITES: dict[str, Any] = {"budget": BUDGET, "patience": round(60 + 4 * BUDGET), "attente": round(60 + 20 * BUDGET)}
LENT = "temps de processeur"

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


class Place:
    """Un pytest qui a chargé les tests du domaine, et son dossier, donc sa base : elle sert d'un essai à l'autre."""

    def __init__(self, domaine: str, numero: int) -> None:
        self.fichiers = [f"tests/{nom}" for nom in DOMAINES[domaine][1]]
        self.dossier = DOSSIER / f"place-{numero}"
        self.dossier.mkdir(parents=True, exist_ok=True)
        self.reponse = self.dossier / "reponse.json"
        self.verts: set[str] = set()  # les tests déjà repassés sans aucune faute
        self.ouvrir()

    def ouvrir(self) -> None:
        """Sur une base neuve : un essai tué, ou un tirage interrompu, a pu laisser des lignes dans l'autre."""
        ici, la = os.pipe(), os.pipe()
        self.pytest = self.lancer({"prises": [ici[0], la[1]]}, ["--create-db", *self.fichiers], (ici[0], la[1]))
        os.close(ici[0])
        os.close(la[1])
        self.vers, self.depuis = os.fdopen(ici[1], "w"), os.fdopen(la[0])

    def prete(self) -> None:
        """Attend que les tests soient chargés."""
        dit = self.lire()
        self.tests: list[str] = dit["tests"]
        self.charges = {tuple(fonction) for fonction in dit["charges"]}

    def fermer(self) -> None:
        self.vers.close()
        self.depuis.close()
        self.pytest.wait()

    def lancer(
        self, essai: dict[str, Any], quoi: Iterable[str], prises: tuple[int, ...] = ()
    ) -> subprocess.Popen[bytes]:
        demande = self.dossier / ("service.json" if prises else "seul.json")
        demande.write_text(json.dumps(essai | {"sources": f"{SOURCES}/"}))
        ou = {"ESSAI": str(demande), "APART_VAR": str(self.dossier), "PYTHONPATH": str(RACINE / "outils")}
        commande = [sys.executable, "-m", "pytest", *OPTIONS, *quoi]
        with demande.with_suffix(".txt").open("w") as ecrit:
            return subprocess.Popen(
                commande, stdout=ecrit, stderr=ecrit, env=os.environ | ou, pass_fds=prises, start_new_session=True
            )

    def lire(self) -> dict[str, Any]:
        ligne = self.depuis.readline()
        if not ligne:
            sys.exit(f"pytest s'est arrêté : voir {self.dossier}/service.txt.")
        lue: dict[str, Any] = json.loads(ligne)
        return lue

    def essayer(self, faute: Faute | None, tests: list[str]) -> str | None:
        """Ce qui voit la faute : un test, son chargement, une boucle sans fin ; ou rien."""
        essai: dict[str, Any] = {"tests": tests, "reponse": str(self.reponse), **LIMITES}
        if faute is not None:
            essai |= {"chemin": str(SOURCES / faute.fichier), "source": faute.source()}
            if not faute.fonction or (faute.fichier, faute.fonction) in self.charges:
                return self.essayer_seul(faute, essai)
        rendu = self.demander(essai)
        if "panne" in rendu and faute is not None:
            return self.essayer_seul(faute, essai)
        vu_par: str | None = rendu["vu_par"]
        return vu_par

    def demander(self, essai: dict[str, Any]) -> dict[str, Any]:
        print(json.dumps(essai), file=self.vers, flush=True)
        rendu = self.lire()
        if rendu.get("tue"):
            self.fermer()
            self.ouvrir()
            self.prete()
        return rendu

    def essayer_seul(self, faute: Faute, essai: dict[str, Any]) -> str | None:
        """Par un pytest neuf, qui charge le module déjà fauté."""
        self.reponse.unlink(missing_ok=True)
        module = ".".join(("apart", *Path(faute.fichier).with_suffix("").parts)).removesuffix(".__init__")
        fichiers = dict.fromkeys(test.split("::")[0] for test in essai["tests"])
        seul = self.lancer(essai | {"module": module}, fichiers)
        resource.prlimit(seul.pid, resource.RLIMIT_CPU, (LIMITES["patience"], LIMITES["patience"]))
        try:
            code = seul.wait(LIMITES["attente"])
        except subprocess.TimeoutExpired:
            os.killpg(seul.pid, signal.SIGKILL)
            code = None
        if not self.reponse.exists():
            return None if code is None else "chargement"
        vu_par: str | None = json.loads(self.reponse.read_text())["vu_par"]
        return vu_par

    def juger(self, faute: Faute, tests: list[str]) -> str | None:
        """Un test l'a vue s'il rougit deux fois avec elle, et reste vert sans : la charge aussi fait rougir."""
        vu_par = self.essayer(faute, tests)
        if vu_par is None or vu_par == LENT:
            return vu_par
        if vu_par not in self.tests:  # les tests ne se chargent plus ; sans la faute, ils sont chargés ici
            return vu_par if self.essayer(faute, tests) == vu_par else None
        if vu_par not in self.verts and self.essayer(None, [vu_par]) is not None:
            sys.exit(f"Sans aucune faute, {vu_par} échoue : voir {self.reponse}.")
        self.verts.add(vu_par)
        return vu_par if self.essayer(faute, [vu_par]) is not None else None


def ecouter(domaine: str, places: list[Place]) -> dict[str, Any]:
    """Test → son temps et les fonctions qu'il traverse ; ne se refait que pour les fichiers qui ont changé."""
    gardee = DOSSIER / f"couverture-{domaine}.json"
    connue: dict[str, Any] = json.loads(gardee.read_text()) if gardee.exists() else {}
    empreintes = {
        fichier: sha256((RACINE / fichier).read_bytes()).hexdigest()
        for fichier in sorted({test.split("::")[0] for test in places[0].tests})
    }
    neufs = [fichier for fichier, empreinte in empreintes.items() if connue.get(fichier, {}).get("est") != empreinte]
    verrou = Lock()
    if neufs:
        print(f"Ce que traverse chaque test de {len(neufs)} fichiers…", flush=True)

    def un_fichier(place: Place, fichier: str) -> None:
        tests = [test for test in place.tests if test.split("::")[0] == fichier]
        essai = {"tests": tests, "reponse": str(place.reponse), "ecoute": f"{SOURCES}/"}
        rendu = place.demander(essai | {"patience": 3600, "attente": 3600})
        if "vus" not in rendu:
            sys.exit(f"L'écoute de {fichier} s'est arrêtée : {rendu.get('panne')}")
        for test, dit in rendu["dit"]:  # il ne témoignera de rien
            rendu["vus"].pop(test, None)
            print(f"Rouge sans aucune faute : {test}\n{dit}", flush=True)
        with verrou:
            connue[fichier] = {"est": empreintes[fichier], "vus": rendu["vus"]}
            gardee.write_text(json.dumps(connue))

    a_deux(places, un_fichier, neufs)
    return {test: vu for fichier in empreintes for test, vu in connue[fichier]["vus"].items()}


def a_deux(places: list[Place], faire: Callable[[Place, Any], None], quoi: Iterable[Any]) -> None:
    libres: Queue[Place] = Queue()
    for place in places:
        libres.put(place)

    def un(celui_ci: Any) -> None:
        place = libres.get()
        try:
            faire(place, celui_ci)
        except SystemExit as arret:
            print(arret, flush=True)
            os._exit(1)  # les autres fils attendraient
        finally:
            libres.put(place)

    with ThreadPoolExecutor(len(places)) as fils:
        list(fils.map(un, quoi))


def choisir(faute: Faute, vus: dict[str, Any]) -> list[str]:
    """Les tests qui traversent la fonction, à défaut son fichier, ou tous ; chaque fichier de tests a sa part."""
    par_degre: tuple[list[str], ...] = [], [], []
    for test, (_, fonctions) in vus.items():
        if [faute.fichier, faute.fonction] in fonctions:
            par_degre[0].append(test)
        elif any(fichier == faute.fichier for fichier, _ in fonctions):
            par_degre[1].append(test)
        else:
            par_degre[2].append(test)
    depense: Counter[str] = Counter()
    rangs: dict[str, float] = {}
    for test in sorted(next(filter(None, par_degre)), key=lambda test: vus[test][0]):
        fichier = test.split("::")[0]
        depense[fichier] += vus[test][0]
        rangs[test] = depense[fichier]  # les plus courts d'abord, sans qu'un fichier fasse attendre les autres
    return sorted(rangs, key=lambda test: rangs[test])


def mesurer(domaine: str) -> None:
    choisies, tests = echantillon(domaine), sha256()
    for fichier in sorted((RACINE / "tests").rglob("*.py")):
        tests.update(fichier.read_bytes())
    jour, journal, connues = tests.hexdigest(), DOSSIER / f"{domaine}.jsonl", {}
    places = [Place(domaine, numero) for numero in range(PLACES)]
    for place in places:
        place.prete()
    vus = ecouter(domaine, places)
    for lu in map(json.loads, journal.read_text().splitlines() if journal.exists() else []):
        if lu["vue"] or lu["tests"] == jour:  # une survivante se réessaie dès qu'un test a changé
            connues[Faute(**lu["faute"])] = lu["vue"]

    def essayer(place: Place, faute: Faute) -> None:
        vu_par = place.juger(faute, choisir(faute, vus))
        connues[faute] = vu_par is not None
        with journal.open("a") as ecrit:
            verdict = {"faute": asdict(faute), "vue": connues[faute], "par": vu_par, "tests": jour}
            ecrit.write(json.dumps(verdict) + "\n")
        print(f"{'vue    ' if connues[faute] else 'SURVIT '} {faute}", flush=True)

    a_deux(places, essayer, [faute for faute in choisies if faute not in connues])
    for place in places:
        place.fermer()
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
