"""Une requête, une référence : dans le journal, l'en-tête et la page, la même."""

from __future__ import annotations

import json
import logging

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.urls import include, path

from apart.config.urls import handler400, handler403, handler404, handler500  # noqa: F401  # lus par Django
from apart.socle import reference
from apart.socle.acces import Public, pour
from apart.socle.journalisation import LigneJson


@pour(Public.TOUS)
def bavarde(request: HttpRequest) -> HttpResponse:
    logging.getLogger("apart.essai").warning("une ligne")
    return HttpResponse(reference.courante())


@pour(Public.TOUS)
def casse(request: HttpRequest) -> HttpResponse:
    raise RuntimeError("panne d'essai")


urlpatterns = [
    path("", include("apart.config.urls")),
    path("bavarde/", bavarde),
    path("casse/", casse),
    path("api/essai/casse", casse),
]
pytestmark = pytest.mark.urls(__name__)


@pytest.fixture
def visiteur() -> Client:
    return Client(raise_request_exception=False)


class Recueil(logging.Handler):
    """Les lignes telles que le journal les écrit."""

    def __init__(self) -> None:
        super().__init__()
        self.setFormatter(LigneJson())
        self.lignes: list[dict[str, str]] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lignes.append(json.loads(self.format(record)))


def test_les_lignes_du_journal_d_une_requete_portent_la_reference_de_sa_reponse(visiteur: Client) -> None:
    journal, recueil = logging.getLogger("apart.essai"), Recueil()
    journal.addHandler(recueil)
    try:
        reponses = [visiteur.get("/bavarde/") for _ in range(2)]
        journal.warning("hors de toute requête")
    finally:
        journal.removeHandler(recueil)
    une, autre, hors = recueil.lignes
    assert [une["reference"], autre["reference"]] == [r.headers["X-Request-ID"] for r in reponses]
    assert une["reference"] != autre["reference"]
    assert "reference" not in hors


@pytest.mark.parametrize("chemin", ["/n-existe-pas/", "/casse/", "/api/essai/casse", "/api/v1/bareme?jour=x"])
def test_un_refus_note_par_django_porte_la_reference_de_sa_reponse(visiteur: Client, chemin: str) -> None:
    """Il ne le note qu'une fois la réponse rendue, quand la requête n'est plus en cours."""
    journal, recueil = logging.getLogger("django.request"), Recueil()
    journal.addHandler(recueil)
    try:
        reponse = visiteur.get(chemin)
    finally:
        journal.removeHandler(recueil)
    assert {ligne.get("reference") for ligne in recueil.lignes} == {reponse.headers["X-Request-ID"]}


@pytest.mark.parametrize("chemin", ["/n-existe-pas/", "/casse/"])
def test_la_page_d_erreur_montre_la_reference_de_l_en_tete(visiteur: Client, chemin: str) -> None:
    reponse = visiteur.get(chemin)
    assert f"<strong>{reponse.headers['X-Request-ID']}</strong>" in reponse.content.decode()


def test_un_programme_la_lit_dans_le_corps_d_une_panne_et_d_un_autre_site_dans_l_en_tete(visiteur: Client) -> None:
    reponse = visiteur.get("/api/essai/casse")
    assert json.loads(reponse.content)["reference"] == reponse.headers["X-Request-ID"]
    assert "X-Request-ID" in reponse.headers["Access-Control-Expose-Headers"]


@pytest.mark.menace("T33")
def test_t33_la_reference_qu_annonce_une_demande_n_entre_pas_au_journal(visiteur: Client) -> None:
    annoncee = "FAUSSE-REFERENCE"
    reponse = visiteur.get("/bavarde/", headers={"X-Request-ID": annoncee})
    assert annoncee not in {reponse.headers["X-Request-ID"], reponse.content.decode()}
