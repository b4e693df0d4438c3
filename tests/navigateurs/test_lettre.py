"""La preuve 5 dans un vrai navigateur : demander la lettre sur un téléphone, l'imprimer au bureau, taper son code."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page

from apart.etablissements.models import Preuve
from tests.comptes.fabriques import equiper
from tests.navigateurs.gestes import Ouvrir, expect
from tests.navigateurs.visites import connecter
from tests.reprises.fabriques import SIRET, fiche, habilitee, imprimeur, lire


def imprimer_le_lot(bureau: Page) -> str:
    """L'agent imprime et prend le PDF ; rend le code que lira qui ouvrira la lettre."""
    bureau.goto("/agents/lettres/")
    bureau.get_by_role("button", name="Imprimer un lot").click()
    with bureau.expect_download() as telechargement:
        bureau.get_by_role("link", name="Les lettres (PDF").click()
    (page,) = lire(Path(telechargement.value.path()).read_bytes())
    code = re.search(r"[0-9A-Z]{5}-[0-9A-Z]{5}", page)
    assert code is not None
    return code.group()


@pytest.mark.parametrize("javascript", [True, False], ids=["avec JavaScript", "sans JavaScript"])
def test_de_la_demande_au_code_tape(ouvrir: Ouvrir, serveur: str, javascript: bool) -> None:
    fiche()
    mienne, agent = habilitee(), equiper(imprimeur())
    marie, bureau = ouvrir(largeur=320, hauteur=640, javascript=javascript), ouvrir(javascript=javascript)
    connecter(marie.context, mienne.utilisateur, serveur)
    connecter(bureau.context, agent, serveur)

    marie.goto(f"/etablissements/{SIRET}/preuve/lettre/")
    expect(marie.get_by_text("12 RUE DU LAC")).to_be_visible()
    marie.get_by_role("button", name="Demander la lettre").click()
    expect(marie.get_by_role("heading", name="Elle attend d'être imprimée")).to_be_visible()

    code = imprimer_le_lot(bureau)

    marie.goto("/lettre/")  # l'adresse courte, imprimée sur la lettre
    marie.get_by_role("link", name="Boulangerie du Lac").click()
    marie.get_by_label("Code reçu par lettre").fill("00000-00000")
    marie.get_by_role("button", name="Donner cette preuve").click()
    expect(marie.get_by_text("Ce code n'est pas celui de la lettre")).to_be_visible()
    marie.get_by_label("Code reçu par lettre").fill(code.lower().replace("-", " "))
    marie.get_by_role("button", name="Donner cette preuve").click()
    expect(marie.get_by_text("Votre preuve est faite")).to_be_visible()

    mienne.refresh_from_db()
    assert mienne.valeur == Preuve.LETTRE
