"""Les rapports lus par IMAP, dans un vrai Dovecot : ce qui est noté part, le reste est marqué, une panne attend."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from pytest_django.fixtures import Settings

from apart.courriels import boite_imap, rebonds, taches
from apart.courriels.boite_imap import BoiteInjoignable, lire_boite
from apart.courriels.models import Courriel, Sort
from apart.courriels.rapport import Lecture
from tests.boite import Boite, port_libre
from tests.courriels.conftest import SECRET as LIEN
from tests.courriels.dovecot import PROGRAMME, SECRET, Dovecot, ouvrir_dovecot
from tests.courriels.test_rebonds import emboite, rebond, remis

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.jour,
    pytest.mark.skipif(PROGRAMME is None and os.environ.get("CI") != "true", reason="Dovecot absent (dovecot-imapd)"),
]


@pytest.fixture
def dovecot(settings: Settings) -> Iterator[Dovecot]:
    with ouvrir_dovecot() as ouvert:
        settings.REBONDS_IMAP = ouvert.reglage
        yield ouvert


def test_un_rebond_est_note_puis_supprime_et_le_reste_marque(boite: Boite, dovecot: Dovecot) -> None:
    courriel, retour = remis(boite)
    _, autre = remis(boite)
    for contenu in (
        rebond(retour),
        b"To: bureau@exemple.fr\r\n\r\npublicite",
        rebond(autre, action="delayed"),
        emboite(autre, 40),
        rebond(retour),
        b"",
    ):
        dovecot.deposer(contenu)

    lues = lire_boite()

    assert lues == {
        Lecture.NOTE: 1,
        Lecture.DEJA_NOTE: 1,
        Lecture.INCONNU: 2,
        Lecture.PROVISOIRE: 1,
        Lecture.ILLISIBLE: 1,
    }
    courriel.refresh_from_db()
    assert (courriel.sort, courriel.reponse) == (Sort.REBONDI, "550 5.1.1 User unknown")
    assert sorted(dovecot.marques()) == ["FS", "S", "S", "S"]
    reste = [message for message in dovecot.boite if "Mot de passe" in str(message)]
    assert [LIEN in str(message) for message in reste] == [True], "le retard signalé, dont le message peut arriver"
    assert lire_boite() == {}, "rien ne se relit"


def test_une_passe_lit_les_plus_anciens_et_laisse_les_autres_a_la_suivante(
    boite: Boite, dovecot: Dovecot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(boite_imap, "PAR_PASSE", 3)
    monkeypatch.setattr(boite_imap, "PAR_ORDRE", 2)
    monkeypatch.setattr(boite_imap, "FENETRE", 2)
    for n in range(5):
        dovecot.deposer(f"To: bureau@exemple.fr\r\n\r\n{n}".encode())

    assert lire_boite() == {Lecture.INCONNU: 3}
    assert lire_boite() == {Lecture.INCONNU: 2}
    assert lire_boite() == {}


def test_une_passe_qui_dure_s_arrete_entre_deux_ordres(dovecot: Dovecot, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(boite_imap, "DUREE_PASSE", -1.0)
    dovecot.deposer(b"To: bureau@exemple.fr\r\n\r\n1")
    assert lire_boite() == {}
    assert dovecot.marques() == [""]


def test_d_un_message_enorme_seul_le_debut_est_demande(
    boite: Boite, dovecot: Dovecot, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, retour = remis(boite)
    dovecot.deposer(rebond(retour) + b"x" * (4 * rebonds.TAILLE_LUE))
    recus: list[int] = []
    vrai = rebonds.lire_tout

    def mesurer(messages: Iterable[tuple[bytes, bytes]]) -> Iterator[dict[bytes, Lecture]]:
        venus = list(messages)
        recus.extend(len(contenu) for _, contenu in venus)
        return vrai(venus)

    monkeypatch.setattr(boite_imap, "lire_tout", mesurer)
    assert lire_boite() == {Lecture.NOTE: 1}
    assert recus == [rebonds.TAILLE_LUE]


def test_une_coupure_entre_la_base_et_la_boite_ne_note_pas_deux_fois(
    boite: Boite, dovecot: Dovecot, monkeypatch: pytest.MonkeyPatch
) -> None:
    courriel, retour = remis(boite)
    dovecot.deposer(rebond(retour))

    def couper(*_: object) -> None:
        raise OSError("coupée")

    with monkeypatch.context() as coupure:
        coupure.setattr(boite_imap, "_marquer", couper)
        with pytest.raises(BoiteInjoignable, match="coupée"):
            lire_boite()
    courriel.refresh_from_db()
    assert courriel.sort == Sort.REBONDI
    assert lire_boite() == {Lecture.DEJA_NOTE: 1}
    assert dovecot.marques() == []


@pytest.mark.parametrize("faute", ["secret", "dossier", "port"])
def test_une_boite_qui_ne_s_ouvre_pas_se_dit_au_journal_sans_le_secret_et_la_tache_reussit(
    dovecot: Dovecot, settings: Settings, caplog: pytest.LogCaptureFixture, faute: str
) -> None:
    juste = dovecot.reglage
    settings.REBONDS_IMAP = {
        "secret": replace(juste, mot_de_passe="faux-secret"),
        "dossier": replace(juste, dossier="Ailleurs"),
        "port": replace(juste, port=port_libre()),
    }[faute]

    taches.lire_rebonds.func(timestamp=0)

    (ligne,) = [trace.getMessage() for trace in caplog.records if trace.levelname == "ERROR"]
    assert ligne.startswith("La boîte des rebonds ne se lit pas : 127.0.0.1:")
    assert "faux-secret" not in ligne
    assert SECRET not in ligne
    with pytest.raises(CommandError, match="La boîte des rebonds ne se lit pas"):
        call_command("courriels", "lire-rebonds", imap=True)


def test_la_tache_et_la_commande_lisent_la_boite(
    boite: Boite, dovecot: Dovecot, capsys: pytest.CaptureFixture[str]
) -> None:
    for _ in range(2):
        dovecot.deposer(rebond(remis(boite)[1]))
        taches.lire_rebonds.func(timestamp=0)
    assert Courriel.objects.filter(sort=Sort.REBONDI).count() == 2
    dovecot.deposer(b"To: bureau@exemple.fr\r\n\r\n")
    call_command("courriels", "lire-rebonds", imap=True)
    assert capsys.readouterr().out == "1 adresse de retour absente ou mal signée\n"


def test_sans_reglage_la_tache_ne_fait_rien_et_la_commande_le_dit(settings: Settings) -> None:
    settings.REBONDS_IMAP = None
    taches.lire_rebonds.func(timestamp=0)
    with pytest.raises(CommandError, match="REBONDS_IMAP est vide"):
        call_command("courriels", "lire-rebonds", imap=True)


def test_chiffree_la_boite_n_est_lue_que_si_son_certificat_est_reconnu(
    boite: Boite, certificat: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    with ouvrir_dovecot(certificat) as dovecot:
        settings.REBONDS_IMAP = dovecot.reglage
        dovecot.deposer(rebond(remis(boite)[1]))
        with pytest.raises(BoiteInjoignable, match="certificate verify failed"):
            lire_boite()
        monkeypatch.setenv("SSL_CERT_FILE", str(certificat))
        assert lire_boite() == {Lecture.NOTE: 1}
