"""Les calculs Argon2 du serveur passent par quelques fils réservés, sans rien changer à leurs réponses."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.contrib.auth.hashers import Argon2PasswordHasher, check_password, make_password

from apart.comptes import hachage
from apart.config.management.commands.serveur import calculs_a_la_fois


@pytest.fixture
def deux_fils(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(hachage, "_fils_de_calcul", None)  # ce qui était là revient à la fin
    hachage.reserver_fils(2)
    reserves = hachage._fils_de_calcul
    assert reserves
    yield
    reserves.shutdown()


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
def test_une_empreinte_faite_dans_un_fil_reserve_se_verifie_partout(monkeypatch: pytest.MonkeyPatch) -> None:
    empreinte = make_password("clairon brume")
    assert check_password("clairon brume", empreinte)
    assert not check_password("clairon", empreinte)
    monkeypatch.setattr(hachage, "_fils_de_calcul", None)
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
