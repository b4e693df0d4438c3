"""Dix mille rapports en une minute, des rapports forgés, des rapports sur des rapports : rien ne déborde."""

from __future__ import annotations

import mailbox
from pathlib import Path
from uuid import uuid4

import pytest
from django.utils import timezone
from pytest_django.fixtures import DjangoAssertNumQueries, Settings

from apart.courriels import adresses, rebonds
from apart.courriels.actions import prendre_le_suivant
from apart.courriels.management.commands import courriels as commande
from apart.courriels.management.commands.courriels import lire_maildir
from apart.courriels.models import AdresseRefusee, Courriel, Sort
from apart.courriels.rapport import Lecture
from apart.courriels.rebonds import lire, lire_lot
from tests.boite import Boite
from tests.courriels.conftest import avis
from tests.courriels.test_rebonds import emboite, rebond, remis

pytestmark = [pytest.mark.django_db, pytest.mark.jour]
PIEGE = "From: a@b.fr\n\nA message that you sent could not be delivered\n"


def partis(nombre: int) -> list[Courriel]:
    maintenant = timezone.now()
    return Courriel.objects.bulk_create(
        Courriel(
            modele="avis",
            destinataire=f"personne{n}@exemple.fr",
            objet="Avis",
            expire_le=maintenant,
            sort=Sort.REMIS,
            remis_le=maintenant,
        )
        for n in range(nombre)
    )


@pytest.mark.parametrize("combien", [2, 300])
def test_un_lot_coute_autant_d_ordres_quelle_que_soit_sa_taille(
    combien: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    rapports = [rebond(adresses.retour(courriel)) for courriel in partis(combien)]
    with django_assert_num_queries(9):
        assert lire_lot(rapports) == [Lecture.NOTE] * combien
    assert AdresseRefusee.objects.count() == combien


def test_le_meme_rapport_dix_mille_fois_ne_se_note_qu_une_et_une_passe_est_bornee(
    boite: Boite, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(commande, "PAR_PASSE", 6_000)
    _, retour = remis(boite)
    mailbox.Maildir(tmp_path / "rebonds")
    for n in range(10_000):
        (tmp_path / "rebonds" / "new" / f"{n:05}").write_bytes(rebond(retour))
    assert lire_maildir(tmp_path / "rebonds") == {Lecture.NOTE: 1, Lecture.DEJA_NOTE: 5_999}
    assert lire_maildir(tmp_path / "rebonds") == {Lecture.DEJA_NOTE: 4_000}
    assert AdresseRefusee.objects.get().nombre == 1


def test_un_rapport_sur_un_message_deja_juge_n_est_meme_pas_lu(boite: Boite, monkeypatch: pytest.MonkeyPatch) -> None:
    _, retour = remis(boite)
    assert lire(rebond(retour)) is Lecture.NOTE
    monkeypatch.setattr("apart.socle.enfant.Enfant", None)
    assert lire(emboite(retour, 3_000)) is Lecture.DEJA_NOTE


@pytest.mark.menace("T41")
def test_t41_un_rapport_sur_un_message_jamais_parti_ne_touche_rien(boite: Boite) -> None:
    """Un numéro sans ligne, ou celui d'un message encore en file, même signés."""
    en_file = avis()
    inconnu = Courriel(numero=uuid4())
    assert lire(rebond(adresses.retour(inconnu))) is Lecture.INCONNU
    assert lire(rebond(adresses.retour(en_file))) is Lecture.INCONNU
    assert boite.recevoir_une().a == "marie@exemple.fr"
    assert not AdresseRefusee.objects.exists()


def test_un_rapport_arrive_pendant_l_envoi_se_note(boite: Boite) -> None:
    courriel = avis()
    assert prendre_le_suivant() == courriel
    assert lire(rebond(adresses.retour(courriel))) is Lecture.NOTE


@pytest.mark.menace("T41")
def test_t41_l_adresse_signee_que_cite_un_message_ne_designe_rien(boite: Boite) -> None:
    """Le rapport d'un rapport, renvoyé à la boîte elle-même, cite une adresse signée : elle ne vaut qu'en en-tête."""
    courriel, retour = remis(boite)
    du_rapport = rebond("postmaster@exemple.fr") + b"\n" + rebond(retour)
    cite = b"To: rebonds@exemple.fr\r\nSubject: Fwd\r\n\r\n" + rebond(retour)
    assert lire_lot([du_rapport, cite]) == [Lecture.INCONNU] * 2
    courriel.refresh_from_db()
    assert courriel.sort == Sort.REMIS


def test_le_rapport_d_un_rapport_se_note_une_fois_et_ne_fait_rien_partir(boite: Boite) -> None:
    _, retour = remis(boite)
    double = rebond(retour).replace(b"Subject: Mot de passe", rebond(retour))
    assert lire_lot([double, double]) == [Lecture.NOTE, Lecture.DEJA_NOTE]
    assert boite.recevoir() == [], "un rapport ne cause aucun envoi : rien ne peut tourner en rond"


@pytest.mark.menace("T40")
def test_t40_qui_tient_une_adresse_signee_ne_ralentit_pas_les_autres(boite: Boite, settings: Settings) -> None:
    """Au-delà du troisième, ses rapports sont mis de côté sans être lus ; ceux des autres du même lot sont notés."""
    settings.ENFANT_SECONDES = 1
    _, sienne = remis(boite)
    _, autre = remis(boite)
    hostile = f"To: {sienne}\n{PIEGE}{'a' * 100_000}\n".encode()
    lues = lire_lot([rebond(autre), *[hostile] * 30, rebond(sienne)])
    assert lues == [Lecture.NOTE, *[Lecture.ILLISIBLE] * 31]


def test_un_lot_est_borne_en_octets_aussi(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rebonds, "OCTETS_D_UN_LOT", 100)
    lots = list(rebonds.lire_tout((n, b"x" * 40) for n in range(7)))
    assert [list(lot) for lot in lots] == [[0, 1, 2], [3, 4, 5], [6]]
