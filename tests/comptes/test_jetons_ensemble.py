"""Deux liens vivants d'une même personne, envoyés au même instant : l'un après l'autre, jamais une panne."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection, transaction
from django.test import Client

from apart.comptes.models import Utilisateur
from apart.etablissements.models import Habilitation
from tests.boite import Boite, Lettre
from tests.comptes.fabriques import personne
from tests.comptes.test_recuperation import choisir, recevoir
from tests.etablissements.parcours import SAISIE, SIRET, fiche, ouvrir, recevoir_lien

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.jour, pytest.mark.menace("T8")]
AUTRE_SIRET = "35600000024221"


def ensemble(
    envoyer: Callable[[Client, Lettre], int], lettres: list[Lettre], *, retenir: Callable[[], object]
) -> list[int]:
    """Les statuts de ces envois, tous commencés avant qu'aucun ne finisse : retenir les arrête au même endroit."""

    def envoi(lettre: Lettre) -> int:
        try:
            return envoyer(Client(), lettre)
        finally:
            connection.close()

    with ThreadPoolExecutor(len(lettres)) as fils:
        with transaction.atomic():
            retenir()
            envois = [fils.submit(envoi, lettre) for lettre in lettres]
            attendre_retenus(len(lettres))
            transaction.set_rollback(True)
        return sorted(envoi.result() for envoi in envois)


def attendre_retenus(nombre: int) -> None:
    for _ in range(1000):
        with connection.cursor() as curseur:
            curseur.execute("SELECT pg_stat_clear_snapshot()")
            curseur.execute(
                "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
            )
            if curseur.fetchone() == (nombre,):
                return
        time.sleep(0.02)  # rien ne prévient d'un verrou attendu : on le redemande
    pytest.fail("aucun verrou ne retient ces envois")


def test_t8_deux_liens_de_mot_de_passe_envoyes_ensemble_n_en_emploient_qu_un(client: Client, boite: Boite) -> None:
    marie = personne()
    lettres = [recevoir(client, boite, marie), recevoir(client, boite, marie)]

    statuts = ensemble(
        lambda client, lettre: int(choisir(client, lettre).status_code),
        lettres,
        retenir=Utilisateur.objects.select_for_update().get,
    )

    assert statuts == [302, 410]


@pytest.mark.parametrize(
    ("siret", "statuts", "ouverts"), [(SIRET, [200, 410], 1), (AUTRE_SIRET, [200, 200], 2)], ids=["meme", "autre"]
)
def test_t8_deux_liens_d_ouverture_envoyes_ensemble_font_une_personne(
    client: Client, boite: Boite, siret: str, statuts: list[int], ouverts: int
) -> None:
    fiche()
    fiche(AUTRE_SIRET)
    lettres = [recevoir_lien(client, boite), recevoir_lien(client, boite, siret)]
    rivale = Utilisateur(courriel=SAISIE["courriel_utilisateur"], nom="Durand", prenom="Marie")

    recus = ensemble(lambda client, lettre: int(ouvrir(client, lettre).status_code), lettres, retenir=rivale.save)

    assert recus == statuts
    assert Utilisateur.objects.count() == 1
    assert Habilitation.objects.count() == ouverts
