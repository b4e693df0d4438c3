"""Le barème dans de vrais navigateurs : retrouver un plancher, suivre un lien daté, emporter le tableau."""

from __future__ import annotations

import csv
from io import StringIO
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.navigateurs.gestes import Ouvrir, titre

LARGEURS = (320, 1280)
NE_DEBORDE_PAS = "document.documentElement.scrollWidth <= document.documentElement.clientWidth"
ETATS = (
    "/bareme/?le=2020-04-15",
    "/bareme/?vue=historique&sujet=mayotte",
    "/bareme/?le=31/02/2020&sujet=martien",
    "/bareme/?q=licorne",
    "/bareme/smic.horaire_brut/",
    "/bareme/heures.structurelles/",
)


@pytest.fixture(params=[True, False], ids=["avec-js", "sans-js"])
def lecteur(request: pytest.FixtureRequest, ouvrir: Ouvrir) -> Page:
    return ouvrir(javascript=request.param)


@pytest.mark.parametrize("largeur", LARGEURS)
def test_au_telephone_l_image_des_annees_vient_avant_le_filtre(ouvrir: Ouvrir, largeur: int) -> None:
    page = ouvrir(largeur=largeur)
    page.goto("/bareme/")
    image = page.get_by_role("heading", name="Les années en une image").bounding_box()
    filtre = page.get_by_role("search", name="Chercher dans le barème").bounding_box()
    assert image
    assert filtre
    assert (image["y"] < filtre["y"]) == (largeur == 320)


def test_quel_etait_le_plancher_le_15_avril_2020(lecteur: Page) -> None:
    """Une gestionnaire de paie cherche, transmet l'adresse, emporte le tableau."""
    lecteur.goto("/bareme/")
    titre(lecteur, "Le barème de l'activité partielle")
    lecteur.get_by_role("textbox", name="En vigueur le").fill("15/04/2020")
    lecteur.get_by_label("Mots à chercher").fill("plancher")
    lecteur.get_by_label("Sujet", exact=True).select_option("Droit commun")
    lecteur.get_by_role("button", name="Afficher").click()

    expect(lecteur.get_by_role("heading", level=2).first).to_have_text("Les valeurs en vigueur le 15 avril 2020")
    ligne = lecteur.get_by_role("row").filter(has=lecteur.get_by_role("link", name="Plancher horaire de l'allocation"))
    expect(ligne).to_contain_text("8,03 € par heure")
    expect(ligne).to_contain_text("décret n° 2020-325")
    expect(ligne).to_contain_text("Vérifiée")

    lecteur.goto(lecteur.url)  # le lien transmis
    expect(ligne).to_contain_text("8,03 € par heure")
    ligne.get_by_role("link", name="Plancher horaire de l'allocation").click()
    titre(lecteur, "Plancher horaire de l'allocation")
    expect(lecteur.get_by_role("img", name="Plancher horaire de l'allocation")).to_be_visible()

    lecteur.get_by_role("navigation", name="vous êtes ici").get_by_role("link", name="Le barème").click()
    lecteur.get_by_role("navigation", name="Le barème").get_by_role("link", name="Télécharger").click()
    with lecteur.expect_download() as telechargement:
        lecteur.get_by_role("link", name="Tableau (CSV)").click()
    assert telechargement.value.suggested_filename.endswith(".csv")
    contenu = Path(telechargement.value.path()).read_text(encoding="utf-8-sig")
    valeurs = {(x["cle"], x["depuis"]): x["valeur"] for x in csv.DictReader(StringIO(contenu), delimiter=";")}
    assert valeurs["droit_commun.allocation_plancher", "2020-03-01"] == "8,03"


def test_une_date_de_changement_se_lie(page: Page) -> None:
    page.goto("/bareme/changements/?sujet=droit_commun")
    page.get_by_role("navigation", name="Dates de changement").get_by_role("link", name="1er juillet").first.click()
    assert page.url.endswith("#2021-07-01")
    jour = page.get_by_role("heading", name="1er juillet 2021")
    expect(jour).to_be_in_viewport()


def test_chaque_etat_se_lit_a_chaque_largeur(page: Page) -> None:
    for chemin in ETATS:
        page.goto(chemin)
        titre(page, "")
        for largeur in LARGEURS:
            page.set_viewport_size({"width": largeur, "height": 800})
            assert page.evaluate(NE_DEBORDE_PAS), f"{chemin}, {largeur} px"


def test_une_faute_mene_au_champ(page: Page) -> None:
    page.goto("/bareme/?le=31/02/2020")
    page.get_by_role("alert").get_by_role("link", name="En vigueur le").click()
    expect(page.get_by_role("textbox", name="En vigueur le")).to_be_focused()
    expect(page.get_by_role("textbox", name="En vigueur le")).to_have_value("31/02/2020")


def test_l_interface_se_lit_et_s_interroge_depuis_une_page(page: Page) -> None:
    page.goto("/api/")
    titre(page, "L'interface pour les programmes")
    adresse = page.get_by_role("link", name="/api/v1/openapi.json").get_attribute("href")
    assert page.evaluate("async (a) => (await (await fetch(a)).json()).openapi", adresse) == "3.1.0"
