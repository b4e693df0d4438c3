"""Ce qu'un inconnu envoie de gros se lit dans un enfant : il peut tout y prendre, le site n'y perd rien."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import TypeVar

import pytest
from pytest_django.fixtures import Settings

from apart.socle import enfant
from apart.socle.enfant import MEMOIRE, PHRASES, PROCESSEUR, Complet, Enfant, Interrompu

ICI, AILLEURS = "192.0.2.1", "198.51.100.1"
T = TypeVar("T")


def obtenir(travail: Callable[[], T], reseau: str = ICI) -> T:
    return enfant.obtenir(travail, reseau=reseau, depenser=lambda _: None)


def tourner() -> None:
    while True:
        pass


def enfler() -> int:
    return len(bytearray(2 << 30))


def abandonner() -> None:
    """Comme Polars, quand la mémoire lui manque."""
    os.kill(os.getpid(), signal.SIGABRT)


def compter(jusqu_a: int) -> Iterator[int]:
    yield from range(jusqu_a)


def se_plaindre() -> None:
    raise ValueError("la ligne 3 ne va pas")


class Compliquee(Exception):
    """Pickle ne sait pas la refaire."""

    def __init__(self, un: int, deux: int) -> None:
        super().__init__(f"{un} et {deux}")


def compliquer() -> None:
    raise Compliquee(1, 2)


def qui() -> tuple[int, bool]:
    return os.getpid(), threading.active_count() == 1


def test_le_travail_se_fait_ailleurs_et_dans_un_processus_sans_fils() -> None:
    pid, est_seul = obtenir(qui)
    assert pid != os.getpid()
    assert est_seul


def test_les_etapes_arrivent_dans_l_ordre_et_le_calcul_est_compte() -> None:
    travail = Enfant(compter, 3, reseau=ICI)
    assert list(travail) == [0, 1, 2]
    assert 0 < travail.secondes < 5


def test_ce_que_le_travail_leve_est_leve_ici_avec_sa_trace() -> None:
    with pytest.raises(ValueError, match="la ligne 3 ne va pas") as leve:
        obtenir(se_plaindre)
    assert "se_plaindre" in leve.value.__notes__[0]
    with pytest.raises(RuntimeError, match="Compliquee: 1 et 2"):
        obtenir(compliquer)


def test_un_travail_sans_fin_est_arrete_et_dit(settings: Settings, caplog: pytest.LogCaptureFixture) -> None:
    settings.ENFANT_SECONDES = 1
    travail = Enfant(enfant._seul, tourner, (), reseau=ICI)
    with pytest.raises(Interrompu) as arret:
        list(travail)
    assert (arret.value.cause, str(arret.value)) == (PROCESSEUR, PHRASES[PROCESSEUR])
    assert travail.secondes == 1, "compté en entier à qui l'a demandé"
    assert "Enfant interrompu" in caplog.text


@pytest.mark.parametrize("travail", [enfler, abandonner])
def test_trop_de_memoire_ne_prend_que_l_enfant(settings: Settings, travail: object) -> None:
    settings.ENFANT_MEMOIRE = 512
    with pytest.raises(Interrompu) as arret:
        obtenir(travail)  # type: ignore[arg-type]  # l'une rend un nombre, l'autre rien
    assert arret.value.cause == MEMOIRE


def test_un_enfant_delaisse_s_arrete() -> None:
    """La personne est partie au milieu : le générateur est refermé, sa place rendue."""
    etapes = iter(Enfant(compter, 10**9, reseau=ICI))
    assert next(etapes) == 0
    etapes.close()  # type: ignore[attr-defined]  # c'est un générateur
    assert not multiprocessing.active_children()
    assert obtenir(qui)[1]


def test_les_enfants_sont_comptes_et_les_autres_demandes_ne_prennent_pas_les_fils(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(enfant, "places", enfant._Places(1))
    monkeypatch.setattr(enfant, "ATTENTE", timedelta(seconds=0.1))
    etapes = iter(Enfant(compter, 10**9, reseau=ICI))
    next(etapes)
    with pytest.raises(Complet):
        obtenir(qui, AILLEURS)  # attend un peu
    monkeypatch.setattr(enfant, "ATTENTE", timedelta(seconds=60))
    enfant.places._admises += ["203.0.113.1", "203.0.113.2"]
    with pytest.raises(Complet):
        obtenir(qui, AILLEURS)  # deux attendent déjà : refusée aussitôt
    del enfant.places._admises[1:]
    etapes.close()  # type: ignore[attr-defined]
    assert obtenir(qui, AILLEURS)


def test_ce_qu_un_travail_prend_est_compte_meme_s_il_echoue() -> None:
    pris: list[float] = []
    with pytest.raises(ValueError, match="la ligne 3"):
        enfant.obtenir(se_plaindre, reseau=ICI, depenser=pris.append)
    assert len(pris) == 1
    assert 0 < pris[0] < 5


@pytest.mark.menace("T40")
def test_t40_un_seul_reseau_ne_prend_jamais_toutes_les_places(monkeypatch: pytest.MonkeyPatch) -> None:
    """Huit demandes d'un même réseau : un enfant, une qui attend, six refus ; les autres gardent les leurs."""
    monkeypatch.setattr(enfant, "ATTENTE", timedelta(seconds=60))
    places, continuer, issues = enfant._Places(2), threading.Event(), Counter[str]()
    refusees, au_travail = threading.Semaphore(0), threading.Semaphore(0)

    def demander(reseau: str) -> None:
        try:
            with places.prendre(reseau):
                issues[f"{reseau} au travail"] += 1
                au_travail.release()
                continuer.wait(60)
        except Complet:
            issues[f"{reseau} refusé"] += 1
            refusees.release()

    with ThreadPoolExecutor(10) as fils:
        for _ in range(8):
            fils.submit(demander, ICI)
        refus = [refusees.acquire(timeout=20) for _ in range(6)]
        fils.submit(demander, AILLEURS)
        travaillent = [au_travail.acquire(timeout=20) for _ in range(2)]
        pendant = dict(issues)
        continuer.set()
    assert all(refus)
    assert all(travaillent), "l'autre réseau travaille à côté du premier"
    assert pendant == {f"{ICI} au travail": 1, f"{ICI} refusé": 6, f"{AILLEURS} au travail": 1}
    assert issues[f"{ICI} au travail"] == 2, "qui attendait a eu son tour"
    assert places._admises == []
