"""La commande « apart » : une base qui répond, ou une phrase."""

from __future__ import annotations

import argparse
import ast
import inspect
import os
import subprocess
from pathlib import Path

import pytest
from django.core.management import base

from apart.config.ligne import PHRASES, Commandes, parler_francais, verifier
from tests.installation.lanceur import APART, REGLAGES


def apart(*arguments: str, **reglages: str) -> subprocess.CompletedProcess[str]:
    environnement = {cle: valeur for cle, valeur in os.environ.items() if cle not in REGLAGES}
    return subprocess.run(
        [APART, *arguments], env={**environnement, **reglages}, capture_output=True, text=True, check=False
    )


@pytest.mark.parametrize(
    ("reglages", "phrase"),
    [
        ({"DATABASE_URL": "postgresql://apart@127.0.0.1:1/apart"}, "La base de données ne répond pas"),
        ({"DATABASE_URL": "mysql://base"}, "Réglage DATABASE_URL : Apart ne connaît que PostgreSQL"),
        ({"URL_PUBLIQUE": "apart.fr"}, "Réglage URL_PUBLIQUE : « apart.fr »"),
        ({"APART_POSTGRES_BIN": "/nulle/part"}, "dans le dossier /nulle/part (réglage APART_POSTGRES_BIN)"),
    ],
)
def test_ce_qui_empeche_de_travailler_se_dit_en_une_phrase(
    reglages: dict[str, str], phrase: str, tmp_path: Path
) -> None:
    fini = apart("migrate", APART_VAR=str(tmp_path / "var"), **reglages)
    assert fini.returncode == 1
    assert phrase in fini.stderr
    assert "Traceback" not in fini.stderr


def test_une_commande_sans_base_n_en_demarre_pas(tmp_path: Path) -> None:
    fini = apart("version", APART_VAR=str(tmp_path / "var"))
    assert fini.returncode == 0
    assert not (tmp_path / "var" / "postgres").exists()


@pytest.mark.parametrize(
    ("ligne", "phrase"),
    [
        ("chek", "apart : la commande « chek » n'existe pas. Vouliez-vous dire check ? « apart help » les nomme.\n"),
        (
            "migrate --foo",
            "apart migrate : l'option « --foo » n'existe pas. « apart migrate --help » dit ce qu'il faut.\n",
        ),
        ("sirene", "apart sirene : il manque importer|etat. « apart sirene --help » dit ce qu'il faut.\n"),
        (
            "sirene a b c d",
            "apart sirene : importer|etat : « a » n'est pas l'un de ces choix : 'importer', 'etat'. "
            "« apart sirene --help » dit ce qu'il faut.\n",
        ),
    ],
)
def test_une_faute_de_frappe_se_dit_en_francais_avant_que_la_base_ne_demarre(
    ligne: str, phrase: str, tmp_path: Path
) -> None:
    fini = apart(*ligne.split(), APART_VAR=str(tmp_path / "var"))
    assert (fini.returncode, fini.stdout, fini.stderr) == (2, "", phrase)
    assert not (tmp_path / "var" / "postgres").exists()


@pytest.fixture
def francais(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ce que la commande fait de son propre processus, défait à la fin de l'essai."""
    for module, nom in ((argparse, "_"), (argparse, "ngettext"), (base, "CommandParser")):
        monkeypatch.setattr(module, nom, getattr(module, nom))
    parler_francais()


@pytest.mark.parametrize(
    ("ligne", "phrase"),
    [
        ("sirène etat", "la commande « sirène » n'existe pas. Vouliez-vous dire sirene ?"),
        ("migrate --fakes", "l'option « --fakes » n'existe pas. Vouliez-vous dire --fake ?"),
        ("migrate --plan=3", "apart migrate : --plan : cette option ne prend pas de valeur"),
        ("migrate a b c", "apart migrate : « c » est de trop."),
        ("loaddata", "apart loaddata : il manque fixture."),
        ("sirene importer --unitez x", "« --unitez » n'existe pas. Vouliez-vous dire --unites ?"),
        ("agent creer", "apart agent creer : il manque --courriel."),
        ("aide", "apart aide : il manque charger."),
        ("serveur --fils", "apart serveur : --fils : il faut une valeur."),
        ("serveur --fils deux", "apart serveur : --fils : « deux » ne se lit pas."),
        ("demo --port 99999", "apart demo : --port : « 99999 » n'est pas un port : il faut un nombre de 1 à 65535. «"),
    ],
)
def test_un_refus_nomme_ce_qui_ne_va_pas_et_son_voisin(
    francais: None, ligne: str, phrase: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as sortie:
        verifier(["apart", *ligne.split()])
    assert sortie.value.code == 2
    assert phrase in capsys.readouterr().err


def test_help_aussi_nomme_la_commande_voisine(francais: None, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="2"):
        Commandes(["apart", "help", "chek"]).execute()
    assert "Vouliez-vous dire check ?" in capsys.readouterr().err


def test_une_ligne_juste_est_laissee_a_sa_commande(francais: None) -> None:
    for ligne in ("", "help migrate", "version", "--version", "migrate --plan", "sirene importer --echantillon"):
        verifier(["apart", *ligne.split()])


def test_chaque_phrase_que_nous_traduisons_est_une_phrase_d_argparse() -> None:
    """Ce Python les dit encore ainsi ; sinon elles reviendraient en anglais."""
    constantes = (n.value for n in ast.walk(ast.parse(inspect.getsource(argparse))) if isinstance(n, ast.Constant))
    assert PHRASES.keys() <= set(constantes)
