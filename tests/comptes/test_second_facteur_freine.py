"""Le frein du second facteur arrête qui devine, jamais la propriétaire du compte (T5)."""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta

import pytest
import time_machine
from django.test import Client

from apart.comptes import second_facteur
from apart.comptes.actions import jetons, recuperation
from apart.comptes.actions.second_facteur import employer_code
from apart.comptes.models import Usage, Utilisateur
from apart.socle.limites import TropDeDemandes
from tests.comptes.fabriques import activer_application, code_totp, entrer, est_connecte, lu, personne
from tests.comptes.test_second_facteur import MIDI, sortir_puis_entrer

pytestmark = [pytest.mark.django_db, pytest.mark.jour, pytest.mark.usefixtures("_hachage_rapide")]


@pytest.mark.menace("T5")
def test_t5_cinquante_mauvais_codes_ne_ferment_pas_la_porte_a_la_proprietaire(client: Client) -> None:
    """Quelqu'un a son mot de passe. Elle entre par son appareil, ou en change : jamais elle n'attend minuit."""
    marie, voleur, neuf = personne(), Client(REMOTE_ADDR="198.51.100.7"), Client()
    with time_machine.travel(MIDI, tick=False) as temps:
        entrer(client, marie.identifiant)
        secret = activer_application(client)
        sortir_puis_entrer(client, marie)
        for essai in range(45):
            temps.shift(timedelta(minutes=5 if essai % 5 == 0 else 0))
            second_facteur.compter_essai(marie)  # ce que fait la page pour un appareil inconnu
        temps.shift(timedelta(minutes=5))
        entrer(voleur, marie.identifiant)
        for _ in range(5):
            voleur.post("/connexion/code/", {"code": "000000"})
        temps.shift(timedelta(minutes=5))
        assert "Trop d'essais" in lu(voleur.post("/connexion/code/", {"code": code_totp(secret)}))

        client.post("/deconnexion/")
        entrer(client, marie.identifiant)
        client.post("/connexion/code/", {"code": code_totp(secret)})
        assert est_connecte(client)

        temps.shift(timedelta(minutes=5))
        changer_de_mot_de_passe(marie)
        entrer(neuf, marie.identifiant, "un train part sans moi le dimanche")
        neuf.post("/connexion/code/", {"code": code_totp(secret)})
        assert est_connecte(neuf)


@pytest.mark.menace("T5")
def test_t5_essayer_sans_attendre_n_epuise_pas_la_journee() -> None:
    marie = personne()
    with time_machine.travel(MIDI, tick=False) as temps:
        for _ in range(60):
            with suppress(TropDeDemandes):
                second_facteur.compter_essai(marie)
        temps.shift(timedelta(minutes=5))

        second_facteur.compter_essai(marie)  # ne lève rien


def changer_de_mot_de_passe(qui: Utilisateur) -> None:
    emis = jetons.emettre(Usage.MOT_DE_PASSE, courriel=qui.courriel, utilisateur=qui)
    recuperation.choisir_mot_de_passe(emis.secret, "un train part sans moi le dimanche")


def test_un_appareil_reconnu_est_freine_lui_aussi_au_second_facteur(client: Client) -> None:
    marie = personne()
    with time_machine.travel(MIDI, tick=False) as temps:
        entrer(client, marie.identifiant)
        secret = activer_application(client)
        temps.shift(timedelta(minutes=10))
        sortir_puis_entrer(client, marie)
        for _ in range(5):
            client.post("/connexion/code/", {"code": "000000"})

        assert "Trop d'essais" in lu(client.post("/connexion/code/", {"code": code_totp(secret)}))


def test_un_code_ne_resert_pas_tant_qu_il_pourrait_valoir() -> None:
    marie, luc = personne(), personne("luc.petit@boulangerie.fr")
    with time_machine.travel(MIDI, tick=False) as temps:
        assert employer_code(marie, "123456")
        temps.shift(timedelta(seconds=90))
        assert not employer_code(marie, "123456")
        assert employer_code(luc, "123456")  # le même, tiré par une autre application
        temps.shift(timedelta(minutes=2))
        assert employer_code(marie, "123456")
