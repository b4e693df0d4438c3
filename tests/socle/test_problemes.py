"""Sous /api/, tout refus est un problem+json : ceux de Django, des intergiciels, et des pannes."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.db import OperationalError
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.urls import include, path
from django.views.decorators.csrf import csrf_exempt
from pytest_django import Settings

from apart.config.urls import handler400, handler403, handler404, handler500  # noqa: F401  # lus par Django
from apart.socle.acces import Public, pour
from apart.socle.limites import Limite, TropDeDemandes

SECRET = "mot-tres-secret-1234"


@csrf_exempt
@pour(Public.TOUS)
def casse(request: HttpRequest) -> HttpResponse:
    raise RuntimeError(SECRET)


@pour(Public.TOUS)
def base_coupee(request: HttpRequest) -> HttpResponse:
    raise OperationalError("connection refused")


@pour(Public.TOUS)
def limite(request: HttpRequest) -> HttpResponse:
    raise TropDeDemandes(Limite("essai", 1, timedelta(minutes=5)), timedelta(seconds=42.2))


@pour(Public.TOUS)
def refus(request: HttpRequest) -> HttpResponse:
    raise PermissionDenied(SECRET)


@csrf_exempt
@pour(Public.TOUS)
def trop_lourd(request: HttpRequest) -> HttpResponse:
    return HttpResponse(request.body)


@pour(Public.TOUS)
def cookie(request: HttpRequest) -> HttpResponse:
    reponse = HttpResponse(str(dict(request.COOKIES)))
    reponse.set_cookie("trace", "1")
    return reponse


urlpatterns = [
    path("", include("apart.config.urls")),
    path("api/essai/casse", casse),
    path("api/essai/base", base_coupee),
    path("api/essai/limite", limite),
    path("api/essai/refus", refus),
    path("api/essai/lourd", trop_lourd),
    path("api/essai/cookie", cookie),
]
pytestmark = [pytest.mark.urls(__name__), pytest.mark.django_db]


@pytest.fixture
def programme() -> Client:
    return Client(enforce_csrf_checks=True, raise_request_exception=False)


@pytest.mark.parametrize(
    ("adresse", "statut", "attente"),
    [
        ("/api/essai/casse", 500, None),
        ("/api/essai/base", 503, "30"),
        ("/api/essai/limite", 429, "43"),
        ("/api/essai/refus", 403, None),
        ("/api/essai/rien", 404, None),
        ("/api/v1/bareme/\x00", 404, None),
    ],
)
def test_un_refus_est_du_json_en_francais(programme: Client, adresse: str, statut: int, attente: str | None) -> None:
    reponse = programme.get(adresse)
    assert reponse.status_code == statut
    assert reponse.headers["Content-Type"] == "application/problem+json"
    lu = json.loads(reponse.content)
    assert lu["status"] == statut
    assert lu["title"]
    assert lu["detail"].endswith(".")
    assert reponse.headers.get("Retry-After") == attente
    assert reponse.headers["Access-Control-Allow-Origin"] == "*"
    assert SECRET not in reponse.content.decode()


def test_une_panne_donne_sa_reference(programme: Client, caplog: pytest.LogCaptureFixture) -> None:
    reference = json.loads(programme.get("/api/essai/casse").content)["reference"]
    assert reference in caplog.text


def test_un_hote_inconnu_et_un_jeton_absent_sont_refuses_de_meme(programme: Client) -> None:
    for reponse in (
        programme.get("/api/v1/bareme", headers={"Host": "ailleurs.example"}),
        programme.post("/api/essai/refus", {"a": 1}),
    ):
        assert reponse.headers["Content-Type"] == "application/problem+json"
        assert reponse.status_code in {400, 403}


def test_un_corps_trop_lourd_est_un_413(programme: Client, settings: Settings) -> None:
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 10
    reponse = programme.post("/api/essai/lourd", "x" * 11, content_type="application/json")
    assert reponse.status_code == 413
    assert json.loads(reponse.content)["type"].endswith("/api/#trop-grand")


def test_en_entretien_un_programme_le_lit_aussi(programme: Client, settings: Settings) -> None:
    settings.ENTRETIEN = True
    reponse = programme.get("/api/v1/bareme")
    assert (reponse.status_code, reponse.headers["Content-Type"]) == (503, "application/problem+json")
    assert reponse.headers["Retry-After"] == "600"
    assert programme.get("/api/").headers["Content-Type"].startswith("text/html")


def test_aucun_cookie_n_entre_ni_ne_sort(programme: Client) -> None:
    programme.cookies["session"] = "x"
    reponse = programme.get("/api/essai/cookie")
    assert reponse.content == b"{}"
    assert not reponse.cookies


def test_les_pages_gardent_leurs_pages_d_erreur(programme: Client) -> None:
    for adresse in ("/n-existe-pas/", "/apiculture/"):
        assert programme.get(adresse).headers["Content-Type"].startswith("text/html")
