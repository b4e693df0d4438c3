"""Le PostgreSQL qu'Apart démarre lui-même : il part, se partage, se relève, et dit ce qui lui manque."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from pytest_django.fixtures import Settings

from apart.embarque import postgres
from apart.embarque.programmes import PostgresIndisponible, compte_du_serveur, trouver
from tests.processus import environnement

pytestmark = pytest.mark.base
sous_root = pytest.mark.skipif(os.geteuid() != 0, reason="ne se produit que sous root")

USAGER = """
import sys
from pathlib import Path
from apart.embarque import postgres
dossier = Path(sys.argv[1])
with postgres.usage(dossier):
    print(postgres.numero(dossier.resolve() / "donnees" / "postmaster.pid"), flush=True)
    sys.stdin.read()
"""


@contextmanager
def racine_ouverte() -> Iterator[Path]:
    """Un dossier d'essai où, sous root, le compte du serveur peut entrer."""
    racine = Path(tempfile.mkdtemp(prefix="apart-essai-"))
    racine.chmod(0o755)
    yield racine
    shutil.rmtree(racine)


@pytest.fixture
def dossier() -> Iterator[Path]:
    """Où mettre une base qui n'existe pas encore."""
    with racine_ouverte() as racine:
        yield racine / "postgres"
        postgres.arreter(racine / "postgres")


@pytest.fixture(scope="module")
def modele() -> Iterator[Path]:
    """Une base vide et arrêtée, créée une fois."""
    with racine_ouverte() as racine:
        with postgres.usage(racine / "postgres"):
            pass
        yield racine / "postgres"


@pytest.fixture
def base(dossier: Path, modele: Path) -> Path:
    """Où est une base qui a déjà servi."""
    subprocess.run(["cp", "-a", modele, dossier], env=environnement(), check=True)
    return dossier


def pid(dossier: Path) -> int:
    numero = postgres.numero(dossier.resolve() / "donnees" / "postmaster.pid")
    assert numero is not None
    return numero


def ecrire(dossier: Path, valeur: int) -> None:
    with postgres.connecter(dossier, postgres.BASE) as connexion:
        connexion.execute("CREATE TABLE IF NOT EXISTS temoin (valeur integer)")
        connexion.execute("INSERT INTO temoin VALUES (%s)", [valeur])


def relire(dossier: Path) -> list[int]:
    with postgres.connecter(dossier, postgres.BASE) as connexion:
        return [ligne[0] for ligne in connexion.execute("SELECT valeur FROM temoin ORDER BY valeur")]


def phrase(dossier: Path) -> str:
    with pytest.raises(PostgresIndisponible) as refus:
        postgres.demarrer(dossier)
    return str(refus.value)


def test_la_base_vit_le_temps_de_son_usage_et_garde_ses_donnees(dossier: Path) -> None:
    with postgres.usage(dossier):
        ecrire(dossier, 1)
        serveur = pid(dossier)
    assert not postgres.est_le_serveur(serveur, dossier / "donnees")
    assert not postgres.repond(dossier, postgres.BASE)
    with postgres.usage(dossier):
        assert relire(dossier) == [1]


def test_elle_n_ouvre_aucun_port_et_son_dossier_est_ferme_aux_autres(base: Path) -> None:
    with postgres.usage(base), postgres.connecter(base, postgres.BASE) as connexion:
        reglage = connexion.execute("SELECT current_setting('listen_addresses')").fetchone()
    assert reglage == ("",)
    assert base.stat().st_mode & 0o777 == 0o700
    assert postgres.prise(base).stat().st_mode & 0o777 == 0o700


def test_elle_nait_sans_extension_comme_une_base_externe(base: Path) -> None:
    """Ainsi chaque test prouve que les migrations posent ce dont Apart a besoin."""
    for ou in (postgres.BASE, "template1"):
        with postgres.usage(base), postgres.connecter(base, ou) as connexion:
            assert connexion.execute("SELECT extname FROM pg_extension").fetchall() == [("plpgsql",)]


def test_le_premier_parti_ne_l_arrete_pas(base: Path) -> None:
    with postgres.usage(base):
        with postgres.usage(base):
            serveur = pid(base)
        assert pid(base) == serveur
        assert postgres.repond(base, postgres.BASE)


