"""Le codage que nomme une demande ne choisit pas avec quoi nous la lisons."""

from __future__ import annotations

import io
from collections.abc import Iterator
from importlib import import_module
from typing import Any

import pytest
from django.core.signals import request_started
from django.db import close_old_connections


@pytest.fixture(autouse=True)
def _base_gardee() -> Iterator[None]:
    """Un vrai serveur ferme sa connexion à la base d'une demande à l'autre ; celle d'un test est son annulation."""
    request_started.disconnect(close_old_connections)
    yield
    request_started.connect(close_old_connections)


@pytest.fixture
def application(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Lue ici : elle dit à ce processus, et à ceux qu'il lancerait, de parler pour le site."""
    monkeypatch.setenv("APART_PARLE_POUR", "site")
    return import_module("apart.config.wsgi").application


AUTRES = ("punycode", "rot13", "zlib_codec", "base64", "idna", "undefined", "utf-16", "latin-1", "inconnu")


def demander(
    application: Any, methode: str, chemin: str, genre: str, corps: io.BytesIO, requete: str = ""
) -> tuple[str, str]:
    """Le statut et la page, par la porte des serveurs."""
    lus: list[str] = []
    environ: dict[str, Any] = {
        "REQUEST_METHOD": methode, "PATH_INFO": chemin, "QUERY_STRING": requete, "CONTENT_TYPE": genre,
        "CONTENT_LENGTH": str(len(corps.getvalue())), "SERVER_NAME": "127.0.0.1", "SERVER_PORT": "8000",
        "HTTP_HOST": "127.0.0.1", "REMOTE_ADDR": "127.0.0.1", "wsgi.url_scheme": "http", "wsgi.input": corps,
        "wsgi.errors": io.StringIO(),
    }  # fmt: skip
    page = b"".join(application(environ, lambda statut, *_: lus.append(statut)))
    return lus[0], page.decode()


@pytest.mark.django_db
@pytest.mark.parametrize("codage", AUTRES)
def test_une_page_se_lit_quel_que_soit_le_codage_que_nomme_la_demande(application: Any, codage: str) -> None:
    statut, page = demander(
        application, "GET", "/connexion/", f"text/plain; charset={codage}", io.BytesIO(), "next=%E9"
    )
    assert statut == "200 OK"
    assert "Se connecter" in page


@pytest.mark.menace("T40")
@pytest.mark.parametrize("codage", AUTRES)
@pytest.mark.parametrize(
    "genre", ["multipart/form-data; boundary=xx; charset={}", "text/plain; x=1; charset*=utf-8''{}"]
)
def test_t40_un_envoi_dans_un_autre_codage_est_refuse_sans_etre_lu(application: Any, codage: str, genre: str) -> None:
    """64 envois de 250 Kio en « punycode » prenaient 136 secondes de processeur."""
    corps = io.BytesIO(b'--xx\r\nContent-Disposition: form-data; name="colle"\r\n\r\n' + b"a" * 250_000)
    statut, page = demander(application, "POST", "/simulateur/fichier/", genre.format(codage), corps)
    assert statut.startswith("415")
    assert "envoyez de l'UTF-8" in page.replace("&#x27;", "'")
    assert corps.tell() == 0


def test_un_programme_lit_le_meme_refus(application: Any) -> None:
    statut, page = demander(
        application, "POST", "/api/v1/simulations", "application/json; charset=utf-16", io.BytesIO(b"{}")
    )
    assert statut.startswith("415")
    assert '"title": "Ce genre de contenu' in page
    assert "charset=utf-8" in page


@pytest.mark.django_db
@pytest.mark.parametrize("codage", ["utf-8", "UTF-8", '"utf-8"', "utf8"])
def test_l_utf_8_nomme_est_lu(application: Any, codage: str) -> None:
    statut, _ = demander(
        application, "POST", "/api/v1/simulations", f"application/json; charset={codage}", io.BytesIO(b"{}")
    )
    assert statut.startswith("422")
