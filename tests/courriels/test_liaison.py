"""La connexion chiffrée : rien ne part vers un serveur dont le certificat n'est pas vérifié."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from pathlib import Path

import pytest
from aiosmtpd.controller import Controller
from pytest_django.fixtures import Settings

from apart.config.environnement import ServeurCourriel
from apart.courriels.models import Sort
from tests.boite import Boite, port_libre
from tests.courriels.conftest import avis

pytestmark = [pytest.mark.django_db, pytest.mark.jour]


@pytest.fixture(params=["tls", "starttls"])
def serveur_chiffre(
    request: pytest.FixtureRequest, boite: Boite, certificat: Path, settings: Settings
) -> Iterator[Boite]:
    """La boîte, derrière un port chiffré d'emblée ou par STARTTLS."""
    contexte = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    contexte.load_cert_chain(certificat)
    d_emblee, ensuite = (contexte, None) if request.param == "tls" else (None, contexte)
    controleur = Controller(boite, "127.0.0.1", port_libre(), ssl_context=d_emblee, tls_context=ensuite)
    settings.SERVEUR_COURRIEL = ServeurCourriel("127.0.0.1", controleur.port, "", "", request.param, 5.0)
    controleur.start()
    yield boite
    controleur.stop()


def test_un_serveur_au_certificat_inconnu_ne_recoit_rien_et_le_message_attend(serveur_chiffre: Boite) -> None:
    courriel = avis()
    assert serveur_chiffre.recevoir() == []
    courriel.refresh_from_db()
    assert courriel.sort == Sort.EN_FILE
    assert "TLS" in courriel.explication.titre


def test_un_serveur_au_certificat_reconnu_recoit_le_message(
    serveur_chiffre: Boite, certificat: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificat))
    avis()
    assert serveur_chiffre.recevoir_une().a == "marie@exemple.fr"
