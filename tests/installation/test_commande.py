"""La commande « apart » : une base qui répond, ou une phrase."""

from __future__ import annotations

import argparse
import ast
import inspect
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest
from django.core.management import base
from django.db import DatabaseError, NotSupportedError, OperationalError, ProgrammingError
from django.db.migrations.exceptions import MigrationSchemaMissing

from apart.config import commande
from apart.config.environnement import PARLE_POUR
from apart.config.ligne import PHRASES, Commandes, parler_francais, verifier
from tests.installation.lanceur import APART
from tests.processus import environnement

# La commande telle quelle, jusqu'au moment où Django la ferait : on lit alors à quelle base elle parlerait.
A_QUELLE_BASE = """
from django.conf import settings
from apart.config import commande

def dire(commandes):
    base = settings.DATABASES["default"]
    print(base["USER"], base["OPTIONS"].get("options", "sans limite"))

commande.Commandes.execute = dire
commande.main()
"""

# De même, jusqu'à savoir où les processus du site additionneraient leurs mesures.
OU_VONT_LES_MESURES = """
import os
from apart.config import commande

def dire(commandes):
    from prometheus_client import values
    print(os.path.isdir(os.environ[commande.MESURES_PARTAGEES]), values.ValueClass.__name__)

commande.Commandes.execute = dire
commande.main()
"""


def apart(*arguments: str, **reglages: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [APART, *arguments], env=environnement(**reglages), capture_output=True, text=True, check=False
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


def test_seules_les_commandes_qui_changent_les_tables_parlent_au_nom_du_proprietaire() -> None:
    assert {commande.parle_pour(["apart", nom]) for nom in ("migrate", "sirene", "droits", "demo", "flush")} == {
        "proprietaire"
    }
    assert commande.parle_pour(["apart", "serveur", "--processus", "4"]) == "site"
    assert {commande.parle_pour(["apart", nom]) for nom in ("travailleur", "check", "agent", "courriels")} == {"fond"}
    assert commande.parle_pour(["apart"]) == "fond"


@pytest.mark.parametrize(
    ("geste", "base"),
    [
        ("serveur", "le_site -c statement_timeout=7s"),
        ("travailleur", "le_site sans limite"),
        ("migrate", "le_proprietaire sans limite"),
    ],
)
def test_le_serveur_a_le_role_du_site_et_la_limite_des_pages_seul(geste: str, base: str, tmp_path: Path) -> None:
    reglages = {
        "APART_VAR": str(tmp_path),
        "DATABASE_URL": "postgresql://le_site@127.0.0.1/apart",
        "DATABASE_URL_PROPRIETAIRE": "postgresql://le_proprietaire@127.0.0.1/apart",
        "BASE_SECONDES": "7",
    }
    fini = subprocess.run(
        [sys.executable, "-c", A_QUELLE_BASE, geste],
        env=environnement(**reglages),
        capture_output=True,
        text=True,
        check=True,
    )
    assert fini.stdout.strip() == base


@pytest.mark.parametrize("valeur", [None, ""])
def test_les_processus_du_site_additionnent_leurs_mesures_dans_un_dossier_neuf(
    valeur: str | None, tmp_path: Path
) -> None:
    """Vides, Django ne trouverait pas ses réglages, et prometheus_client écrirait dans le dossier courant."""
    bibliotheques = ("DJANGO_SETTINGS_MODULE", "PROMETHEUS_MULTIPROC_DIR")
    fini = subprocess.run(
        [sys.executable, "-c", OU_VONT_LES_MESURES, "serveur"],
        env=environnement(
            **({} if valeur is None else dict.fromkeys(bibliotheques, valeur)),
            APART_VAR=str(tmp_path),
            DATABASE_URL="postgresql://le_site@127.0.0.1/apart",
            METRIQUES_JETON="un-jeton-de-vingt-signes",
        ),
        capture_output=True,
        text=True,
        check=True,
    )
    assert fini.stdout.strip() == "True MmapedValue"


def venu_de(refus: DatabaseError, cause: Exception) -> DatabaseError:
    refus.__cause__ = cause
    return refus


@pytest.mark.parametrize(
    ("refus", "qui", "remede"),
    [
        (OperationalError("connection refused"), "fond", "Vérifiez DATABASE_URL"),
        (venu_de(ProgrammingError(), psycopg.errors.UndefinedTable()), "fond", "Lancez « apart migrate »"),
        (venu_de(ProgrammingError(), psycopg.errors.InsufficientPrivilege()), "fond", "Lancez « apart droits »"),
        (
            venu_de(ProgrammingError(), psycopg.errors.InsufficientPrivilege()),
            *("proprietaire", "donnez le propriétaire par DATABASE_URL_PROPRIETAIRE"),
        ),
        (MigrationSchemaMissing(), "proprietaire", "donnez le propriétaire par DATABASE_URL_PROPRIETAIRE"),
        (
            venu_de(OperationalError(), psycopg.errors.UndefinedFile("extension control file")),
            *("proprietaire", "Installez le paquet postgresql-contrib"),
        ),
        (
            venu_de(NotSupportedError(), psycopg.errors.FeatureNotSupported('extension "pg_trgm" is not available')),
            *("proprietaire", "Installez le paquet postgresql-contrib"),
        ),
        (venu_de(ProgrammingError(), psycopg.errors.SyntaxError()), "fond", ""),
    ],
)
def test_chaque_refus_de_la_base_a_son_remede_et_notre_faute_sa_trace(
    refus: DatabaseError, qui: str, remede: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(PARLE_POUR, qui)
    phrase = commande.phrase_de_la_base(refus)
    assert remede in phrase
    assert bool(phrase) is bool(remede)


def test_une_table_qui_manque_pendant_les_migrations_est_notre_faute(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "argv", ["apart", "migrate"])
    assert commande.phrase_de_la_base(venu_de(ProgrammingError(), psycopg.errors.UndefinedTable())) == ""
