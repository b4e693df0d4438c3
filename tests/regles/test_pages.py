"""Les pages de docs/regles : leurs exemples se recalculent, ce qu'elles nomment existe, aucune ne manque."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

import apart.regles
from apart.regles.bareme import bareme
from apart.regles.cas import TYPES, calculer

REGLES = Path(apart.regles.__file__).parent
DOCS = REGLES.parent.parent.parent / "docs" / "regles"
PAGES = {page.stem: page.read_text() for page in sorted(DOCS.glob("*.md"))}
SUR_UNE_REGLE = sorted(PAGES.keys() - {"index", "cas", "lire-le-code"})
CODE = {source.name: source.read_text() for source in sorted(REGLES.glob("*.py"))}
BAREME = "\n".join(f.read_text() for f in sorted((REGLES / "parametres").glob("*.yaml")))
RUBRIQUES = ["La règle", "Depuis quand", "Textes", "Ordre des opérations", "Paramètres", "Exemple", "Doutes"]
RUBRIQUES.append("Ce que cette page ne couvre pas")


def exemples(texte: str) -> list[dict[str, Any]]:
    return [json.loads(bloc, parse_float=Decimal) for bloc in re.findall(r"```json\n(.*?)```", texte, re.DOTALL)]


EXEMPLES = [
    pytest.param(exemple, id=f"{page}-{rang}")
    for page, texte in PAGES.items()
    for rang, exemple in enumerate(exemples(texte), 1)
]


@pytest.mark.parametrize("exemple", EXEMPLES)
def test_l_exemple_de_la_page_est_ce_que_donne_le_calcul(exemple: dict[str, Any]) -> None:
    resultats = calculer(exemple).resultats
    assert exemple["attendus"], "un exemple annonce au moins un résultat"
    lus = {nom: resultats[nom] for nom in exemple["attendus"]}
    assert {nom: v.isoformat() if isinstance(v, date) else v for nom, v in lus.items()} == exemple["attendus"]


@pytest.mark.parametrize("page", [*SUR_UNE_REGLE, "cas"])
def test_chaque_page_a_un_exemple(page: str) -> None:
    assert exemples(PAGES[page])


@pytest.mark.parametrize("page", SUR_UNE_REGLE)
def test_chaque_page_a_les_memes_rubriques(page: str) -> None:
    assert re.findall(r"^## (.+)$", PAGES[page], re.MULTILINE) in (
        RUBRIQUES,
        [rubrique for rubrique in RUBRIQUES if rubrique != "Depuis quand"],
    )


# --- Du code aux pages, et retour ---


def constantes(arbre: ast.AST) -> dict[str, str]:
    """Les noms à qui le module donne un texte : PAGE = "delais", page, article = "…", "…"."""
    affectations = [(cible, n.value) for n in ast.walk(arbre) if isinstance(n, ast.Assign) for cible in n.targets]
    textes = {}
    for cible, valeur in affectations:
        noms = cible.elts if isinstance(cible, ast.Tuple) else [cible]
        valeurs = valeur.elts if isinstance(valeur, ast.Tuple) else [valeur]
        for nom, texte in zip(noms, valeurs, strict=False):
            if isinstance(nom, ast.Name) and isinstance(texte, ast.Constant) and isinstance(texte.value, str):
                textes[nom.id] = texte.value
    return textes


def pages_citees() -> Iterator[tuple[str, str]]:
    """(fichier, page) pour chaque étape qu'une règle peut écrire."""
    for nom, source in CODE.items():
        arbre = ast.parse(source)
        textes = constantes(arbre)
        for appel in ast.walk(arbre):
            if not isinstance(appel, ast.Call) or getattr(appel.func, "id", "") not in {
                "etape",
                "_etape",
                "_proportion",
            }:
                continue
            premier = appel.args[0]
            if isinstance(premier, ast.Constant):
                yield nom, str(premier.value)
            elif isinstance(premier, ast.Name) and premier.id != "regle":  # « regle » : passée par l'appelant
                yield nom, textes[premier.id]


CITEES = set(pages_citees())


