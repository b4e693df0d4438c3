"""Le contrat avec ClamAV, contre un serveur d'essai : sain, infecté, muet, lent, coupé, absent."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from pathlib import Path

import pytest
from pytest_django.fixtures import Settings

from apart.config.environnement import ServeurAntivirus
from apart.pieces import antivirus
from apart.pieces.actions import deposer
from apart.pieces.formats import PieceRefusee
from apart.pieces.models import Nature, Piece
from apart.pieces.recues import examiner
from tests.pieces.clamd import SAIN, Clamd, clamd
from tests.pieces.fabriques import EICAR, PDF, jpeg, pdf, recue

INFECTE_PDF = PDF.replace(b"trailer", EICAR + b"\ntrailer")


@pytest.fixture
def serveur(settings: Settings) -> Iterator[Clamd]:
    with clamd() as faux:
        settings.CLAMD = faux.serveur
        yield faux


def refus(contenu: bytes = PDF) -> str:
    with pytest.raises(PieceRefusee) as refusee:
        examiner("a.pdf", contenu)
    return str(refusee.value)


def test_un_contenu_sain_est_lu_tel_quel_et_passe(serveur: Clamd) -> None:
    gros = pdf("x" * 200_000)
    assert examiner("a.pdf", gros).est_analysee
    assert serveur.lus == [gros]


@pytest.mark.menace("T23")
def test_t23_un_contenu_infecte_est_refuse_et_le_journal_dit_par_quoi(
    serveur: Clamd, caplog: pytest.LogCaptureFixture
) -> None:
    assert refus(INFECTE_PDF) == antivirus.INFECTEE
    assert "Win.Test.EICAR_HDB-1" in caplog.text


@pytest.mark.menace("T23")
def test_t23_ce_qui_suit_la_fin_d_une_image_est_analyse_avant_d_etre_coupe(serveur: Clamd) -> None:
    assert refus(jpeg(apres=EICAR)) == antivirus.INFECTEE


@pytest.mark.menace("T23")
@pytest.mark.parametrize(
    "reponse",
    [
        None,
        b"",
        SAIN[:-1],
        b"stream: O",
        b"INSTREAM size limit exceeded. ERROR\0",
        b"OK\0",
        b"stream: OK FOUND maybe\0",
        b"x" * 9_000,
    ],
    ids=["muet", "raccroche", "coupé avant la fin", "coupé", "trop gros pour lui", "autre", "ambigu", "sans fin"],
)
def test_t23_sans_reponse_claire_rien_n_est_accepte(
    serveur: Clamd, reponse: bytes | None, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(antivirus, "SECONDES", 0.3)
    serveur.repondre = lambda _: reponse
    with caplog.at_level(logging.WARNING):
        assert refus() == antivirus.INDISPONIBLE
    assert "Antivirus indisponible" in caplog.text


@pytest.mark.menace("T23")
def test_t23_un_antivirus_absent_fait_refuser(settings: Settings, tmp_path: Path) -> None:
    for absent in (ServeurAntivirus("127.0.0.1", 1, ""), ServeurAntivirus("", 0, str(tmp_path / "absente"))):
        settings.CLAMD = absent
        assert refus() == antivirus.INDISPONIBLE


def test_une_prise_unix_marche_de_meme(settings: Settings, tmp_path: Path) -> None:
    with clamd(tmp_path / "c") as faux:
        settings.CLAMD = faux.serveur
        assert examiner("a.pdf", PDF).est_analysee
        antivirus.saluer()


def test_l_echeance_vaut_pour_tout_l_envoi(serveur: Clamd) -> None:
    with pytest.raises(PieceRefusee, match="Réessayez dans quelques minutes"):
        examiner("a.pdf", PDF, echeance=0.0)
    assert serveur.lus == []


def test_des_analyses_lentes_ne_tiennent_que_quatre_fils(serveur: Clamd, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(antivirus, "SECONDES", 0.2)
    prises = [antivirus.QUI_ATTENDENT.acquire(blocking=False) for _ in range(4)]
    try:
        assert prises == [True] * 4
        assert refus() == antivirus.INDISPONIBLE
    finally:
        for _ in prises:
            antivirus.QUI_ATTENDENT.release()


@pytest.mark.django_db
@pytest.mark.menace("T23")
def test_t23_une_piece_jamais_analysee_n_est_pas_gardee_quand_l_analyse_est_demandee(settings: Settings) -> None:
    avant_le_reglage = recue()
    settings.CLAMD = ServeurAntivirus("127.0.0.1", 1, "")
    with pytest.raises(PieceRefusee):
        deposer(avant_le_reglage, nature=Nature.ASSISTANCE)
    assert not Piece.objects.exists()


def test_sans_reglage_rien_n_est_demande() -> None:
    assert not examiner("a.pdf", PDF).est_analysee
