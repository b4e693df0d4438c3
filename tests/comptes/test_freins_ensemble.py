"""Les compteurs de la connexion tiennent quand les essais partent tous ensemble (T4, T6)."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from django.contrib.auth.hashers import MD5PasswordHasher
from django.db import connection, transaction

from apart.comptes.actions.connexion import tenter
from apart.comptes.connexion import COMPTES_PAR_ADRESSE, ECHECS_PERMIS
from apart.comptes.models import EchecConnexion
from apart.socle.limites import TropDeDemandes
from apart.socle.models import verrouiller_noms
from tests.comptes.fabriques import personne
from tests.comptes.test_jetons_ensemble import attendre_retenus

pytestmark = [
    pytest.mark.jour,
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("_hachage_rapide"),
]
RESEAU = "198.51.100.7"
FILS = 8


def lentement(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
    """Après avoir compté et lu, laisse aux autres le temps de les lire aussi : la course devient certaine."""
    rendu = execute(sql, params, many, context)
    if "INSERT INTO comptes_echecconnexion" in sql:
        time.sleep(0.01)
    return rendu


def ensemble(essayer: Callable[[int], object]) -> list[str]:
    """Huit essais au même instant : « jugé », ou « arrêté » par une limite."""
    depart = Barrier(FILS)

    def courir(rang: int) -> str:
        try:
            with connection.execute_wrapper(lentement):
                depart.wait()
                essayer(rang)
        except TropDeDemandes:
            return "arrêté"
        finally:
            connection.close()
        return "jugé"

    with ThreadPoolExecutor(FILS) as fils:
        return sorted(fils.map(courir, range(FILS)))


@pytest.mark.menace("T4")
@pytest.mark.parametrize("appareil", ["", "a" * 32], ids=["appareil inconnu", "appareil reconnu"])
def test_t4_huit_essais_partis_ensemble_n_en_font_juger_que_cinq(appareil: str) -> None:
    identifiant = personne().identifiant

    ensemble(lambda _: tenter(identifiant=identifiant, mot_de_passe="faux", adresse=RESEAU, appareil=appareil))

    assert EchecConnexion.objects.count() == ECHECS_PERMIS


@pytest.mark.menace("T4")
def test_t4_un_essai_est_compte_avant_d_etre_juge_et_son_verrou_rendu(monkeypatch: pytest.MonkeyPatch) -> None:
    identifiant, vus = personne().identifiant, []

    def juger(*_: object) -> bool:
        vus.append((EchecConnexion.objects.count(), connection.in_atomic_block))
        return False

    monkeypatch.setattr(MD5PasswordHasher, "verify", juger)
    tenter(identifiant=identifiant, mot_de_passe="faux", adresse=RESEAU)

    assert vus == [(1, False)]


@pytest.mark.menace("T6")
def test_t6_des_comptes_essayes_ensemble_sont_comptes_un_par_un() -> None:
    deja = [EchecConnexion(compte=f"{n:064d}", adresse=RESEAU) for n in range(COMPTES_PAR_ADRESSE.nombre - 1)]
    EchecConnexion.objects.bulk_create(deja)

    issues = ensemble(lambda n: tenter(identifiant=f"K7MP2QX{n}", mot_de_passe="faux", adresse=RESEAU))

    assert issues == ["arrêté"] * (FILS - 1) + ["jugé"]


def test_des_noms_se_verrouillent_dans_le_meme_ordre_quel_que_soit_celui_de_l_appel() -> None:
    """Qui attend « b » tient déjà « a » : deux essais qui les demanderaient à l'envers ne s'étreignent pas."""
    with ThreadPoolExecutor(1) as fil:
        with transaction.atomic(), connection.cursor() as curseur:
            verrouiller_noms("b")
            autre = fil.submit(verrouiller, "b", "a")
            attendre_retenus(1)
            curseur.execute("SELECT pg_try_advisory_xact_lock(hashtextextended('a', 0))")
            assert curseur.fetchone() == (False,)
        autre.result(timeout=10)


def verrouiller(*noms: str) -> None:
    try:
        with transaction.atomic():
            verrouiller_noms(*noms)
    finally:
        connection.close()
