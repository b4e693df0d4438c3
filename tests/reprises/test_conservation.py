"""Une décision ne se garde pas toujours : DECISIONS_ANNEES après elle, il n'en reste que le journal."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from apart.etablissements.actions import relever
from apart.etablissements.etats import EtatPreuve
from apart.etablissements.models import DemandePreuve, Fondement, Preuve
from apart.pieces.actions import effacer_les_perimees
from apart.pieces.models import Piece
from apart.reprises import taches
from apart.reprises.actions import agents, demande, execution, preuves
from apart.reprises.actions.pieces import joindre
from apart.reprises.etats import CLOSES, EN_COURS, EtatReprise
from apart.reprises.models import PhraseReprise, PieceAttendue, Reprise
from apart.socle.models import EntreeJournal
from tests.comptes.fabriques import lu
from tests.pieces.fabriques import recue
from tests.reprises.etapes import champs
from tests.reprises.fabriques import fiche
from tests.reprises.gens import agent, boulangerie, collegue, reprise, tenir

pytestmark = [pytest.mark.django_db, pytest.mark.jour]
CINQ_ANS = timedelta(days=365.25) * 5
JOUR = timedelta(days=1)


@pytest.fixture
def refusee(temps: time_machine.Traveller) -> Reprise:
    """Une pièce reçue, puis un refus motivé."""
    ou = boulangerie()
    tenir(ou)
    dossier = reprise(ou)
    joindre(dossier, {PieceAttendue.REGISTRE: [recue()]})
    agents.refuser(dossier, motif="Rien ne concorde.", par=agent("Paul"))
    return dossier


def test_une_reprise_finie_s_efface_cinq_ans_apres_et_le_journal_reste(
    refusee: Reprise, temps: time_machine.Traveller
) -> None:
    ecrites = EntreeJournal.objects.count()
    temps.shift(CINQ_ANS - JOUR)
    effacer_les_perimees()
    assert demande.purger_les_decisions() == 0

    temps.shift(2 * JOUR)
    taches.purger(0)

    assert not Reprise.objects.exists()
    assert not PhraseReprise.objects.exists()
    assert not Piece.objects.exists()
    assert EntreeJournal.objects.count() == ecrites
    assert demande.purger_les_decisions() == 0


def test_le_reglage_dit_combien_d_annees_et_la_page_aussi(
    refusee: Reprise, client: Client, settings: Any, temps: time_machine.Traveller
) -> None:
    assert "5 ans après la décision" in lu(client.get("/donnees-personnelles/"))
    settings.DECISIONS_ANNEES = 1
    assert "1 an après la décision" in lu(client.get("/donnees-personnelles/"))
    temps.shift(367 * JOUR)
    effacer_les_perimees()

    assert demande.purger_les_decisions() == 1


def test_une_piece_pas_encore_videe_fait_attendre_sa_reprise(refusee: Reprise, temps: time_machine.Traveller) -> None:
    temps.shift(CINQ_ANS + JOUR)

    assert demande.purger_les_decisions() == 0
    effacer_les_perimees()
    assert demande.purger_les_decisions() == 1


def test_celle_dont_la_lettre_se_garde_encore_attend(temps: time_machine.Traveller) -> None:
    fiche()
    dossier = reprise(boulangerie())
    preuves.demander_lettre(dossier)
    demande.abandonner(dossier)
    temps.shift(CINQ_ANS + JOUR)
    assert demande.purger_les_decisions() == 0

    taches.achever_les_lettres(0)

    assert demande.purger_les_decisions() == 1


@pytest.mark.parametrize("etat", EtatReprise)
def test_seul_ce_qui_est_fini_s_efface(temps: time_machine.Traveller, etat: EtatReprise) -> None:
    ou = boulangerie()
    portes = champs(etat, tient=tenir(ou), agent=agent("Paul")) | {"courriel": "lea@exemple.fr"}
    close = {"close_le": timezone.now()} if etat in CLOSES else {}
    Reprise.objects.create(etablissement=ou, **portes, **close)
    temps.shift(CINQ_ANS + JOUR)

    assert demande.purger_les_decisions() == (etat not in EN_COURS)


def test_une_reprise_faite_dont_l_opposition_n_est_pas_lue_se_garde(temps: time_machine.Traveller) -> None:
    ou = boulangerie()
    tenir(ou)
    faite = reprise(ou)
    execution.executer(faite, Preuve.COURRIEL_ETABLISSEMENT)
    temps.shift(JOUR)
    Reprise.objects.filter(pk=faite.pk).update(opposee_le=timezone.now())
    temps.shift(CINQ_ANS + JOUR)
    assert demande.purger_les_decisions() == 0

    Reprise.objects.filter(pk=faite.pk).update(levee_le=timezone.now())
    assert demande.purger_les_decisions() == 1


@pytest.mark.parametrize("etat", EtatPreuve)
def test_une_preuve_tranchee_s_efface_de_meme_et_l_habilitation_garde_la_sienne(
    temps: time_machine.Traveller, etat: EtatPreuve
) -> None:
    ou = boulangerie()
    tenir(ou)
    victor = collegue(ou, preuve=Preuve.COURRIEL)
    relever.demander(victor, Preuve.MEMBRE, par=victor.utilisateur)
    posee = etat in (EtatPreuve.POSEE, EtatPreuve.DEFAITE)
    tranchee = {
        "traitee_le": timezone.now(),
        "fondement": Fondement.objects.create(habilitation=victor, preuve=4) if posee else None,
    }
    DemandePreuve.objects.update(etat=etat, **({} if etat == EtatPreuve.DEPOSEE else tranchee))
    temps.shift(CINQ_ANS - JOUR)
    assert relever.purger() == 0

    temps.shift(2 * JOUR)

    assert relever.purger() == (etat != EtatPreuve.DEPOSEE)
    victor.refresh_from_db()
    assert victor.preuve == Preuve.COURRIEL
