"""Une opposition se lève à deux agents, qui n'ont rien décidé de la reprise et ne s'y opposent pas."""

from __future__ import annotations

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.test import Client

from apart.reprises.actions import agents, execution
from apart.reprises.etats import EtatReprise as E
from apart.reprises.models import PhraseReprise, PieceAttendue, Reprise
from apart.socle.automate import GesteImpossible
from tests.comptes.fabriques import lu
from tests.reprises.attaques import MARIE, lever, lien, piece, relue
from tests.reprises.gens import agent, boulangerie, reprise, tenir

pytestmark = [pytest.mark.django_db, pytest.mark.jour]


def opposee() -> Reprise:
    ou = boulangerie()
    tenir(ou)
    r = reprise(ou)
    execution.s_opposer(lien(r, MARIE), texte="C'est moi la gérante")
    return relue(r)


@pytest.mark.menace("T20")
def test_t20_un_agent_seul_ne_leve_pas_une_opposition(client: Client) -> None:
    r, paul = opposee(), agent("Paul")
    with pytest.raises(GesteImpossible):
        agents.lever_opposition(relue(r), motif="Sans motif.", par=paul)
    agents.proposer_levee(relue(r), motif="Sans motif.", par=paul)

    with pytest.raises(PermissionDenied):
        agents.lever_opposition(relue(r), motif="Sans motif.", par=paul)

    client.force_login(paul)
    assert "lever-opposition" not in lu(client.get(f"/agents/reprises/{r.pk}/"))
    client.force_login(agent("Sophie"))
    client.post(f"/agents/reprises/{r.pk}/lever-opposition", {"motif": "Départ confirmé."})
    assert relue(r).etat == E.EXAMINEE


@pytest.mark.menace("T20")
def test_t20_qui_a_propose_la_reprise_ou_s_y_oppose_ne_leve_rien() -> None:
    ou = boulangerie()
    tenir(ou)
    r, paul, sophie = reprise(ou), agent("Paul"), agent("Sophie")
    piece(r, PieceAttendue.ATTESTATION, PieceAttendue.IDENTITE)
    agents.examiner(r, par=paul)
    agents.proposer(r, motif="ok", par=paul)
    execution.s_opposer(lien(r, MARIE), texte="non")
    PhraseReprise.objects.create(reprise=r, geste="contester", texte="non", adresse="sophie+perso@asp.fr")

    for qui in (paul, sophie):
        with pytest.raises(PermissionDenied):
            agents.proposer_levee(relue(r), motif="Je maintiens.", par=qui)


@pytest.mark.menace("T20")
def test_t20_qui_a_ecarte_une_opposition_n_approuve_pas_la_reprise(client: Client) -> None:
    """Sinon deux agents décident de tout : l'un propose deux fois, l'autre suit deux fois."""
    r, paul, sophie = opposee(), agent("Paul"), agent("Sophie")
    agents.proposer_levee(relue(r), motif="Partie.", par=paul)
    agents.lever_opposition(relue(r), motif="Confirmé.", par=sophie)
    piece(r, PieceAttendue.ATTESTATION, PieceAttendue.IDENTITE)
    agents.proposer(relue(r), motif="Concordent.", par=paul)

    with pytest.raises(PermissionDenied):
        agents.approuver(relue(r), par=sophie)
    client.force_login(sophie)
    assert "/approuver" not in lu(client.get(f"/agents/reprises/{r.pk}/"))

    agents.approuver(relue(r), par=agent("Nadia"))
    assert relue(r).etat == E.EXECUTEE


def test_une_opposition_de_plus_efface_la_levee_proposee(client: Client) -> None:
    r = opposee()
    agents.proposer_levee(relue(r), motif="Partie.", par=agent("Paul"))
    execution.s_opposer(lien(r, "contact@boulangerie.fr"), texte="Elle est toujours là.")

    with pytest.raises(GesteImpossible):
        agents.lever_opposition(relue(r), motif="Partie.", par=agent("Sophie"))


def test_la_page_d_opposition_dit_si_elle_met_en_pause(client: Client) -> None:
    r = opposee()
    neuf = lien(r, "contact@boulangerie.fr")

    def page() -> str:
        return lu(client.post("/reprise/opposition/", {"jeton": neuf}))

    assert "la demande est déjà en pause" in page()
    lever(r)
    assert "ne met plus la demande en pause" in page()
    Reprise.objects.filter(pk=r.pk).update(levee_le=None, levee_par=None, levee_proposee_par=None)
    assert "la demande est mise en pause" in page()


def test_la_base_veut_deux_agents_pour_une_levee() -> None:
    r, paul = opposee(), agent("Paul")

    with pytest.raises(IntegrityError), transaction.atomic():
        Reprise.objects.filter(pk=r.pk).update(levee_par=paul, levee_proposee_par=paul)
    with pytest.raises(IntegrityError), transaction.atomic():
        Reprise.objects.filter(pk=r.pk).update(levee_par=paul)
