"""« apart check --deploy » essaie la base et le courrier, et dit ce qui manque."""

from __future__ import annotations

import tempfile
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import NoReturn

import pytest
import time_machine
from django.core.checks import CheckMessage, run_checks
from django.db import OperationalError, connection
from django.utils import timezone
from pytest_django.fixtures import Settings

from apart import socle
from apart.config import controles
from apart.config.sante import HORLOGE, lire
from apart.socle import droits
from apart.socle.models import journaliser
from tests.boite import Boite
from tests.pieces.clamd import clamd
from tests.socle.test_droits import SITE, au_nom_du, executer, site

__all__ = ["site"]
pytestmark = pytest.mark.django_db  # PostgreSQL garde son heure : à une autre date, l'écart serait vrai


def dits(messages: list[CheckMessage]) -> dict[str, str]:
    return {str(message.id): f"{message.msg} {message.hint or ''}" for message in messages}


def test_la_base_et_le_courrier_ne_s_essaient_qu_au_deploiement(boite: Boite) -> None:
    """Sans quoi chaque commande ouvrirait une connexion au serveur de courrier."""
    boite.eteindre()
    assert "apart.W121" not in dits(run_checks())
    assert "apart.W121" in dits(run_checks(include_deployment_checks=True))


def test_deux_roles_en_ordre_ne_disent_rien(site: str) -> None:
    with au_nom_du(site):
        assert dits(controles.base()) == {}


def test_un_role_qui_possede_tout_se_dit() -> None:
    assert {"apart.W112"} <= dits(controles.base()).keys() <= {"apart.W111", "apart.W112"}


def test_des_droits_perdus_se_disent_avec_la_commande_qui_les_rend(site: str) -> None:
    droits.retirer(connection, site)
    executer(f"GRANT USAGE ON SCHEMA public TO {SITE}")
    executer(f"GRANT SELECT ON ALL TABLES IN SCHEMA public TO {SITE}")
    with au_nom_du(SITE):
        assert "Lancez « apart droits »." in dits(controles.base())["apart.E104"]


def test_une_extension_absente_se_nomme(site: str) -> None:
    executer("DROP EXTENSION btree_gist CASCADE")
    with au_nom_du(site):
        assert "btree_gist" in dits(controles.base())["apart.E103"]


def test_une_base_neuve_ne_demande_que_les_migrations(site: str) -> None:
    """Avant elles, l'absence des extensions est leur affaire : la dire enverrait les créer à la main."""
    executer("DROP EXTENSION btree_gist CASCADE")
    executer("DELETE FROM django_migrations WHERE (app, name) = ('configuration', '0002_btree_gist')")
    with au_nom_du(site):
        assert dits(controles.base()).keys() == {"apart.W115"}


def test_une_migration_en_attente_se_dit() -> None:
    executer("DELETE FROM django_migrations WHERE (app, name) = ('configuration', '0002_btree_gist')")
    assert "1 migrations, dont configuration.0002_btree_gist" in dits(controles.base())["apart.W115"]


@pytest.mark.parametrize(("decalage", "sens"), [(2, "retarde"), (-2, "avance")])
def test_une_horloge_fausse_de_deux_heures_se_dit(decalage: int, sens: str) -> None:
    with time_machine.travel((lire(HORLOGE) or 0) + decalage * 3_600):
        assert f"{sens} de 2 heures" in dits(controles.base())["apart.W114"]


@pytest.mark.jour
def test_une_horloge_revenue_en_arriere_se_voit_au_journal() -> None:
    journaliser("essai", sujet="essai:1")
    with time_machine.travel(timezone.now() - timedelta(hours=2)):
        assert "2 heures" in dits(controles.base())["apart.W116"]


