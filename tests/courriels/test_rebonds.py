"""Un message revenu retrouve sa ligne, si l'adresse de retour est bien signée par nous."""

from __future__ import annotations

import io
import mailbox
import sys
from email.message import EmailMessage
from pathlib import Path
from uuid import UUID

import pytest
from django.core.management import CommandError, call_command
from django.db import OperationalError
from pytest_django.fixtures import Settings

from apart.courriels import adresses, rebonds
from apart.courriels.actions import refus
from apart.courriels.management.commands.courriels import lire_maildir
from apart.courriels.models import Courriel, Sort
from apart.courriels.rapport import Lecture
from apart.courriels.rebonds import TAILLE_LUE, lire
from tests.boite import Boite
from tests.courriels.conftest import SECRET, avis, en_file, lien

pytestmark = [pytest.mark.django_db, pytest.mark.jour]


def rebond(a: str, *, action: str = "failed", diagnostic: str = "smtp; 550 5.1.1 User unknown") -> bytes:
    """Un rapport de non-remise (RFC 3464), tel que l'écrit Postfix, avec le message d'origine en annexe."""
    statut = "5.1.1" if action == "failed" else "4.4.1"
    return f"""\
From: MAILER-DAEMON@mx.exemple.fr (Mail Delivery System)
To: {a}
Subject: Undelivered Mail Returned to Sender
Auto-Submitted: auto-replied
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="bord"

--bord
Content-Type: text/plain

I'm sorry to have to inform you that your message could not be delivered.
--bord
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.exemple.fr

Final-Recipient: rfc822; marie@exemple.fr
Action: {action}
Status: {statut}
Diagnostic-Code: {diagnostic}

--bord
Content-Type: message/rfc822

Subject: Mot de passe

{lien()}
--bord--
""".encode()


def remis(boite: Boite) -> tuple[Courriel, str]:
    courriel = en_file()
    return courriel, boite.recevoir_une().enveloppe_de


def test_un_rebond_definitif_se_note_avec_ses_mots_et_sans_le_lien(boite: Boite) -> None:
    courriel, retour = remis(boite)
    assert lire(rebond(retour)) is Lecture.NOTE
    courriel.refresh_from_db()
    assert courriel.sort == Sort.REBONDI
    assert courriel.reponse == "550 5.1.1 User unknown"
    assert courriel.explication.titre == "La boîte aux lettres n'existe pas."
    assert lire(rebond(retour)) is Lecture.DEJA_NOTE


def test_un_simple_retard_ne_change_rien(boite: Boite) -> None:
    courriel, retour = remis(boite)
    assert lire(rebond(retour, action="delayed")) is Lecture.PROVISOIRE
    courriel.refresh_from_db()
    assert courriel.sort == Sort.REMIS


def test_une_reponse_d_absence_n_est_pas_un_rebond(boite: Boite) -> None:
    courriel, retour = remis(boite)
    absence = EmailMessage()
    absence["To"], absence["Subject"] = retour, "Absente jusqu'à lundi"
    absence.set_content("Je suis en congé.")
    assert lire(absence.as_bytes()) is Lecture.PAS_UN_REBOND
    courriel.refresh_from_db()
    assert courriel.sort == Sort.REMIS


@pytest.mark.menace("T41")
def test_t41_un_rebond_forge_pour_un_autre_numero_est_ignore(boite: Boite) -> None:
    _, mien = remis(boite)
    victime = avis("victime@exemple.fr")
    boite.recevoir()
    signature = mien.split(".", 1)[1].split("@")[0]
    for forge in (
        f"rebond+{victime.numero.hex}.{signature}@{adresses.domaine()}",
        f"rebond+{victime.numero.hex}.{'0' * 16}@{adresses.domaine()}",
        f"rebond+{victime.numero.hex}@{adresses.domaine()}",
        "victime@exemple.fr",
    ):
        assert lire(rebond(forge)) is Lecture.INCONNU
    victime.refresh_from_db()
    assert victime.sort == Sort.REMIS


@pytest.mark.parametrize(
    "contenu", [b"", b"\xff\xfe\x00", b"To: \n\n" + b"x" * 5000, b"Content-Type: multipart/report\n\n"]
)
def test_un_message_tordu_n_arrete_pas_la_lecture(contenu: bytes) -> None:
    assert lire(contenu) is Lecture.INCONNU


