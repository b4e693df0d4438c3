"""Où en sont les messages vers une adresse : une phrase pour chaque cas, et quoi faire."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
import time_machine
from django.conf import settings

from apart.courriels import adresses
from apart.courriels.diagnostic import Diagnostic, alerte_de, diagnostic
from apart.courriels.models import AdresseRefusee, Courriel, Sort

pytestmark = pytest.mark.jour
MIDI = datetime(2026, 11, 23, 11, 0, tzinfo=UTC)
NUMERO = UUID("7d8f3a52-1c8b-4a26-9e62-6f0f6f1f2a10")
BLOQUE, GRIS = "550 5.7.1 Blocked by\n policy", "451 4.7.1 Greylisted"
DEMANDER = "Voici quoi demander au service informatique de la personne."


def message(sort: Sort, reponse: str = "", *, il_y_a: int = 0) -> Courriel:
    """Un message qui a reçu ce sort il y a tant de minutes, demandé cinq minutes plus tôt ; sans base."""
    le = MIDI - timedelta(minutes=il_y_a)
    return Courriel(
        numero=NUMERO,
        destinataire="marie@exemple.fr",
        sort=sort,
        reponse=reponse,
        cree_le=le - timedelta(minutes=5),
        sort_le=None if sort == Sort.EN_FILE else le,
    )


def juger(*courriels: Courriel) -> Diagnostic:
    with time_machine.travel(MIDI, tick=False):
        return diagnostic(courriels)


@pytest.mark.parametrize(
    ("courriels", "phrase"),
    [
        ([], "Aucun message n'est parti vers cette adresse depuis 30 jours."),
        (
            [message(Sort.REFUSE, BLOQUE)],
            "Un message vers cette adresse, refusé par le serveur qui le reçoit, à 12 h 00, heure de Paris.",
        ),
        (
            [message(Sort.REFUSE, BLOQUE, il_y_a=n) for n in (2, 9, 30)] + [message(Sort.REMIS, il_y_a=60)],
            "Trois messages vers cette adresse, refusés par le serveur qui les reçoit, le dernier à 11 h 58, heure de "
            "Paris.",
        ),
        (
            [message(Sort.REBONDI, BLOQUE), message(Sort.REBONDI, BLOQUE, il_y_a=3)],
            "Deux messages vers cette adresse, acceptés puis renvoyés par le serveur qui les reçoit, le dernier à "
            "12 h 00, heure de Paris.",
        ),
        (
            [message(Sort.REBONDI, BLOQUE), message(Sort.REFUSE, BLOQUE, il_y_a=3)],
            "Deux messages vers cette adresse, refusés par le serveur qui les reçoit, le dernier à 12 h 00, heure de "
            "Paris.",
        ),
        (
            [message(Sort.REFUSE, "550 5.5.0 [laposte] LPN007_510")],
            "Un message vers cette adresse, refusé pour une raison qui ne tient pas à la personne, à 12 h 00, heure "
            "de Paris.",
        ),
        (
            [message(Sort.DIFFERE, GRIS)],
            "Un message vers cette adresse attend encore, depuis 11 h 55, heure de Paris.",
        ),
        (
            [message(Sort.EN_FILE), message(Sort.DIFFERE, GRIS, il_y_a=10)],
            "Deux messages vers cette adresse attendent encore, depuis 11 h 45, heure de Paris.",
        ),
        (
            [message(Sort.REMIS, "250 OK"), message(Sort.REFUSE, BLOQUE, il_y_a=3)],
            "Un message vers cette adresse, accepté par le serveur qui le reçoit, à 12 h 00, heure de Paris.",
        ),
        (
            [message(Sort.INCERTAIN)],
            "Un message vers cette adresse, sans que le serveur ait jamais dit si c'était accepté, à 12 h 00, heure "
            "de Paris.",
        ),
        (
            [message(Sort.PERIME), message(Sort.PERIME, il_y_a=1)],
            "Deux messages vers cette adresse, jamais partis avant leur heure limite, le dernier à 12 h 00, heure de "
            "Paris.",
        ),
        (
            [message(Sort.REFUSE, BLOQUE, il_y_a=n) for n in range(10)],
            "10 messages vers cette adresse, refusés par le serveur qui les reçoit, le dernier à 12 h 00, heure de "
            "Paris.",
        ),
    ],
)
def test_chaque_cas_a_sa_phrase(courriels: list[Courriel], phrase: str) -> None:
    assert juger(*courriels).phrase == phrase


@pytest.mark.parametrize("sort", Sort)
@pytest.mark.parametrize("reponse", ["", BLOQUE, GRIS, "Serveur injoignable : [Errno 111]"])
def test_tout_sort_a_une_phrase_et_un_conseil(sort: Sort, reponse: str) -> None:
    rendu = juger(message(sort, reponse))
    assert rendu.phrase.endswith(".")
    assert rendu.conseil.endswith(".")


def test_un_message_remplace_par_un_autre_ne_dit_rien() -> None:
    assert juger(message(Sort.RENOUVELE, GRIS)) == juger()
    assert "adresse, accepté par" in juger(message(Sort.RENOUVELE, GRIS), message(Sort.REMIS)).phrase


def test_un_refus_dit_quoi_demander_et_donne_le_texte_pret() -> None:
    rendu = juger(message(Sort.REFUSE, BLOQUE))
    assert rendu.conseil.startswith("Le serveur du destinataire bloque notre message")
    assert rendu.conseil.endswith(DEMANDER)
    assert rendu.reponse == BLOQUE
    lignes = rendu.a_transmettre.splitlines()
    assert (
        f"Notre messagerie refuse les messages du service {settings.URL_PUBLIQUE} envoyés à marie@exemple.fr."
        in lignes
    )
    assert f"Expéditeur visible : notifications@{adresses.domaine()}" in lignes
    assert f"Domaine d'envoi : {adresses.domaine()}" in lignes
    assert "Dernier refus : le 23 novembre 2026 à 12 h 00, heure de Paris" in lignes
    assert f"Message-ID : <{NUMERO.hex}@{adresses.domaine()}>" in lignes
    assert "Réponse exacte de notre serveur : 550 5.7.1 Blocked by policy" in lignes


@pytest.mark.parametrize(
    ("sort", "reponse"),
    [
        (Sort.REMIS, "250 OK"),
        (Sort.DIFFERE, GRIS),
        (Sort.EN_FILE, ""),
        (Sort.REFUSE, "554 refused due to DMARC policy"),
        (Sort.REFUSE, "Clé secrète changée depuis la mise en file"),
    ],
)
def test_rien_n_est_a_transmettre_quand_le_service_informatique_n_y_peut_rien(sort: Sort, reponse: str) -> None:
    rendu = juger(message(sort, reponse))
    assert rendu.a_transmettre == ""
    assert DEMANDER not in rendu.conseil


def test_la_liste_grise_et_l_acceptation_disent_combien_de_temps_attendre() -> None:
    assert "(liste grise). Normal pour un premier message" in juger(message(Sort.DIFFERE, GRIS)).conseil
    assert "dans les indésirables" in juger(message(Sort.REMIS)).conseil


@pytest.mark.parametrize(
    ("nombre", "phrase"),
    [
        (
            1,
            "Un message vers marie@exemple.fr, refusé à 12 h 00, heure de Paris, par le serveur qui reçoit pour "
            "exemple.fr.",
        ),
        (
            3,
            "Trois messages vers marie@exemple.fr, refusés, le dernier à 12 h 00, heure de Paris, par le serveur qui "
            "reçoit pour exemple.fr.",
        ),
    ],
)
def test_la_personne_lit_ce_qui_s_est_passe_et_quoi_faire(nombre: int, phrase: str) -> None:
    marque = AdresseRefusee(
        adresse="marie@exemple.fr", nombre=nombre, dernier_le=MIDI, sort=Sort.REFUSE, reponse=BLOQUE, numero=NUMERO
    )
    with time_machine.travel(MIDI, tick=False):
        rendu = alerte_de(marque)
    assert rendu is not None
    assert rendu.phrase == phrase
    assert "Demandez à votre service informatique d'autoriser notre expéditeur" in rendu.conseil
    assert "Blocked by policy" in rendu.a_transmettre
    assert alerte_de(None) is None
