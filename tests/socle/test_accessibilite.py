"""Le relevé d'accessibilité : complet, compté juste, et dit partout la même chose."""

import re
from html import unescape
from pathlib import Path

import pytest
from django.test import Client
from django.urls import get_resolver, reverse
from django.utils.html import strip_tags
from pytest_django import Settings

from apart.comptes.actions import secours
from apart.socle import accessibilite
from apart.socle.accessibilite import Critere, Etat, Releve, releve
from tests.scene import Scene

# Ce que le RGAA 4.1.2 compte de critères dans chacun de ses thèmes.
CRITERES_PAR_THEME = [9, 2, 3, 13, 8, 2, 5, 10, 4, 14, 13, 11, 12]
DOC = Path(__file__).parents[2] / "docs" / "accessibilite.md"


def test_les_106_criteres_y_sont() -> None:
    assert [len(criteres) for criteres in releve().themes.values()] == CRITERES_PAR_THEME


def test_chaque_constat_dit_d_ou_il_vient_et_chaque_manque_ce_qu_il_est() -> None:
    for criteres in releve().themes.values():
        for critere in criteres:
            assert critere.etat is Etat.SANS_OBJET or critere.par, critere.numero
            assert critere.etat is Etat.CONFORME or critere.vu, critere.numero


def test_l_echantillon_est_fait_de_pages_du_site() -> None:
    assert len(releve().pages) >= 15
    assert set(releve().pages.values()) - {"introuvable"} <= set(get_resolver().reverse_dict)


def fabriquer(*etats: Etat) -> Releve:
    criteres = [Critere(f"1.{rang}", "", etat, "", ()) for rang, etat in enumerate(etats, 1)]
    return Releve(releve().releve_le, {}, {"": criteres})


@pytest.mark.parametrize(
    ("etats", "taux", "niveau"),
    [
        ([Etat.CONFORME, Etat.SANS_OBJET], 100, "totalement"),
        ([Etat.CONFORME, Etat.NON_CONFORME], 50, "partiellement"),
        ([Etat.CONFORME, Etat.NON_VERIFIE, Etat.SANS_OBJET], 50, "partiellement"),
        ([Etat.CONFORME, Etat.NON_CONFORME, Etat.NON_VERIFIE], 33, "non"),
        ([Etat.CONFORME] * 199 + [Etat.NON_CONFORME], 99, "partiellement"),
    ],
)
def test_le_taux_ne_compte_que_ce_qui_est_prouve(etats: list[Etat], taux: int, niveau: str) -> None:
    assert (fabriquer(*etats).taux, fabriquer(*etats).niveau) == (taux, niveau)


def test_le_document_est_tire_du_releve() -> None:
    assert DOC.read_text(encoding="utf-8") == accessibilite.en_markdown()


def lire(client: Client) -> str:
    """Les mots de la page, ses espaces insécables rendues ordinaires."""
    texte = unescape(strip_tags(client.get("/accessibilite/").content.decode()))
    return " ".join(texte.split())


@pytest.mark.django_db
def test_la_declaration_dit_le_taux_et_chaque_manque(client: Client) -> None:
    page = lire(client)
    assert f"{releve().taux} %" in page
    assert f"Accessibilité : {accessibilite.mention('')}" in page
    for critere in [*releve().non_conformes, *releve().non_verifies]:
        assert f"Critère {critere.numero}" in page, critere.numero


@pytest.mark.django_db
def test_un_geste_sans_retour_dit_son_effet_avant_le_bouton_qui_le_fait(client: Client) -> None:
    """RGAA 11.12, sans script : le premier bouton déplie l'effet et le second."""
    scene = Scene()
    marie, demande = scene.qui("principal"), scene.rejoindre()
    secours.enregistrer_question(marie, question="rue", empreinte_reponse="x", par=marie)
    secours.renouveler_code(marie, par=marie)
    client.force_login(marie)
    ou = (reverse("etablissement", args=[scene.siret(1)]), reverse("securite"))
    pages = [client.get(chemin).content.decode() for chemin in ou]
    gestes = [geste for page in pages for geste in re.findall(r"<details.*?</details>", page, re.DOTALL)]
    for chemin in (
        reverse("rejoindre-refuser", args=[scene.siret(1), demande.pk]),
        reverse("retirer-question-secrete"),
        reverse("renouveler-code-secours"),
    ):
        (sien,) = [geste for geste in gestes if f'action="{chemin}"' in geste]
        assert re.search(r"</summary>.*<form.*<p>[^<]{40,}</p>.*<button", sien, re.DOTALL), sien


@pytest.mark.django_db
def test_un_exploitant_peut_dire_ce_que_son_audit_a_trouve(client: Client, settings: Settings) -> None:
    settings.ACCESSIBILITE = "totalement"
    page = lire(client)
    assert "Accessibilité : totalement conforme" in page
    assert "selon l'audit que l'exploitant a fait faire" in page
