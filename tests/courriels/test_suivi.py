"""Ce que le bureau lit d'un message, ce qu'il peut renvoyer, ce qui est gardé et combien de temps."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from functools import partial

import pytest
import time_machine
from django.db import IntegrityError

from apart.courriels.actions import admettre, effacer_les_anciens
from apart.courriels.explications import ETATS_D_ATTENTE, expliquer, table
from apart.courriels.models import Courriel, Demandeur, ObjetDemande, Sort
from tests.boite import Boite
from tests.courriels.conftest import avis, en_file

pytestmark = pytest.mark.jour
MIDI = datetime(2026, 11, 23, 11, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("sort", "reponse", "attendue"),
    [
        ("en_file", "", "sort"),
        ("en_file", "Serveur injoignable : [Errno 111] Connection refused", "prise"),
        ("en_file", "TLS : STARTTLS extension not supported by server.", "chiffrement"),
        ("en_file", "Identification refusée : 535 5.7.8 Bad credentials", "authentification"),
        ("remis", "250 2.0.0 OK", "sort"),
        ("differe", "451 4.7.1 Greylisted, please try again", "liste_grise"),
        ("differe", "450 4.7.25 policy", "bloquee"),
        ("differe", "421 4.7.28 Gmail: unusual rate", "debit"),
        ("differe", "450 4.4.1 connection timed out", "occupe"),
        ("differe", "450 4.2.0 user unknown for now", "occupe"),
        ("differe", "452 4.2.2 over quota", "pleine"),
        ("differe", "451 essayez plus tard", "liste_grise"),
        ("differe", "Connexion coupée : Connection unexpectedly closed", "coupure"),
        ("differe", "Expéditeur refusé : 553 5.1.8 nope", "expediteur"),
        ("refuse", "550 5.1.1 <x@y.fr>: Recipient address rejected", "inconnue"),
        ("refuse", "550 No such user here", "inconnue"),
        ("refuse", "550 5.1.2 bad domain", "domaine"),
        ("refuse", "550 5.2.1 disabled", "fermee"),
        ("refuse", "552 5.2.2 mailbox full", "pleine"),
        ("refuse", "552 5.3.4 too big", "trop_gros"),
        ("refuse", "550 5.5.0 [laposte] LPN007_510", "expediteur_bloque"),
        ("rebondi", "550 5.2.0 Mail rejete. Mail rejected. OFR_506 [506]", "expediteur_bloque"),
        ("rebondi", "550 5.5.0 [laposte] LPN004_420", "fermee"),
        (
            "rebondi",
            "550 5.7.133 RESOLVER.RST.SenderNotAuthenticatedForGroup; authentication required",
            "liste_fermee",
        ),
        ("refuse", "550 5.4.1 Recipient address rejected: Access denied.", "inconnue"),
        ("refuse", "550 5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient not found", "inconnue"),
        ("refuse", "550 5.7.1 Message filtered", "bloquee"),
        ("refuse", "550 5.7.26 unauthenticated", "signature"),
        ("refuse", "554 refused due to DMARC policy", "signature"),
        ("refuse", "554 jamais vu", "sort"),
        ("refuse", "Clé secrète changée depuis la mise en file", "cle"),
        ("rebondi", "550 5.1.1 User unknown", "inconnue"),
        ("rebondi", "Rebond sans explication du serveur", "sort"),
        ("perime", "451 4.7.1 Greylisted", "sort"),
    ],
)
def test_la_reponse_du_serveur_se_lit_en_francais(sort: str, reponse: str, attendue: str) -> None:
    prevue = table().sorts[sort] if attendue == "sort" else table().explications[attendue]
    assert expliquer(sort, reponse) is prevue


@pytest.mark.parametrize("sort", sorted(set(Sort.values) - ETATS_D_ATTENTE))
def test_un_sort_final_ne_promet_jamais_que_le_message_repart(sort: str) -> None:
    """Un refus « greylisted » ou « 450 » existe : le message, lui, ne part plus."""
    reponses = ["554 5.7.1 Greylisted, try again", "450 4.2.0 busy", "421 too many", "Connexion coupée : reset", "451"]
    for reponse in [*reponses, "Serveur injoignable : 111", "TLS : x", "Identification refusée : 535", "550 5.1.8 x"]:
        explication = expliquer(sort, reponse)
        assert not re.search("repart|Attendez", explication.personne + explication.agent), reponse


def test_ce_qui_promet_un_nouvel_essai_ne_se_dit_que_d_un_message_qui_attend() -> None:
    for nom, explication in table().explications.items():
        assert explication.attente == ("repart" in explication.personne + explication.agent), nom


def test_chaque_reponse_connue_a_sa_source() -> None:
    assert [regle for regle in table().regles if len(regle.source) < 8] == []


@pytest.mark.parametrize("sort", Sort.values)
@pytest.mark.parametrize("reponse", ["", "000", "550", "5.9.9", "999 9.9.9 ?", "\x00"])
def test_toute_reponse_a_une_explication_et_un_conseil_pour_chacun(sort: str, reponse: str) -> None:
    explication = expliquer(sort, reponse)
    assert all((explication.titre, explication.personne, explication.agent))


@pytest.mark.django_db
def test_le_bureau_retrouve_les_messages_d_une_adresse_et_d_un_etablissement() -> None:
    premier, second = en_file(), avis()
    avis("autre@exemple.fr")
    assert list(Courriel.objects.vers("Marie@exemple.fr").recents()) == [second, premier]
    assert list(Courriel.objects.de_l_etablissement("73282932000074").recents()) == [premier]


@pytest.mark.django_db
def test_les_corps_sont_gardes_30_jours_et_les_lignes_12_mois(boite: Boite) -> None:
    with time_machine.travel(MIDI, tick=False) as horloge:
        courriel = avis()
        boite.recevoir_une()
        horloge.shift(timedelta(days=29))
        assert effacer_les_anciens() == (0, 0)
        horloge.shift(timedelta(days=2))
        assert effacer_les_anciens() == (1, 0)
        courriel.refresh_from_db()
        assert (courriel.texte, courriel.html) == ("", "")
        assert (courriel.objet, courriel.sort) == ("votre espace est ouvert", Sort.REMIS)
        horloge.shift(timedelta(days=335))
        assert effacer_les_anciens() == (0, 1)


@pytest.mark.django_db
def test_la_base_refuse_un_secret_garde_apres_la_remise() -> None:
    courriel = en_file()
    courriel.sort, courriel.remis_le = Sort.REMIS, datetime.now(UTC)
    with pytest.raises(IntegrityError, match="courriel_secrets_effaces_a_la_fin"):
        courriel.save()


@pytest.mark.menace("T15")
@pytest.mark.django_db
def test_t15_une_adresse_recoit_au_plus_3_messages_par_quart_d_heure_et_10_par_jour_pour_un_motif() -> None:
    lien = partial(admettre, objet=ObjetDemande.MOT_DE_PASSE, demandeur=Demandeur.IDENTIFIANT)
    with time_machine.travel(MIDI, tick=False) as horloge:
        assert [lien("marie@exemple.fr") for _ in range(5)].count(True) == 3
        assert admettre("Marie@exemple.fr", objet=ObjetDemande.IDENTIFIANT, demandeur=Demandeur.IDENTIFIANT)
        horloge.shift(timedelta(minutes=15))
        assert lien("marie@exemple.fr")
        total = 0
        for _ in range(20):
            horloge.shift(timedelta(minutes=16))
            total += lien("marie@exemple.fr")
        assert total == 6  # 4 sont partis, les 2 refusés ne comptent pas : il en restait 6 pour la journée
