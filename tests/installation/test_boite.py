"""La boîte aux lettres de la démonstration se lit dans le navigateur, sans danger."""

from __future__ import annotations

from email.message import EmailMessage
from pathlib import Path

import pytest
from django.test import Client
from django.urls import NoReverseMatch, reverse
from pytest_django.fixtures import Settings

from apart.demo import boite

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def demonstration(settings: Settings, tmp_path: Path) -> None:
    settings.VAR = tmp_path
    settings.ROOT_URLCONF = "tests.installation.adresses"


def deposer(sujet: str, html: str = "") -> str:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "apart@exemple.fr", "gerante@exemple.fr", sujet
    message.set_content("Ouvrez https://apart.exemple.fr/lien/essai/ avant ce soir.")
    if html:
        message.add_alternative(html, subtype="html")
    boite.deposer(message.as_bytes())
    return boite.recus()[0].cle


def test_une_boite_vide_le_dit(client: Client) -> None:
    assert "Aucun courriel pour l'instant" in client.get("/demo/courriels/").content.decode().replace("&#x27;", "'")


def test_un_courriel_se_lit_et_son_lien_s_ouvre(client: Client) -> None:
    cle = deposer("Été : votre espace")
    assert "Été : votre espace" in client.get("/demo/courriels/").content.decode()
    page = client.get(f"/demo/courriels/{cle}/").content.decode()
    assert '<a href="https://apart.exemple.fr/lien/essai/"' in page
    assert "gerante@exemple.fr" in page


def test_la_mise_en_page_ne_lance_ni_ne_charge_rien(client: Client) -> None:
    cle = deposer("Mise en page", html="<p>Bonjour</p><script>alert(1)</script>")
    reponse = client.get(f"/demo/courriels/{cle}/mise-en-page/")
    assert "<p>Bonjour</p>" in reponse.content.decode()
    regle = reponse.headers["Content-Security-Policy"]
    assert regle.startswith("default-src 'none';")
    assert "script-src" not in regle
    assert "; sandbox " in regle


def test_un_sujet_hostile_reste_du_texte(client: Client) -> None:
    deposer("<script>alert(1)</script>")
    assert "&lt;script&gt;" in client.get("/demo/courriels/").content.decode()


@pytest.mark.parametrize("cle", ["inconnu", "..%2F..%2Fcle-secrete", ".."])
def test_un_courriel_inconnu_est_introuvable(client: Client, cle: str) -> None:
    assert client.get(f"/demo/courriels/{cle}/").status_code == 404


def test_hors_demonstration_ces_pages_n_existent_pas(client: Client, settings: Settings) -> None:
    settings.ROOT_URLCONF = "apart.config.urls"
    assert client.get("/demo/courriels/").status_code == 404
    with pytest.raises(NoReverseMatch):
        reverse("demo-courriels")