@pytest.mark.parametrize(
    ("hote", "chiffree", "sslmode", "dit"),
    [
        ("base.exemple.fr", False, "prefer", "n'est pas chiffrée"),
        ("base.exemple.fr", True, "require", "sans vérifier qui est au bout"),
        ("base.exemple.fr", True, "verify-full", ""),
        ("/var/run/postgresql", False, "prefer", ""),
    ],
)
def test_une_liaison_lointaine_doit_etre_chiffree_et_verifiee(
    monkeypatch: pytest.MonkeyPatch, hote: str, chiffree: bool, sslmode: str, dit: str
) -> None:
    """La seule doublure : aucun PostgreSQL d'essai n'est loin d'ici."""
    lointaine = SimpleNamespace(
        settings_dict={"HOST": hote},
        connection=SimpleNamespace(
            pgconn=SimpleNamespace(ssl_in_use=chiffree),
            info=SimpleNamespace(get_parameters=lambda: {"sslmode": sslmode}),
        ),
    )
    monkeypatch.setattr(controles, "connection", lointaine)
    assert "".join(message.msg for message in controles._chiffrement()).endswith(f"{dit}." if dit else "")
    assert bool(list(controles._chiffrement())) is bool(dit)


def test_une_base_muette_est_une_faute_et_une_phrase(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuser(*_: object) -> None:
        raise OperationalError("connection refused")

    monkeypatch.setattr("django.db.backends.base.base.BaseDatabaseWrapper.ensure_connection", refuser)
    assert "connection refused" in dits(controles.base())["apart.E101"]


def test_un_courrier_qui_repond_ne_dit_rien_et_un_refus_se_cite(boite: Boite, settings: Settings) -> None:
    assert controles.courrier() == []
    settings.SERVEUR_COURRIEL = settings.SERVEUR_COURRIEL.__class__(
        **{**vars(settings.SERVEUR_COURRIEL), "utilisateur": "apart", "mot_de_passe": "faux"}
    )
    assert "Identification refusée" in dits(controles.courrier())["apart.W121"]


def test_un_service_sans_tls_se_dit_une_fois_et_en_francais(boite: Boite, settings: Settings) -> None:
    settings.EST_HTTPS = False
    dits = [message for message in run_checks(include_deployment_checks=True) if not message.is_silenced()]
    assert [message.msg for message in dits if "http" in message.msg.lower()] == [
        "URL_PUBLIQUE est en http : mots de passe et sessions voyagent en clair."
    ]
    assert {str(message.id).partition(".")[0] for message in dits} == {"apart"}
    settings.EST_HTTPS = True
    assert not controles.transport()


def test_sans_dossier_ni_antivirus_regles_rien_ne_se_dit() -> None:
    assert dits([*controles.pieces(), *controles.antivirus()]) == {}


def test_le_dossier_des_pieces_est_essaye_pour_de_bon(settings: Settings, tmp_path: Path) -> None:
    dossier = tmp_path / "pieces"
    settings.PIECES_DOSSIER = dossier
    assert "n'est pas un dossier" in dits(controles.pieces())["apart.E131"]
    dossier.mkdir(mode=0o700)
    assert dits(controles.pieces()) == {}
    assert list(dossier.iterdir()) == []
    dossier.chmod(0o755)
    assert "chmod 750" in dits(controles.pieces())["apart.W131"]


def test_un_dossier_qui_ne_se_laisse_pas_ecrire_se_dit(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuser(**_: object) -> NoReturn:
        raise PermissionError(13, "Permission denied")

    settings.PIECES_DOSSIER = tmp_path
    monkeypatch.setattr(tempfile, "TemporaryFile", refuser)  # root écrit partout
    assert "Donnez-le au compte du site" in dits(controles.pieces())["apart.E132"]


@pytest.mark.menace("T23")
@pytest.mark.parametrize("lieu", ["static", "static/pieces", "."])
def test_t23_un_dossier_que_le_site_sert_est_une_faute(settings: Settings, lieu: str) -> None:
    settings.PIECES_DOSSIER = Path(socle.__file__).parent / lieu
    settings.PIECES_DOSSIER.mkdir(exist_ok=True)
    try:
        assert "Choisissez un dossier à part" in dits(controles.pieces())["apart.E133"]
    finally:
        if lieu == "static/pieces":
            settings.PIECES_DOSSIER.rmdir()


def test_un_antivirus_muet_se_dit(settings: Settings) -> None:
    with clamd() as faux:
        settings.CLAMD = faux.serveur
        assert dits(controles.antivirus()) == {}
    assert "Toute pièce jointe est refusée" in dits(controles.antivirus())["apart.W132"]