def test_six_demarrages_simultanes_partagent_un_serveur(dossier: Path) -> None:
    usagers = [
        subprocess.Popen(
            [sys.executable, "-c", USAGER, str(dossier)],
            env=environnement(DJANGO_SETTINGS_MODULE="apart.config.settings"),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(6)
    ]
    serveurs = {usager.stdout.readline() for usager in usagers if usager.stdout}
    assert len(serveurs) == 1
    for usager in usagers:
        usager.communicate("")
        assert usager.returncode == 0
    assert not postgres.repond(dossier, postgres.BASE)


def test_apres_un_kill_9_elle_repart_sans_rien_perdre(base: Path) -> None:
    with postgres.usage(base):
        for valeur in range(3):
            ecrire(base, valeur)
            os.kill(pid(base), signal.SIGKILL)
            postgres.demarrer(base)
        assert relire(base) == [0, 1, 2]


def test_un_usager_tue_n_empeche_pas_l_arret(base: Path) -> None:
    usager = subprocess.Popen(
        [sys.executable, "-c", USAGER, str(base)],
        env=environnement(DJANGO_SETTINGS_MODULE="apart.config.settings"),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    with usager:
        assert usager.stdout
        assert int(usager.stdout.readline()) == pid(base)
        usager.kill()
    assert postgres.repond(base, postgres.BASE)
    with postgres.usage(base):
        ecrire(base, 1)
    assert not postgres.repond(base, postgres.BASE)


def test_un_numero_repris_par_un_autre_programme_ne_la_bloque_pas(base: Path) -> None:
    with postgres.usage(base):
        ecrire(base, 1)
        verrou = base / "donnees" / "postmaster.pid"
        suite = verrou.read_text().partition("\n")[2]
        os.kill(pid(base), signal.SIGKILL)
        with verrou.open("r+") as fichier:
            fichier.write(f"{os.getpid()}\n{suite}")
            fichier.truncate()
        postgres.demarrer(base)
        assert relire(base) == [1]


def test_une_creation_interrompue_recommence_a_neuf(dossier: Path) -> None:
    compte = compte_du_serveur(dossier / "donnees")
    postgres.creer_dossier_prive(dossier, compte)
    (dossier / "donnees.neuf").mkdir()
    (dossier / "donnees.neuf" / "PG_VERSION").write_text("18\n")
    with postgres.usage(dossier):
        assert postgres.repond(dossier, postgres.BASE)


def test_un_chemin_trop_long_pour_une_prise_en_prend_une_courte(dossier: Path) -> None:
    long = dossier.parent / ("Établissement-" * 8) / "postgres"
    long.parent.mkdir()
    prise = postgres.prise(long)
    assert len(str(prise)) < 40
    try:
        with postgres.usage(long):
            ecrire(long, 1)
            assert prise.stat().st_mode & 0o777 == 0o700
    finally:
        postgres.arreter(long)
        shutil.rmtree(prise)


def test_une_prise_preparee_par_un_autre_est_refusee(dossier: Path, tmp_path: Path) -> None:
    postgres.creer_dossier_prive(dossier, compte_du_serveur(dossier / "donnees"))
    (dossier / "prise").symlink_to(tmp_path)
    assert "existe déjà et n'est pas à nous" in phrase(dossier)


def test_des_programmes_introuvables_sont_dits_avec_leur_dossier(
    dossier: Path, settings: Settings, tmp_path: Path
) -> None:
    settings.POSTGRES_BIN = str(tmp_path)
    dit = phrase(dossier)
    assert f"PostgreSQL 15 ou plus est introuvable dans le dossier {tmp_path} (réglage APART_POSTGRES_BIN)" in dit


def test_des_donnees_d_une_autre_version_ne_sont_pas_ouvertes(dossier: Path) -> None:
    compte = compte_du_serveur(dossier / "donnees")
    postgres.creer_dossier_prive(dossier, compte)
    postgres.creer_dossier_prive(dossier / "donnees", compte)
    (dossier / "donnees" / "PG_VERSION").write_text("12\n")
    assert phrase(dossier).startswith("La base a été créée par PostgreSQL 12, introuvable")


def test_des_donnees_disparues_ne_sont_pas_remplacees_en_silence(dossier: Path) -> None:
    dossier.symlink_to(dossier.parent / "ailleurs")
    assert "qui a disparu" in phrase(dossier)
    assert not dossier.exists()


@sous_root
def test_un_clone_ferme_a_tous_met_ses_donnees_la_ou_le_compte_du_serveur_va(
    dossier: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(postgres, "ABRI_SOUS_ROOT", dossier.parent / "abri")
    ferme = dossier.parent / "clone" / "var" / "postgres"
    ferme.parent.mkdir(parents=True)
    ferme.parent.parent.chmod(0o700)
    try:
        with postgres.usage(ferme):
            ecrire(ferme, 1)
        assert ferme.resolve().parent == dossier.parent / "abri"
        assert "qui n'atteint pas" in capfd.readouterr().err
        with postgres.usage(ferme):
            assert relire(ferme) == [1]
    finally:
        postgres.arreter(ferme)


@sous_root
def test_des_programmes_fermes_au_compte_du_serveur_sont_copies(
    dossier: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    programmes = trouver()
    if not programmes.de_la_roue:
        pytest.skip("seuls les programmes de la roue peuvent être dans un .venv fermé")
    paquet = programmes.dossier.parents[1]
    ferme = dossier.parent / "ferme"
    shutil.copytree(paquet, ferme / paquet.name)
    shutil.copytree(paquet.with_name(f"{paquet.name}.libs"), ferme / f"{paquet.name}.libs")
    ferme.chmod(0o700)
    monkeypatch.setattr(
        "apart.embarque.programmes.dossier_de_la_roue", lambda: ferme / paquet.name / "pginstall" / "bin"
    )
    with postgres.usage(dossier):
        executable = Path(f"/proc/{pid(dossier)}/exe").readlink()
    assert executable.is_relative_to(dossier)


def test_le_verrou_d_un_dossier_qui_n_en_est_pas_un_se_dit(tmp_path: Path) -> None:
    (tmp_path / "var").write_text("")
    assert "ne peut pas écrire" in phrase(tmp_path / "var" / "postgres")
