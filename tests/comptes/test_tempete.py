"""Cinquante connexions à la fois ne taisent pas le site : un quart de ses fils attend, les autres servent."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor, as_completed
from types import SimpleNamespace

import pytest
from django.contrib.auth.hashers import Argon2PasswordHasher
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.test import Client

from apart.comptes import hachage
from apart.config.management.commands.serveur import reserver_le_calcul
from apart.socle import reception
from apart.socle.depense import confier

FILS, DEMANDES = 16, 50


def se_connecter(rang: int) -> HttpResponse:
    """Chacun de son adresse, avec un identifiant que personne n'a."""
    try:
        envoi = {"identifiant": "K7MP2QXV", "mot_de_passe": "clairon brume"}
        reponse = Client().post("/connexion/", envoi, REMOTE_ADDR=f"192.0.2.{rang}")
        assert isinstance(reponse, HttpResponse)
        return reponse
    finally:
        connection.close()


def lire_l_accueil() -> int:
    try:
        return Client().get("/").status_code
    finally:
        connection.close()


@pytest.mark.django_db
@pytest.mark.jour
def test_un_gros_envoi_a_la_porte_ne_tient_pas_le_tour_des_autres(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Il attend un enfant, parfois dix secondes : quatre en boucle auraient fermé la connexion à tous."""
    monkeypatch.setattr(hachage, "_calculs", None)
    hachage.reserver(ensemble=1, attente=1)
    calculs = hachage._calculs
    assert calculs
    libres = []

    def regarder(request: HttpRequest, travail: object, *arguments: object) -> object:
        if est_libre := calculs.places.acquire(blocking=False):
            calculs.places.release()
        libres.append(est_libre)
        return confier(request, travail, *arguments)  # type: ignore[arg-type]  # celui de ReceptionMiddleware

    monkeypatch.setattr(reception, "confier", regarder)
    client.post("/connexion/", {"identifiant": "K7MP2QXV", "mot_de_passe": "x" * 70_000})
    assert libres == [True]
    calculs.fils.shutdown()


@pytest.mark.django_db(transaction=True)
@pytest.mark.jour
def test_cinquante_connexions_a_la_fois_laissent_repondre_l_accueil(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hachage, "_calculs", None)
    reserver_le_calcul(None, SimpleNamespace(cfg=SimpleNamespace(threads=FILS, workers=2)))
    continuer = threading.Event()

    def encode_bloque(self: Argon2PasswordHasher, password: str, salt: str) -> str:
        assert continuer.wait(120)
        return ""

    monkeypatch.setattr(Argon2PasswordHasher, "encode", encode_bloque)
    with ThreadPoolExecutor(FILS) as fils:
        demandes = [fils.submit(se_connecter, rang) for rang in range(DEMANDES)]
        try:
            # Aucun calcul ne finit : si davantage attendaient, ces réponses ne viendraient pas.
            finies = as_completed(demandes, timeout=60)
            renvoyees = [next(finies).result() for _ in range(DEMANDES - FILS // 4)]
            accueils = [fils.submit(lire_l_accueil) for _ in range(FILS)]
            assert {accueil.result(timeout=60) for accueil in accueils} == {200}
            assert not continuer.is_set()
        finally:
            continuer.set()
        toutes = [demande.result() for demande in demandes]
    assert {reponse.status_code for reponse in renvoyees} == {503}
    assert all(5 <= int(reponse.headers["Retry-After"]) <= 15 for reponse in renvoyees)
    assert 1 <= sum(reponse.status_code == 200 for reponse in toutes) <= FILS // 4
