"""Ce qui se règle et ce dont on dépend est décrit, sans oubli ni reste."""

from __future__ import annotations

import re
import subprocess
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.urls import get_resolver
from procrastinate.contrib.django import app

from apart.socle import journalisation
from tests.processus import environnement

RACINE = Path(__file__).resolve().parents[2]


def lignes(fichier: str) -> list[str]:
    """La première colonne des tableaux d'un document, sans ses accents graves."""
    lues = re.findall(r"^\| `?([\w.\[\]-]+)`? \|", (RACINE / fichier).read_text(), re.MULTILINE)
    return [ligne for ligne in lues if ligne.lower() not in {"variable", "paquet"} and not set(ligne) <= {"-"}]


def tableau(fichier: str) -> set[str]:
    return set(lignes(fichier))


def test_chaque_variable_lue_est_dans_le_guide_d_exploitation() -> None:
    reglages = (RACINE / "src/apart/config/settings.py").read_text()
    lues = set(re.findall(r'env\.\w+\(\s*"([A-Z][A-Z_]+)"', reglages))
    assert {"DATABASE_URL", "EMAIL_URL", "SECRET_KEY", "ALLOWED_HOSTS", "URL_PUBLIQUE"} <= lues
    decrites = {nom for nom in tableau("docs/exploitation.md") if nom.isupper()}
    assert decrites == lues


def test_chaque_tache_periodique_est_dans_le_guide_d_exploitation() -> None:
    periodiques = {nom for nom, _ in app.periodic_registry.periodic_tasks}
    assert periodiques
    dites = [ligne for ligne in lignes("docs/exploitation.md") if "." in ligne]
    assert (len(dites), set(dites)) == (len(periodiques), periodiques)


def test_le_mandataire_laisse_passer_les_fichiers_la_ou_une_page_en_recoit() -> None:
    phrase = re.search(r"laisse passer 21 Mio vers (.*?) \(", (RACINE / "docs/exploitation.md").read_text())
    assert phrase
    permis = re.findall(r"`/([^`]+)`", phrase[1])
    recoivent = [adresse for adresse, vue in adresses(get_resolver()) if getattr(vue, "octets_permis", 0)]
    assert recoivent
    assert [adresse for adresse in recoivent if not adresse.startswith(tuple(permis))] == []
    assert [debut for debut in permis if not any(adresse.startswith(debut) for adresse in recoivent)] == []


def test_le_mandataire_ne_garde_aucun_chemin_que_nos_journaux_masquent() -> None:
    masques = re.search(r"\(\?:([\w|-]+)\)", journalisation.SECRETS.pattern)
    phrase = re.search(
        r"les chemins qui contiennent (.*?), ni ce qui suit", (RACINE / "docs/exploitation.md").read_text()
    )
    assert masques
    assert phrase
    assert set(re.findall(r"`/([^`]+)/`", phrase[1])) == set(masques[1].split("|"))


def adresses(resolveur: Any, debut: str = "") -> Iterator[tuple[str, Callable[..., object]]]:
    for motif in resolveur.url_patterns:
        if hasattr(motif, "url_patterns"):
            yield from adresses(motif, debut + str(motif.pattern))
        else:
            yield debut + str(motif.pattern), motif.callback


def test_chaque_dependance_directe_a_sa_raison() -> None:
    projet = tomllib.loads((RACINE / "pyproject.toml").read_text())
    directes = [
        *projet["project"]["dependencies"],
        *(paquet for groupe in projet["project"]["optional-dependencies"].values() for paquet in groupe),
        *(paquet for groupe in projet["dependency-groups"].values() for paquet in groupe),
        *projet["build-system"]["requires"],
    ]
    assert tableau("docs/decisions/dependances.md") == {paquet.split("==")[0] for paquet in directes}
    assert all("==" in paquet for paquet in directes)


@pytest.mark.parametrize("fichier", ["README.md", "README.en.md", "CONTRIBUTING.md", "docs/exploitation.md"])
def test_les_liens_des_documents_menent_quelque_part(fichier: str) -> None:
    liens = re.findall(r"\]\((?!https?:|#)([^)#]+)", (RACINE / fichier).read_text())
    assert [lien for lien in liens if not (RACINE / fichier).parent.joinpath(lien).exists()] == []


def test_les_fichiers_que_nomme_contribuer_existent() -> None:
    nommes = re.findall(r"`((?:src|tests|docs)/[\w./-]+)`", (RACINE / "CONTRIBUTING.md").read_text())
    assert nommes
    assert [nom for nom in nommes if not (RACINE / nom).exists()] == []


def test_make_seul_enumere_les_verbes_du_readme() -> None:
    verbes = set(re.findall(r"^([a-z-]+):.*## ", (RACINE / "Makefile").read_text(), re.MULTILINE))
    attendus = "aide installer demo test test-webkit banc chaos mutations image tour verifier formater"
    assert verbes == set(attendus.split())
    for fichier in ("README.md", "README.en.md"):
        texte = (RACINE / fichier).read_text()
        assert all(f"make {verbe}" in texte for verbe in verbes - {"aide"})


@pytest.mark.parametrize("ou", ["environnement", "arguments"])
def test_une_variable_vide_de_make_vaut_son_defaut(ou: str) -> None:
    vides = {"PORT": "", "PYTHON": ""}
    donnees, arguments = (vides, []) if ou == "environnement" else ({}, [f"{nom}=" for nom in vides])
    dit = subprocess.run(
        ["make", "-n", "demo", *arguments], cwd=RACINE, env=environnement(**donnees), capture_output=True, check=True
    ).stdout.decode()
    assert "python3 outils/amorcer.py" in dit
    assert "--port 8000\n" in dit


def test_ce_qui_repond_aux_plaintes_existe() -> None:
    """Pages, messages, fiches et essais nommés dans docs/plaintes.md."""
    lignes = re.findall(r"^\| +[0-9]+ \|.*$", (RACINE / "docs/plaintes.md").read_text(), re.MULTILINE)
    noms = {nom for ligne in lignes for nom in re.findall(r"`([^`]+)`", ligne)}
    essais = {nom for nom in noms if nom.startswith("tests/")}
    connus = {cle for cle in get_resolver().reverse_dict if isinstance(cle, str)}
    connus |= {gabarit.stem for gabarit in RACINE.glob("src/apart/*/templates/courriels/*.txt")}

    assert len(lignes) == 12
    assert all(re.search(r"`tests/", ligne) for ligne in lignes)
    assert [nom for nom in essais if not (RACINE / nom).exists()] == []
    assert noms - essais - connus == set()