def test_chaque_etape_renvoie_a_une_page() -> None:
    assert len(CITEES) > 15
    assert {citee for citee in CITEES if citee[1] not in PAGES} == set()


def test_chaque_renvoi_ecrit_dans_le_code_mene_a_une_page() -> None:
    renvois = {(nom, page) for nom, s in CODE.items() for page in re.findall(r"docs/regles/([a-z0-9-]+)", s)}
    assert {renvoi for renvoi in renvois if renvoi[1] not in PAGES} == set()


def test_aucune_page_n_est_oubliee_du_code() -> None:
    citees = {page for _, page in CITEES} | set(re.findall(r"docs/regles/([a-z0-9-]+)", "\n".join(CODE.values())))
    assert PAGES.keys() - {"index"} - citees == set()


def test_l_index_mene_a_toutes_les_pages() -> None:
    liens = set(re.findall(r"\]\(([a-z0-9-]+)\.md\)", PAGES["index"]))
    assert liens == PAGES.keys() - {"index"}


@pytest.mark.parametrize("page", PAGES)
def test_les_liens_d_une_page_menent_quelque_part(page: str) -> None:
    liens = re.findall(r"\]\(([^)#]+)\)", PAGES[page])
    assert [lien for lien in liens if not (DOCS / lien).exists()] == []


# --- Ce que les pages nomment existe ---


@pytest.mark.parametrize("page", PAGES)
def test_les_cles_d_une_page_sont_au_bareme_et_leur_lien_au_bon_fichier(page: str) -> None:
    cles = re.findall(r"`([a-z_]+\.[a-z0-9_]+)`(?:\]\(([^)]+)\))?", PAGES[page])
    fichiers = {p.fichier for p in bareme().parametres.values()}
    inconnues = [cle for cle, lien in cles if cle not in bareme().parametres and lien.split("/")[-1] not in fichiers]
    assert [cle for cle in inconnues if not cle.endswith((".json", ".py", ".yaml"))] == []
    assert [
        (cle, lien)
        for cle, lien in cles
        if cle in bareme().parametres and not lien.endswith(f"/{bareme().parametres[cle].fichier}")
    ] == []


def articles(texte: str) -> set[str]:
    """« R. 5122-18 » et « R5122-18 » sont le même article ; « D. 2020-926 » est un décret."""
    trouves = re.findall(r"\b([LRD])\.?[ \u00a0]?(\d{3,4}-\d+(?:-\d+)*)", texte)
    return {lettre + numero for lettre, numero in trouves if not numero.startswith("20")}


@pytest.mark.parametrize("page", PAGES)
def test_les_articles_d_une_page_sont_au_bareme_ou_dans_une_regle(page: str) -> None:
    assert articles(PAGES[page]) - articles(BAREME + "\n".join(CODE.values())) == set()


@pytest.mark.parametrize("page", PAGES)
def test_les_textes_d_une_page_sont_au_bareme(page: str) -> None:
    """Lois, ordonnances et décrets, par leur numéro."""
    numeros = set(re.findall(r"n° (\d{2,4}-\d+)", PAGES[page]))
    assert {numero for numero in numeros if numero not in BAREME} == set()


@pytest.mark.parametrize("page", SUR_UNE_REGLE)
def test_une_page_nomme_les_articles_de_ses_etapes(page: str) -> None:
    """Ce que dit une étape et ce que dit sa page ne se contredisent pas."""
    cites = {
        article
        for exemple in exemples(PAGES[page])
        for etape in calculer(exemple).trace
        if etape.regle == page
        for article in articles(etape.article)
    }
    assert cites - articles(PAGES[page]) == set()


def test_les_douze_doutes_sont_traites() -> None:
    traites = {int(n) for page in SUR_UNE_REGLE for n in re.findall(r"^### Doute (\d+)\.", PAGES[page], re.MULTILINE)}
    assert traites == set(range(1, 13))


def test_la_page_des_cas_dit_tous_les_types() -> None:
    assert set(re.findall(r"^\| `([a-z_]+)` \| .+ \| .+ \| .+ \|$", PAGES["cas"], re.MULTILINE)) == {"type", *TYPES}
