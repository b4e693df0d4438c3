"""Joindre une pièce dans un vrai navigateur : choisie, envoyée, relue ; trop lourde, elle se dit avant l'envoi."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.assistance.fabriques import depot
from tests.navigateurs.gestes import Ouvrir
from tests.pieces.fabriques import PDF

CHAMP = "Pièces jointes (facultatif)"


def suivre(page: Page) -> None:
    page.goto(f"/aide/suivi/{depot().secret}/")
    page.get_by_label("Votre message *").fill("Voici mon Kbis.")


def choisir(page: Page, *fichiers: Path) -> None:
    page.get_by_label(CHAMP).set_input_files(list(fichiers))


def envoyer(page: Page) -> None:
    page.get_by_role("button", name="Envoyer", exact=True).click()


@pytest.mark.parametrize("javascript", [True, False], ids=["avec-js", "sans-js"])
def test_une_piece_refusee_se_change_puis_se_relit(ouvrir: Ouvrir, tmp_path: Path, javascript: bool) -> None:
    page = ouvrir(javascript=javascript)
    (tmp_path / "kbis.pdf").write_bytes(PDF)
    (tmp_path / "faux.pdf").write_bytes(b"MZ")
    suivre(page)
    choisir(page, tmp_path / "kbis.pdf", tmp_path / "faux.pdf")
    envoyer(page)

    expect(page.get_by_role("alert").first).to_contain_text("« faux.pdf »")
    expect(page.get_by_text("Vous aviez pris")).to_contain_text("« kbis.pdf »")
    expect(page.get_by_label("Votre message *")).to_have_value("Voici mon Kbis.")

    choisir(page, tmp_path / "kbis.pdf")
    envoyer(page)
    expect(page.get_by_text("Votre message est enregistré.")).to_be_visible()
    with page.expect_download() as telechargement:
        page.get_by_role("link", name=re.compile("kbis.pdf")).click()
    assert telechargement.value.suggested_filename == "kbis.pdf"
    assert telechargement.value.path().read_bytes() == PDF


def test_une_piece_trop_lourde_se_dit_avant_l_envoi(ouvrir: Ouvrir, tmp_path: Path) -> None:
    page = ouvrir()
    (tmp_path / "gros.pdf").write_bytes(PDF + bytes(10 << 20))
    (tmp_path / "kbis.pdf").write_bytes(PDF)
    suivre(page)
    choisir(page, tmp_path / "gros.pdf")
    expect(page.get_by_role("alert")).to_contain_text("« gros.pdf » dépasse 10 Mo.")
    envoyer(page)
    expect(page.get_by_label(CHAMP)).to_be_focused()
    expect(page.get_by_label("Votre message *")).to_have_value("Voici mon Kbis.")

    choisir(page, tmp_path / "kbis.pdf")
    expect(page.get_by_role("alert")).to_be_hidden()
    envoyer(page)
    expect(page.get_by_text("Votre message est enregistré.")).to_be_visible()
