"""Ce que le bureau lit d'un message, ce qu'il peut renvoyer, ce qui est gardé et combien de temps."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import partial

import pytest
import time_machine
from django.db import IntegrityError

from apart.courriels import explications as mots
from apart.courriels.actions import admettre, effacer_les_anciens
from apart.courriels.explications import Explication, expliquer
from apart.courriels.models import Courriel, Demandeur, ObjetDemande, Sort
from tests.boite import Boite
from tests.courriels.conftest import avis, en_file

pytestmark = pytest.mark.jour
MIDI = datetime(2026, 11, 23, 11, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("sort", "reponse", "attendue"),
    [
        ("en_file", "", mots.EN_FILE),
        ("en_file", "Serveur injoignable : [Errno 111] Connection refused", mots.PRISE),
        ("en_file", "TLS : STARTTLS extension not supported by server.", mots.CHIFFREMENT),
        ("en_file", "Identification refusée : 535 5.7.8 Bad credentials", mots.AUTHENTIFICATION),
        ("remis", "250 2.0.0 OK", mots.REMIS),
        ("differe", "451 4.7.1 Greylisted, please try again", mots.LISTE_GRISE),
        ("differe", "450 4.7.25 policy", mots.BLOQUEE),
        ("differe", "421 4.7.28 Gmail: unusual rate", mots.DEBIT),
        ("differe", "450 4.4.1 connection timed out", mots.OCCUPE),
        ("differe", "450 4.2.0 user unknown for now", mots.OCCUPE),
        ("differe", "452 4.2.2 over quota", mots.PLEINE),
        ("differe", "451 essayez plus tard", mots.LISTE_GRISE),
        ("differe", "Connexion coupée : Connection unexpectedly closed", mots.COUPURE),
        ("differe", "Expéditeur refusé : 553 5.1.8 nope", mots.EXPEDITEUR),
        ("refuse", "550 5.1.1 <x@y.fr>: Recipient address rejected", mots.INCONNUE),
        ("refuse", "550 No such user here", mots.INCONNUE),
        ("refuse", "550 5.1.2 bad domain", mots.DOMAINE),
        ("refuse", "550 5.2.1 disabled", mots.FERMEE),
        ("refuse", "552 5.2.2 mailbox full", mots.PLEINE),
        ("refuse", "552 5.3.4 too big", mots.TROP_GROS),
        ("refuse", "550 5.7.1 [laposte] LPN007_510", mots.BLOQUEE),
        ("refuse", "550 5.7.26 unauthenticated", mots.SIGNATURE),
        ("refuse", "554 refused due to DMARC policy", mots.SIGNATURE),
        ("refuse", "554 jamais vu", mots.REFUS),
        ("refuse", "Clé secrète changée depuis la mise en file", mots.CLE),
        ("rebondi", "550 5.1.1 User unknown", mots.INCONNUE),
        ("rebondi", "Rebond sans explication du serveur", mots.REBOND),
        ("perime", "451 4.7.1 Greylisted", mots.PERIME),
    ],
)
def test_la_reponse_du_serveur_se_lit_en_francais(sort: str, reponse: str, attendue: Explication) -> None:
    assert expliquer(sort, reponse) is attendue


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
