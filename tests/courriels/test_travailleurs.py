"""De vrais travailleurs, dans leurs processus. Ils vivent à l'heure de la machine : ces tests aussi."""

from __future__ import annotations

import os
import signal
import time
from collections import Counter
from datetime import timedelta
from urllib.parse import quote

import pytest
import time_machine
from django.db import connection
from django.db.models import F

from apart.courriels import actions
from apart.courriels.models import Courriel, Sort
from apart.socle.travaux import differer
from tests.boite import Boite
from tests.courriels.conftest import avis, en_file
from tests.courriels.dovecot import PROGRAMME, SECRET, UTILISATEUR, ouvrir_dovecot
from tests.courriels.test_rebonds import rebond, remis
from tests.travail import lancer_travailleur

pytestmark = pytest.mark.django_db(transaction=True)


def test_deux_travailleurs_a_la_fois_n_envoient_chaque_message_qu_une_fois(boite: Boite) -> None:
    attendus = [avis(f"personne{n}@exemple.fr").destinataire for n in range(60)]
    boite.retard = 0.005
    travailleurs = [lancer_travailleur(boite), lancer_travailleur(boite)]
    for travailleur in travailleurs:
        assert travailleur.wait(timeout=60) == 0
    assert Counter(lettre.a for lettre in boite.nouvelles()) == Counter(attendus)
    assert set(Courriel.objects.values_list("sort", flat=True)) == {Sort.REMIS}


def test_le_travailleur_retire_les_liens_perimes_et_previent_dans_la_meme_transaction(boite: Boite) -> None:
    en_file()
    Courriel.objects.update(expire_le=F("cree_le"))
    with connection.cursor() as curseur:
        curseur.execute("DELETE FROM procrastinate_jobs")
    differer("courriels.balayer", queue="courriels", timestamp=0)
    assert lancer_travailleur(boite).wait(timeout=60) == 0
    assert [lettre.objet for lettre in boite.nouvelles()] == [
        "Refaites votre demande : un message n'a pas pu partir à temps"
    ]


@pytest.mark.skipif(PROGRAMME is None and os.environ.get("CI") != "true", reason="Dovecot absent (dovecot-imapd)")
def test_le_travailleur_lit_la_boite_des_rebonds(boite: Boite, monkeypatch: pytest.MonkeyPatch) -> None:
    courriel, retour = remis(boite)
    with ouvrir_dovecot() as dovecot:
        dovecot.deposer(rebond(retour))
        adresse = f"imap://{UTILISATEUR}:{quote(SECRET)}@127.0.0.1:{dovecot.port}/INBOX"
        monkeypatch.setenv("REBONDS_IMAP", adresse)
        differer("courriels.lire_rebonds", queue="courriels", timestamp=0)
        assert lancer_travailleur(boite).wait(timeout=60) == 0
        assert dovecot.marques() == []
    courriel.refresh_from_db()
    assert courriel.sort == Sort.REBONDI


def test_un_travailleur_tue_en_plein_envoi_ne_perd_rien(boite: Boite) -> None:
    attendus = {avis(f"personne{n}@exemple.fr").destinataire for n in range(40)}
    boite.retard = 0.2  # le temps de voir partir le dixième avant le dernier, même sur une machine chargée
    travailleur = lancer_travailleur(boite, "--simultanes=1")  # une connexion
    fin = time.monotonic() + 60
    while len(boite.lettres) < 10 and time.monotonic() < fin:
        time.sleep(0.005)
    travailleur.send_signal(signal.SIGKILL)
    travailleur.wait()
    partis = len(boite.lettres)
    assert 10 <= partis < 40
    boite.retard = 0
    with time_machine.travel(actions.BAIL + timedelta(seconds=1), tick=False):
        boite.recevoir()
    recus = Counter(str(lettre.message["Message-ID"]) for lettre in boite.lettres)
    assert {lettre.a for lettre in boite.lettres} == attendus
    assert len(recus) == 40
    # Seul le message que le serveur venait d'accepter quand le processus est mort peut arriver deux fois.
    assert sum(recus.values()) <= 41
