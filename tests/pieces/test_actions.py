"""Garder, relire, effacer : dans la base ou dans un dossier que plusieurs serveurs partagent."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.db import IntegrityError, connection, transaction
from django.utils import timezone
from pytest_django.fixtures import Settings

from apart.pieces import actions, dossier, taches
from apart.pieces.models import Nature, Piece
from apart.pieces.telechargement import Illisible, lire, servir
from tests.pieces.fabriques import PDF, pdf, piece, png, recue

pytestmark = [pytest.mark.django_db, pytest.mark.jour]


@pytest.fixture(params=["base", "dossier"])
def lieu(request: pytest.FixtureRequest, settings: Settings, tmp_path: Path) -> str:
    settings.PIECES_DOSSIER = tmp_path if request.param == "dossier" else None
    return str(request.param)


@pytest.fixture
def partage(settings: Settings, tmp_path: Path) -> Path:
    settings.PIECES_DOSSIER = tmp_path
    return tmp_path


def fichiers(partage: Path) -> list[Path]:
    return [chemin for chemin in partage.rglob("*") if chemin.is_file()]


def vieillir(fichier: Path, jours: int = 2) -> None:
    moment = (timezone.now() - timedelta(days=jours)).timestamp()
    os.utime(fichier, (moment, moment))


def purger(capturer: Any) -> None:
    with capturer(execute=True):
        taches.purger(0)


@pytest.mark.usefixtures("lieu")
def test_une_piece_gardee_se_relit_au_signe_pres() -> None:
    gardee = piece("photo.png", png())
    assert lire(Piece.objects.get()) == png()
    assert (gardee.nom, gardee.sorte, gardee.taille) == ("photo.png", "png", len(png()))
    assert gardee.a_effacer_le == gardee.deposee_le + timedelta(days=365)


def test_dans_la_base_rien_ne_touche_le_disque(tmp_path: Path) -> None:
    assert piece().chemin == ""
    assert not fichiers(tmp_path)


@pytest.mark.menace("T23")
def test_t23_le_fichier_a_un_nom_tire_au_hasard_et_n_est_ouvert_qu_au_site(partage: Path) -> None:
    gardee = piece("../../../../tmp/facture.pdf.exe")
    (fichier,) = fichiers(partage)
    assert dossier.RANGE.fullmatch(gardee.chemin)
    assert fichier == partage / gardee.chemin
    assert fichier.stat().st_mode & 0o777 == 0o600
    assert (gardee.contenu, gardee.nom) == (None, "facture.pdf")


def test_deux_serveurs_qui_partagent_le_dossier_lisent_les_memes_pieces(settings: Settings, tmp_path: Path) -> None:
    """L'un le voit par un autre chemin, comme un partage monté ailleurs ; celles de la base se lisent partout."""
    (tmp_path / "pieces").mkdir()
    (tmp_path / "monte").symlink_to(tmp_path / "pieces")
    en_base = piece(contenu=pdf("base"))
    settings.PIECES_DOSSIER = tmp_path / "pieces"
    du_premier = piece(contenu=pdf("premier"))
    settings.PIECES_DOSSIER = tmp_path / "monte"
    du_second = piece(contenu=pdf("second"))
    for chemin in ("pieces", "monte"):
        settings.PIECES_DOSSIER = tmp_path / chemin
        lus = [lire(Piece.objects.get(pk=une.pk)) for une in (en_base, du_premier, du_second)]
        assert lus == [pdf("base"), pdf("premier"), pdf("second")]


def test_un_envoi_annule_laisse_un_fichier_que_la_purge_ramasse_le_lendemain(
    partage: Path, django_capture_on_commit_callbacks: Any
) -> None:
    gardee = piece()
    with transaction.atomic():
        piece(contenu=pdf("annulé"))
        transaction.set_rollback(True)
    (partage / "aa").mkdir(exist_ok=True)
    (partage / "aa" / f"{'a' * 32}{dossier.PROVISOIRE}").write_bytes(b"tu\xc3\xa9")
    (partage / "aa" / "pas-a-nous.txt").write_text("x")

    # Le disque date à son heure, que l'horloge déplacée d'un test ignore.
    for fichier in fichiers(partage):
        vieillir(fichier, jours=0)

    purger(django_capture_on_commit_callbacks)
    assert len(fichiers(partage)) == 4, "trop récents : leur transaction finit peut-être"
    for fichier in fichiers(partage):
        vieillir(fichier)
    purger(django_capture_on_commit_callbacks)

    assert sorted(fichiers(partage)) == sorted([partage / gardee.chemin, partage / "aa" / "pas-a-nous.txt"])
    assert lire(Piece.objects.get()) == PDF


