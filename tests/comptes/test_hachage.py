"""Les calculs Argon2 du serveur passent par quelques fils réservés, sans rien changer à leurs réponses."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from types import SimpleNamespace

import pytest
from django.contrib.auth.hashers import Argon2PasswordHasher, check_password, make_password
from django.test import Client

from apart.comptes import hachage
from apart.config.management.commands.serveur import calculs_a_la_fois, reserver_le_calcul
from apart.socle.affluence import ServiceOccupe


@pytest.fixture
def deux_fils(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(hachage, "_calculs", None)  # ce qui était là revient à la fin
    hachage.reserver(ensemble=2, attente=8)
    calculs = hachage._calculs
    assert calculs
    yield
    calculs.fils.shutdown()


@pytest.mark.usefixtures("deux_fils")
def test_huit_demandes_a_la_fois_calculent_a_deux(monkeypatch: pytest.MonkeyPatch) -> None:
    en_cours: set[int] = set()
    fils: set[str] = set()
    au_plus = 0

    def verify_lent(self: Argon2PasswordHasher, password: str, encoded: str) -> bool:
        nonlocal au_plus
        en_cours.add(threading.get_ident())
        au_plus = max(au_plus, len(en_cours))
        fils.add(threading.current_thread().name)
        time.sleep(0.02)
        en_cours.discard(threading.get_ident())
        return password == "juste"

    empreinte = make_password("juste")
    monkeypatch.setattr(Argon2PasswordHasher, "verify", verify_lent)
    with ThreadPoolExecutor(8) as demandes:
        reponses = list(demandes.map(check_password, ["juste", "faux"] * 4, [empreinte] * 8))
    assert reponses == [True, False] * 4
    assert au_plus == 2
    assert all(nom.startswith("argon2") for nom in fils)


@pytest.mark.usefixtures("deux_fils")
def test_au_dela_des_places_on_est_renvoye_aussitot_et_la_place_rendue_ressert(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    empreinte, continuer, entres = make_password("juste"), threading.Event(), threading.Semaphore(0)

    def verify_lent(self: Argon2PasswordHasher, password: str, encoded: str) -> bool:
        entres.release()
        continuer.wait()
        return True

    hachage.reserver(ensemble=2, attente=2)
    monkeypatch.setattr(Argon2PasswordHasher, "verify", verify_lent)
    with ThreadPoolExecutor(2) as demandes:
        deux = [demandes.submit(check_password, "juste", empreinte) for _ in range(2)]
        for _ in deux:
            entres.acquire()
        with pytest.raises(ServiceOccupe) as refus:
            check_password("juste", empreinte)
        continuer.set()
        assert all(demande.result() for demande in deux)
    assert refus.value.attente == timedelta(seconds=5)
    assert check_password("juste", empreinte)


@pytest.mark.parametrize(("fils", "places"), [(16, 4), (8, 2), (3, 1)])
def test_un_quart_des_fils_au_plus_attend_un_mot_de_passe(
    monkeypatch: pytest.MonkeyPatch, fils: int, places: int
) -> None:
    monkeypatch.setattr(hachage, "_calculs", None)
    reserver_le_calcul(None, SimpleNamespace(cfg=SimpleNamespace(threads=fils, workers=2)))
    calculs = hachage._calculs
    assert calculs
    assert [calculs.places.acquire(blocking=False) for _ in range(places + 1)] == [True] * places + [False]


@pytest.mark.django_db
@pytest.mark.jour
def test_une_connexion_de_trop_lit_quand_revenir(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hachage, "_calculs", None)
    hachage.reserver(ensemble=1, attente=1)
    assert hachage._calculs
    hachage._calculs.places.acquire()
    monkeypatch.setattr("apart.comptes.actions.connexion.tenter", lambda **_: pytest.fail("la base a été lue"))
    reponse = client.post(
        "/connexion/",
        {"identifiant": "K7MP2QXV", "mot_de_passe": "clairon brume"},
        headers={"Sec-Fetch-Site": "same-origin"},
    )
    assert (reponse.status_code, reponse.headers["Retry-After"]) == (503, "5")
    page = reponse.content.decode()
    assert "Recommencez dans 5 secondes" in page
    assert 'value="K7MP2QXV"' in page
    assert "clairon" not in page


@pytest.mark.usefixtures("deux_fils")
def test_une_empreinte_faite_dans_un_fil_reserve_se_verifie_partout(monkeypatch: pytest.MonkeyPatch) -> None:
    empreinte = make_password("clairon brume")
    assert check_password("clairon brume", empreinte)
    assert not check_password("clairon", empreinte)
    monkeypatch.setattr(hachage, "_calculs", None)
    assert check_password("clairon brume", empreinte)


@pytest.mark.usefixtures("deux_fils")
def test_une_empreinte_abimee_se_refuse_sans_bloquer_les_suivantes() -> None:
    empreinte = make_password("clairon brume")
    assert not check_password("clairon brume", empreinte[:-4])
    assert check_password("clairon brume", empreinte)


@pytest.mark.parametrize(
    ("coeurs", "processus", "calculs"), [(2, 2, 1), (2, 1, 2), (8, 4, 2), (3, 2, 2), (2, 4, 1), (1, 1, 1)]
)
def test_tous_les_coeurs_servent_quel_que_soit_le_nombre_de_processus(
    coeurs: int, processus: int, calculs: int
) -> None:
    assert calculs_a_la_fois(coeurs, processus) == calculs
