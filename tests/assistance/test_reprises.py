"""De la demande d'assistance à la reprise d'accès du même établissement, pour l'agent qui peut l'examiner."""

from __future__ import annotations

import pytest
from django.test import Client

from apart.administrations.models import RoleAgent
from apart.etablissements.models import Habilitation, Preuve, Role
from apart.reprises.etats import EtatReprise
from tests.assistance.fabriques import SIRET, depot
from tests.comptes.fabriques import lu
from tests.reprises.gens import agent, boulangerie, reprise, tenir

pytestmark = [pytest.mark.django_db, pytest.mark.jour]
OUVRIR = f"/agents/reprises/ouvrir/?siret={SIRET}"
PERSONNE = "claire.roche@boulangerie.fr"


def page(client: Client, *, courriel: str = PERSONNE) -> str:
    return lu(client.get(f"/agents/assistance/{depot(courriel=courriel).demande.pk}/"))


def test_la_demande_mene_a_la_reprise_en_cours_de_l_etablissement(client: Client) -> None:
    dossier = reprise(boulangerie())
    client.force_login(agent("Paul"))

    lue = page(client)

    assert f'href="/agents/reprises/{dossier.pk}/"' in lue
    assert OUVRIR in lue


def test_qui_a_deja_la_sienne_n_en_ouvre_pas_une_seconde(client: Client) -> None:
    dossier = reprise(boulangerie())
    client.force_login(agent("Paul"))

    lue = page(client, courriel=dossier.courriel)

    assert dossier.numero in lue
    assert OUVRIR not in lue


def test_le_lien_ouvre_le_formulaire_avec_son_siret(client: Client) -> None:
    boulangerie()
    client.force_login(agent("Paul"))

    assert OUVRIR in page(client)
    assert f'value="{SIRET}"' in lu(client.get(OUVRIR)).replace(" ", "")


@pytest.mark.menace("T21")
def test_t21_ni_la_reprise_ni_le_lien_a_qui_n_en_examine_pas(client: Client) -> None:
    dossier = reprise(boulangerie())
    client.force_login(agent("Lise", role=RoleAgent.LECTEUR))

    lue = page(client)

    assert dossier.numero not in lue
    assert OUVRIR not in lue


@pytest.mark.menace("T20")
def test_t20_rien_a_l_agent_qui_a_eu_un_acces_ici(client: Client) -> None:
    ou = boulangerie()
    tenir(ou)
    dossier, paul = reprise(ou), agent("Paul")
    Habilitation.objects.create(utilisateur=paul, etablissement=ou, role=Role.MEMBRE, preuve=Preuve.COURRIEL)
    client.force_login(paul)

    lue = page(client)

    assert dossier.numero not in lue
    assert OUVRIR not in lue


@pytest.mark.parametrize("etat", [EtatReprise.DEPOSEE, EtatReprise.ABANDONNEE])
def test_ni_une_reprise_finie_ni_une_adresse_pas_encore_prouvee(etat: EtatReprise, client: Client) -> None:
    dossier = reprise(boulangerie(), etat)
    client.force_login(agent("Paul"))

    lue = page(client)

    assert dossier.numero not in lue
    assert OUVRIR in lue


def test_sans_espace_ouvert_il_n_y_a_rien_a_reprendre(client: Client) -> None:
    client.force_login(agent("Paul"))

    assert "/agents/reprises/ouvrir/?siret" not in page(client)