def test_un_maildir_entier_se_lit_une_fois(boite: Boite, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    _, retour = remis(boite)
    depot = mailbox.Maildir(tmp_path / "rebonds")
    depot.add(rebond(retour))
    depot.add(b"To: bureau@exemple.fr\n\npublicite")
    call_command("courriels", "lire-rebonds", maildir=tmp_path / "rebonds")
    assert capsys.readouterr().out == "1 adresse de retour absente ou mal signée\n1 noté\n"
    assert not any(SECRET.encode() in f.read_bytes() for f in (tmp_path / "rebonds").rglob("*") if f.is_file())
    call_command("courriels", "lire-rebonds", maildir=tmp_path / "rebonds")
    assert capsys.readouterr().out == ""


def emboite(a: str, fois: int) -> bytes:
    """Autant de parties, chacune dans la précédente."""
    debut = f"To: {a}\nContent-Type: multipart/mixed; boundary=b0\n\n"
    parties = (f"--b{n}\nContent-Type: multipart/mixed; boundary=b{n + 1}\n\n" for n in range(fois))
    return (debut + "".join(parties)).encode()


@pytest.mark.menace("T41")
@pytest.mark.parametrize("fois", [40, 3_000])
def test_t41_un_message_emboite_mille_fois_n_arrete_pas_les_suivants(boite: Boite, tmp_path: Path, fois: int) -> None:
    courriel, retour = remis(boite)
    mailbox.Maildir(tmp_path / "rebonds")
    (tmp_path / "rebonds" / "new" / "1.inconnu").write_bytes(emboite("rebond@exemple.fr", fois))
    (tmp_path / "rebonds" / "new" / "2.signe").write_bytes(emboite(retour, fois))
    (tmp_path / "rebonds" / "new" / "3.juste").write_bytes(rebond(retour))
    assert lire_maildir(tmp_path / "rebonds") == {Lecture.INCONNU: 1, Lecture.ILLISIBLE: 1, Lecture.NOTE: 1}
    courriel.refresh_from_db()
    assert courriel.sort == Sort.REBONDI
    assert {f.name for f in (tmp_path / "rebonds" / "cur").iterdir()} == {"1.inconnu:2,S", "2.signe:2,FS"}
    assert lire_maildir(tmp_path / "rebonds") == {}


@pytest.mark.menace("T40")
def test_t40_un_rebond_signe_qui_ferait_chercher_sans_fin_n_arrete_pas_les_suivants(
    boite: Boite, tmp_path: Path, settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    """Une seule ligne, que les expressions régulières de flufl.bounce relisent à partir de chaque signe."""
    settings.ENFANT_SECONDES = 1
    courriel, retour = remis(boite)
    piege = f"A message that you sent could not be delivered\n{'a' * 100_000}\n"
    mailbox.Maildir(tmp_path / "rebonds")
    (tmp_path / "rebonds" / "new" / "1").write_text(f"To: {retour}\nFrom: a@b.fr\n\n{piege}")
    (tmp_path / "rebonds" / "new" / "2").write_bytes(rebond(retour))
    assert lire_maildir(tmp_path / "rebonds") == {Lecture.ILLISIBLE: 1, Lecture.NOTE: 1}
    assert f"rebond du courriel {courriel.numero} illisible : processeur" in caplog.text


def test_un_message_qui_fait_echouer_la_lecture_est_mis_de_cote_sans_arreter_les_suivants(
    boite: Boite, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Quelle que soit la faute, encore inconnue."""
    _, retour = remis(boite)
    mailbox.Maildir(tmp_path / "rebonds")
    (tmp_path / "rebonds" / "new" / "1.piege").write_bytes(rebond(retour, diagnostic="smtp; piege"))
    (tmp_path / "rebonds" / "new" / "2.juste").write_bytes(rebond(retour))
    vrai = refus.noter_rebonds

    def tomber(lus: list[tuple[Courriel, str]]) -> set[int]:
        if any(diagnostic == "piege" for _, diagnostic in lus):
            raise RecursionError
        return vrai(lus)

    monkeypatch.setattr(rebonds, "noter_rebonds", tomber)
    assert lire_maildir(tmp_path / "rebonds") == {Lecture.ILLISIBLE: 1, Lecture.NOTE: 1}
    assert "impossible à noter" in caplog.text
    assert lire_maildir(tmp_path / "rebonds") == {}, "rien n'est relu sans fin"


def test_une_base_en_panne_ne_met_rien_de_cote(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    mailbox.Maildir(tmp_path / "rebonds")
    (tmp_path / "rebonds" / "new" / "1").write_bytes(b"To: a@exemple.fr\n\n")

    def en_panne(numeros: set[UUID]) -> None:
        raise OperationalError

    with monkeypatch.context() as panne:
        panne.setattr(rebonds, "_derniers", en_panne)
        with pytest.raises(OperationalError):
            lire_maildir(tmp_path / "rebonds")
    assert lire_maildir(tmp_path / "rebonds") == {Lecture.INCONNU: 1}


def test_un_message_enorme_n_est_lu_qu_au_debut_et_reste_entier(boite: Boite, tmp_path: Path) -> None:
    mailbox.Maildir(tmp_path / "rebonds")
    enorme = b"To: bureau@exemple.fr\n\n" + b"x" * (2 * TAILLE_LUE)
    (tmp_path / "rebonds" / "new" / "1").write_bytes(enorme)
    assert lire_maildir(tmp_path / "rebonds") == {Lecture.INCONNU: 1}
    assert (tmp_path / "rebonds" / "cur" / "1:2,S").read_bytes() == enorme
    _, retour = remis(boite)
    assert lire(rebond(retour) + b"x" * (2 * TAILLE_LUE)) is Lecture.NOTE


def test_un_signe_nul_dans_un_diagnostic_ne_se_garde_pas(boite: Boite) -> None:
    courriel, retour = remis(boite)
    assert lire(rebond(retour, diagnostic="smtp; 550 5.1.1 no\0body")) is Lecture.NOTE
    courriel.refresh_from_db()
    assert courriel.reponse == "550 5.1.1 nobody"


def test_un_serveur_de_courrier_peut_nous_passer_un_rebond_sur_l_entree_standard(
    boite: Boite, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    courriel, retour = remis(boite)
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(rebond(retour))))
    call_command("courriels", "lire-rebonds")
    assert capsys.readouterr().out == "noté\n"
    courriel.refresh_from_db()
    assert courriel.sort == Sort.REBONDI


def test_un_dossier_qui_n_est_pas_un_maildir_est_refuse_avec_une_phrase(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="n'est pas un Maildir"):
        call_command("courriels", "lire-rebonds", maildir=tmp_path)
