"""Les calculs Argon2 du serveur passent par quelques fils réservés, sans rien changer à leurs réponses."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.contrib.auth.hashers import Argon2PasswordHasher, check_password, make_password
from django.db import connection
from django.test import Client
from pytest_django.fixtures import DjangoAssertNumQueries

from apart.comptes import hachage, question
from apart.comptes.actions import jetons, secours
from apart.comptes.actions.connexion import tenter
from apart.comptes.models import EchecConnexion, Usage
from apart.config.management.commands.serveur import calculs_a_la_fois, reserver_le_calcul
from apart.socle.affluence import ServiceOccupe
from apart.socle.models import Compteur
from tests.comptes.fabriques import MOT_DE_PASSE, personne


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
    assert timedelta(seconds=5) <= refus.value.attente <= timedelta(seconds=15)
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


@pytest.mark.menace("T5")
def test_t5_un_reseau_ne_tient_jamais_toutes_les_places() -> None:
    calculs = hachage.Calculs(ensemble=1, attente=4)
    with calculs.place("192.0.2.1"), calculs.place("192.0.2.1"):
        with pytest.raises(ServiceOccupe), calculs.place("192.0.2.1"):
            pass
        with calculs.place("198.51.100.1"), calculs.place("203.0.113.1"), pytest.raises(ServiceOccupe):
            calculs.place("203.0.113.2").__enter__()
    with calculs.place("192.0.2.1"), calculs.place("192.0.2.1"):
        pass


@pytest.fixture
def seule_place(monkeypatch: pytest.MonkeyPatch) -> Iterator[threading.Semaphore]:
    """La seule place de ce processus : la prendre, c'est la tempête ; la rendre, l'accalmie."""
    monkeypatch.setattr(hachage, "_calculs", None)
    hachage.reserver(ensemble=1, attente=1)
    calculs = hachage._calculs
    assert calculs
    yield calculs.places
    calculs.fils.shutdown()


@pytest.mark.django_db
@pytest.mark.jour
def test_une_connexion_de_trop_lit_quand_revenir_sans_que_la_base_soit_lue(
    client: Client, seule_place: threading.Semaphore, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    seule_place.acquire()
    with django_assert_num_queries(0):
        reponse = client.post(
            "/connexion/",
            {"identifiant": "K7MP2QXV", "mot_de_passe": "clairon brume"},
            headers={"Sec-Fetch-Site": "same-origin"},
        )
    page, delai = reponse.content.decode(), int(reponse.headers["Retry-After"])
    assert reponse.status_code == 503
    assert 5 <= delai <= 15
    assert f"Recommencez dans {delai} secondes" in page
    assert 'value="K7MP2QXV"' in page
    assert "clairon" not in page


class Porte(threading.BoundedSemaphore):
    """Dit que quelqu'un s'y présente, qu'il entre ou qu'il attende."""

    def __init__(self, tours: int) -> None:
        super().__init__(tours)
        self.arrivees = threading.Semaphore(0)

    def acquire(self, blocking: bool = True, timeout: float | None = None) -> bool:
        self.arrivees.release()
        return super().acquire(blocking, timeout)

    __enter__ = acquire


@pytest.mark.django_db(transaction=True)
@pytest.mark.jour
def test_une_connexion_ne_lit_rien_avant_son_tour(monkeypatch: pytest.MonkeyPatch) -> None:
    """Des places, un calcul à la fois : la seconde demande attend à la porte que la première soit finie."""
    monkeypatch.setattr(hachage, "_calculs", None)
    hachage.reserver(ensemble=1, attente=4)
    calculs = hachage._calculs
    assert calculs
    identifiant, juge, continuer = personne().identifiant, threading.Event(), threading.Event()
    ordres: list[str] = []  # qui parle à la base, dans l'ordre

    def verify_lent(self: Argon2PasswordHasher, password: str, encoded: str) -> bool:
        juge.set()
        return continuer.wait(60)

    def se_connecter(qui: str) -> int:
        def noter(execute: Any, *ordre: Any) -> Any:
            ordres.append(qui)
            return execute(*ordre)

        with closing(connection), connection.execute_wrapper(noter):
            saisie = {"identifiant": identifiant, "mot_de_passe": qui}
            return Client().post("/connexion/", saisie).status_code

    monkeypatch.setattr(Argon2PasswordHasher, "verify", verify_lent)
    calculs.tours = porte = Porte(1)
    with ThreadPoolExecutor(2) as gens:
        premiere = gens.submit(se_connecter, "première")
        assert juge.wait(30)
        seconde = gens.submit(se_connecter, "seconde")
        assert all(porte.arrivees.acquire(timeout=30) for _ in range(2))
        continuer.set()
        assert (premiere.result(), seconde.result()) == (302, 302)

    assert set(ordres) == {"première", "seconde"}
    assert ordres == sorted(ordres)
    calculs.fils.shutdown()


def test_un_calcul_laisse_passer_devant_une_page_qui_ne_demande_rien() -> None:
    def priorite() -> int:
        return os.getpriority(os.PRIO_PROCESS, threading.get_native_id())

    calculs = hachage.Calculs(ensemble=1, attente=1)
    assert calculs.faire(priorite) == min(priorite() + hachage.DISCRETION, 19)  # 19 : rien ne passe après
    calculs.fils.shutdown()


def test_un_serveur_lance_discretement_calcule_plus_discretement_encore(monkeypatch: pytest.MonkeyPatch) -> None:
    posees: list[int] = []
    monkeypatch.setattr(os, "getpriority", lambda sorte, fil: 15)
    monkeypatch.setattr(os, "setpriority", lambda sorte, fil, priorite: posees.append(priorite))
    hachage.passer_derriere()
    assert posees == [15 + hachage.DISCRETION]


def test_une_foule_ne_remplit_pas_le_journal_des_erreurs(
    client: Client, seule_place: threading.Semaphore, caplog: pytest.LogCaptureFixture
) -> None:
    seule_place.acquire()
    assert client.post("/connexion/", {"identifiant": "K7MP2QXV"}).status_code == 503
    assert not caplog.records


ESSAIS = {
    "connexion": ("/connexion/", {"identifiant": "", "mot_de_passe": "faux"}),
    "confirmation": ("/mon-espace/securite/confirmer/", {"password": "faux"}),
    "changement": ("/mon-espace/securite/mot-de-passe/", {"actuel": "faux", "mot_de_passe": MOT_DE_PASSE}),
}


@pytest.mark.menace("T5")
@pytest.mark.django_db
@pytest.mark.jour
@pytest.mark.parametrize("ou", ESSAIS)
def test_t5_un_essai_que_la_tempete_a_renvoye_ne_fait_attendre_personne(
    client: Client, seule_place: threading.Semaphore, ou: str
) -> None:
    marie = personne()
    chemin, saisie = ESSAIS[ou]
    if ou != "connexion":
        client.force_login(marie)

    seule_place.acquire()
    renvois = [client.post(chemin, saisie | {"identifiant": marie.identifiant}).status_code for _ in range(6)]
    seule_place.release()

    assert renvois == [503] * 6
    assert not EchecConnexion.objects.exists()
    assert not Compteur.objects.filter(cle__startswith="connexion-").exists()
    assert tenter(identifiant=marie.identifiant, mot_de_passe=MOT_DE_PASSE, adresse="192.0.2.1") == marie


@pytest.mark.menace("T4")
@pytest.mark.django_db
@pytest.mark.jour
def test_t4_la_place_est_tenue_du_compte_de_l_essai_a_son_jugement(seule_place: threading.Semaphore) -> None:
    """Regardée puis rendue, une autre demande la prendrait entre-temps, et l'essai compté ne serait pas jugé."""
    libres = []

    def regarder(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if est_libre := seule_place.acquire(blocking=False):
            seule_place.release()
        libres.append(est_libre)
        return execute(sql, params, many, context)

    identifiant = personne().identifiant
    with connection.execute_wrapper(regarder):
        tenter(identifiant=identifiant, mot_de_passe="faux", adresse="192.0.2.1")

    assert libres
    assert not any(libres)
    assert EchecConnexion.objects.count() == 1
    assert seule_place.acquire(blocking=False)


@pytest.mark.menace("T5")
@pytest.mark.django_db
@pytest.mark.jour
def test_t5_une_reponse_secrete_que_la_tempete_a_renvoyee_n_entame_pas_les_trois_essais(
    client: Client, seule_place: threading.Semaphore
) -> None:
    marie = personne()
    secours.enregistrer_question(marie, question="rue", empreinte_reponse=question.empreinte("des Lilas"), par=marie)
    emis = jetons.emettre(Usage.MOT_DE_PASSE, courriel=marie.courriel, utilisateur=marie)
    reponse = {"jeton": emis.secret, "etape": "question", "reponse": "faux"}

    seule_place.acquire()
    renvois = [client.post("/mot-de-passe-oublie/nouveau/", reponse).status_code for _ in range(4)]
    seule_place.release()

    assert renvois == [503] * 4
    emis.jeton.refresh_from_db()
    assert emis.jeton.essais_question == 0
    assert client.post("/mot-de-passe-oublie/nouveau/", reponse | {"reponse": "des Lilas"}).status_code == 200


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
