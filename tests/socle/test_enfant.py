"""Ce qu'un inconnu envoie de gros se lit dans un enfant : il peut tout y prendre, le site n'y perd rien."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections.abc import Iterator
from datetime import timedelta

import pytest
from pytest_django.fixtures import Settings

from apart.socle import enfant
from apart.socle.enfant import MEMOIRE, PHRASES, PROCESSEUR, Complet, Enfant, Interrompu, obtenir


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
    travail = Enfant(compter, 3)
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
    travail = Enfant(enfant._seul, tourner, ())
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
    etapes = iter(Enfant(compter, 10**9))
    assert next(etapes) == 0
    etapes.close()  # type: ignore[attr-defined]  # c'est un générateur
    assert not multiprocessing.active_children()
    assert obtenir(qui)[1]


def test_les_enfants_sont_comptes_et_les_autres_demandes_ne_prennent_pas_les_fils(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(enfant, "places", enfant._Places(1))
    monkeypatch.setattr(enfant, "ATTENTE", timedelta(seconds=0.1))
    etapes = iter(Enfant(compter, 10**9))
    next(etapes)
    with pytest.raises(Complet):
        obtenir(qui)  # attend un peu
    with enfant.places._admises, enfant.places._admises, pytest.raises(Complet):
        obtenir(qui)  # deux attendent déjà : refusée aussitôt
    etapes.close()  # type: ignore[attr-defined]
    assert obtenir(qui)
