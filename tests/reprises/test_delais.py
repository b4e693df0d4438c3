"""Aucune reprise ne reste arrêtée : la personne est relancée, une place se rend, un agent en retard se voit."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from apart.comptes.models import Utilisateur
from apart.etablissements.models import Etablissement
from apart.reprises import taches
from apart.reprises.actions import agents, delais, demande, execution, lots, preuves
from apart.reprises.actions.pieces import joindre
from apart.reprises.etats import ATTENDENT_UN_AGENT, EN_COURS, EtatReprise
from apart.reprises.file import promesse
from apart.reprises.models import PieceAttendue, Reprise
from apart.socle.models import EntreeJournal
from tests.boite import Boite
from tests.comptes.fabriques import lu
from tests.pieces.fabriques import recue
from tests.reprises.etapes import champs
from tests.reprises.fabriques import fiche, imprimeur
from tests.reprises.gens import LEA, agent, boulangerie, reprise, tenir

pytestmark = [pytest.mark.django_db, pytest.mark.jour]
E = EtatReprise
JOUR = timedelta(days=1)


@pytest.fixture
def ou(temps: time_machine.Traveller) -> Etablissement:
    etablissement = boulangerie()
    tenir(etablissement)
    return etablissement


@pytest.fixture
def paul() -> Utilisateur:
    return agent("Paul")


@pytest.fixture
def demandee(ou: Etablissement, paul: Utilisateur, boite: Boite) -> Reprise:
    """Un agent vient de lui demander une pièce."""
    dossier = reprise(ou, E.EXAMINEE)
    agents.demander_piece(dossier, PieceAttendue.ATTESTATION, par=paul)
    boite.recevoir()
    return dossier


def portes(etat: EtatReprise, ou: Etablissement, par: Utilisateur) -> dict[str, Any]:
    """Ce que porte une reprise dans cet état."""
    portes = champs(etat, tient=ou.habilitations.get(), agent=par)
    return {nom: porte for nom, porte in portes.items() if nom not in ("etat", "confirmee_le")}


@pytest.fixture
def proposee(ou: Etablissement, paul: Utilisateur) -> Reprise:
    return reprise(ou, E.PROPOSEE, **portes(E.PROPOSEE, ou, paul))


def objets(boite: Boite, a: str) -> list[str]:
    return [lettre.objet for lettre in boite.recevoir() if lettre.a == a]


def nuit() -> None:
    taches.purger(0)


def test_une_piece_jamais_recue_se_rappelle_une_fois_puis_la_demande_s_abandonne(
    demandee: Reprise, boite: Boite, temps: time_machine.Traveller
) -> None:
    temps.shift(14 * JOUR)
    nuit()
    assert objets(boite, LEA) == []

    temps.shift(JOUR)
    nuit()
    nuit()
    (rappel,) = objets(boite, LEA)
    assert rappel.startswith("Rappel : une pièce est demandée")

    temps.shift(14 * JOUR)
    nuit()
    demandee.refresh_from_db()
    assert demandee.etat == E.PIECE_DEMANDEE

    temps.shift(JOUR)
    nuit()
    nuit()
    demandee.refresh_from_db()
    assert (demandee.etat, demandee.close_le is not None) == (E.ABANDONNEE, True)
    (fin,) = objets(boite, LEA)
    assert "est abandonnée" in fin


def test_la_demande_et_le_rappel_disent_le_dernier_jour(
    demandee: Reprise, paul: Utilisateur, client: Client, boite: Boite, temps: time_machine.Traveller
) -> None:
    def lus() -> list[str]:
        return [" ".join(lettre.texte.split()) for lettre in boite.recevoir() if lettre.a == LEA]

    dernier = "Envoyez-la au plus tard le 23 décembre 2026"
    agents.demander_piece(demandee, PieceAttendue.ATTESTATION, par=paul)
    (demande_de_piece,) = lus()
    temps.shift(15 * JOUR)
    nuit()
    (rappel,) = lus()

    assert dernier in demande_de_piece
    assert dernier in rappel
    assert dernier in lu(client.get(f"/reprise/suivi/{demande.emettre_suivi(demandee)}/"))


def test_une_nuit_manquee_ne_vole_pas_a_la_personne_les_jours_d_apres_le_rappel(
    demandee: Reprise, temps: time_machine.Traveller
) -> None:
    temps.shift(40 * JOUR)
    nuit()
    demandee.refresh_from_db()
    assert demandee.etat == E.PIECE_DEMANDEE

    temps.shift(15 * JOUR)
    nuit()
    demandee.refresh_from_db()
    assert demandee.etat == E.ABANDONNEE


def test_une_piece_redemandee_recommence_ses_trente_jours(
    demandee: Reprise, paul: Utilisateur, boite: Boite, temps: time_machine.Traveller
) -> None:
    temps.shift(20 * JOUR)
    nuit()
    agents.demander_piece(demandee, PieceAttendue.POUVOIR, par=paul)
    assert len(objets(boite, LEA)) == 2
    temps.shift(29 * JOUR)
    nuit()
    demandee.refresh_from_db()
    assert demandee.etat == E.PIECE_DEMANDEE
    (rappel,) = objets(boite, LEA)
    assert rappel.startswith("Rappel")


def test_une_piece_recue_n_est_plus_rappelee_ni_la_demande_abandonnee(
    demandee: Reprise, boite: Boite, temps: time_machine.Traveller
) -> None:
    joindre(demandee, {PieceAttendue.ATTESTATION: [recue()]})
    temps.shift(365 * JOUR)
    nuit()

    demandee.refresh_from_db()
    assert demandee.etat == E.PIECE_RECUE
    assert objets(boite, LEA) == []


def test_qui_attend_sa_lettre_n_est_pas_abandonne_faute_de_piece(
    demandee: Reprise, temps: time_machine.Traveller
) -> None:
    fiche()
    temps.shift(15 * JOUR)
    nuit()
    preuves.demander_lettre(demandee)
    lots.imprimer_lot(par=imprimeur("imprimeur@asp.fr"))
    temps.shift(16 * JOUR)

    assert delais.abandonner_sans_piece() == 0


def test_une_proposition_que_personne_n_approuve_laisse_sa_place_et_le_dit(
    proposee: Reprise, paul: Utilisateur, boite: Boite, temps: time_machine.Traveller
) -> None:
    temps.shift(7 * JOUR - timedelta(minutes=1))
    nuit()
    proposee.refresh_from_db()
    assert proposee.etat == E.PROPOSEE

    temps.shift(timedelta(minutes=1))
    nuit()
    nuit()

    proposee.refresh_from_db()
    assert (proposee.etat, proposee.proposee_par, proposee.proposee_le) == (E.EXAMINEE, None, None)
    assert EntreeJournal.objects.filter(geste="perimer_proposition").count() == 1
    (message,) = [lettre for lettre in boite.recevoir() if lettre.a == paul.courriel]
    assert f"/agents/reprises/{proposee.pk}/" in message.texte
    execution.exiger_seule(reprise(proposee.etablissement, courriel="autre@boulangerie.fr"))


def test_une_proposition_perimee_se_repropose_et_son_retard_ne_s_efface_pas(
    proposee: Reprise, paul: Utilisateur, temps: time_machine.Traveller
) -> None:
    temps.shift(8 * JOUR)
    nuit()
    proposee.refresh_from_db()
    assert est_en_retard(proposee)

    agents.proposer(proposee, motif="Toujours vrai.", par=paul)

    assert (proposee.etat, est_en_retard(proposee)) == (E.PROPOSEE, True)


def est_en_retard(dossier: Reprise) -> bool:
    """Un agent devait répondre, et le délai promis est passé."""
    promis = promesse(dossier)
    return promis is not None and promis < timezone.now()


@pytest.mark.parametrize("etat", EN_COURS)
def test_qui_attend_un_agent_n_expire_jamais_il_est_en_retard(
    ou: Etablissement, paul: Utilisateur, temps: time_machine.Traveller, etat: EtatReprise
) -> None:
    dossier = reprise(ou, etat, **portes(etat, ou, paul))
    temps.shift(7 * JOUR)
    assert est_en_retard(dossier) == (etat in ATTENDENT_UN_AGENT)

    temps.shift(365 * JOUR)
    for _ in range(2):
        nuit()
        temps.shift(20 * JOUR)

    dossier = Reprise.objects.filter(pk=dossier.pk).first() or dossier
    assert (dossier.etat in EN_COURS and est_en_retard(dossier)) == (etat in ATTENDENT_UN_AGENT)


def test_d_un_agent_a_l_autre_la_personne_attend_depuis_la_meme_heure(
    demandee: Reprise, paul: Utilisateur, temps: time_machine.Traveller
) -> None:
    joindre(demandee, {PieceAttendue.ATTESTATION: [recue()], PieceAttendue.IDENTITE: [recue()]})
    depuis = demandee.attend_depuis
    temps.shift(5 * JOUR)
    agents.examiner(demandee, par=paul)
    agents.proposer(demandee, motif="Attestation lue.", par=paul)
    joue = demandee.attend_depuis

    agents.retirer_proposition(demandee, par=paul)
    agents.demander_piece(demandee, PieceAttendue.IDENTITE, par=paul)

    assert (joue, demandee.attend_depuis) == (depuis, depuis + 5 * JOUR)