def test_la_purge_dit_combien_de_fichiers_sans_piece_elle_a_otes(
    partage: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with transaction.atomic():
        piece(contenu=pdf("annulé"))
        transaction.set_rollback(True)
    for fichier in fichiers(partage):
        vieillir(fichier)

    assert actions.ramasser_les_orphelins() == 1
    assert actions.ramasser_les_orphelins() == 0
    assert [ligne.getMessage() for ligne in caplog.records if "sans pièce" in ligne.getMessage()] == [
        "1 fichiers sans pièce ôtés du dossier des pièces"
    ]


@pytest.mark.usefixtures("lieu")
def test_au_bout_de_sa_conservation_il_ne_reste_que_le_nom_et_l_empreinte(
    tmp_path: Path, django_capture_on_commit_callbacks: Any
) -> None:
    gardee = piece()
    autre = piece(contenu=pdf("autre"))
    actions.conserver_jusqu_au([autre], timezone.now() + timedelta(days=900))
    with time_machine.travel(timezone.now() + timedelta(days=366)):
        for _ in range(2):  # refaite, elle ne change plus rien
            purger(django_capture_on_commit_callbacks)
        effacee = Piece.objects.get(pk=gardee.pk)
        assert (effacee.contenu, effacee.chemin, effacee.nom) == (None, "", "kbis.pdf")
        assert effacee.empreinte == gardee.empreinte
        assert effacee.effacee_le is not None
        page = servir(effacee)
    assert page.status_code == 410
    assert "a été effacée le" in page.content.decode()
    assert len(fichiers(tmp_path)) == bool(autre.chemin)
    assert lire(Piece.objects.get(pk=autre.pk)) == pdf("autre")


def test_un_justificatif_se_garde_jusqu_a_la_date_que_dit_le_module_au_dessus(
    django_capture_on_commit_callbacks: Any,
) -> None:
    justificatif = actions.deposer(recue(), nature=Nature.REPRISE)
    actions.conserver_jusqu_au([justificatif], timezone.now() + timedelta(days=90))
    for jours, reste in ((89, True), (91, False)):
        with time_machine.travel(timezone.now() + timedelta(days=jours)):
            purger(django_capture_on_commit_callbacks)
        assert (Piece.objects.get().effacee_le is None) is reste
    actions.conserver_jusqu_au([justificatif], timezone.now() + timedelta(days=900))
    assert Piece.objects.get().a_effacer_le < timezone.now() + timedelta(days=100), "effacée, elle ne revient pas"


@pytest.mark.parametrize("comment", ["disparu", "démonté", "changé"])
def test_un_contenu_qui_manque_donne_une_phrase_et_s_ecrit_au_journal(
    partage: Path, settings: Settings, caplog: pytest.LogCaptureFixture, comment: str
) -> None:
    gardee = piece()
    if comment == "disparu":
        (partage / gardee.chemin).unlink()
    elif comment == "démonté":
        settings.PIECES_DOSSIER = None
    else:
        (partage / gardee.chemin).write_bytes(PDF + b"\n")
    page = servir(gardee)
    assert (page.status_code, page.headers["Retry-After"]) == (503, "300")
    assert "Réessayez dans quelques minutes" in page.content.decode()
    assert f"Pièce {gardee.pk} illisible" in caplog.text
    with pytest.raises(Illisible):
        lire(gardee)


@pytest.mark.parametrize(
    "faute",
    [
        {"taille": 0},
        {"taille": (10 << 20) + 1},
        {"taille": 5},
        {"contenu": None},
        {"chemin": "../../etc/passwd"},
        {"chemin": f"aa/{'a' * 32}"},
        {"empreinte": "x"},
        {"nature": "autre"},
        {"sorte": "exe"},
        {"effacee_le": datetime(2026, 11, 30, tzinfo=UTC)},
    ],
    ids=", ".join,
)
def test_la_base_refuse_une_piece_impossible(faute: dict[str, Any]) -> None:
    gardee = piece()
    with pytest.raises(IntegrityError), transaction.atomic():
        Piece.objects.filter(pk=gardee.pk).update(**faute)


def test_une_liste_de_pieces_ne_charge_pas_leur_contenu() -> None:
    piece()
    with connection.execute_wrapper(_sans_contenu):
        assert [str(une) for une in Piece.objects.all()] == ["kbis.pdf"]


def _sans_contenu(execute: Any, ordre: str, valeurs: Any, plusieurs: bool, contexte: Any) -> Iterator[Any]:
    assert "contenu" not in ordre
    resultat: Iterator[Any] = execute(ordre, valeurs, plusieurs, contexte)
    return resultat
