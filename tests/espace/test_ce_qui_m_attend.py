"""« Ce qui m'attend » : chaque ligne dit de quand elle est, et part une fois qu'on y a répondu."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
import time_machine
from django.test import Client

from apart.etablissements.actions import personnes
from apart.etablissements.models import (
    DemandePreuve,
    Etablissement,
    Habilitation,
    MotifRetrait,
    Preuve,
    Role,
)
from tests.comptes.fabriques import lu
from tests.monde import habiliter, personne
from tests.reprises.gens import SIRET, boulangerie, collegue, reprise, tenir

pytestmark = [pytest.mark.django_db, pytest.mark.jour]

LE = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)


@pytest.fixture
def victor(client: Client) -> Habilitation:
    """Membre de la boulangerie, seul là ; connecté."""
    ou = boulangerie()
    tenir(ou)
    victor = collegue(ou)
    client.force_login(victor.utilisateur)
    return victor


def pages(client: Client, ou: Etablissement, qui: Habilitation) -> list[str]:
    """La page de l'établissement, et « Mon espace » une fois qu'on en a deux."""
    seule = lu(client.get(f"/etablissements/{SIRET}/"))
    autre = Etablissement.objects.create(siret="44306184100047", denomination="Bureau")
    habiliter(qui.utilisateur, autre)
    return [seule, lu(client.get("/mon-espace/"))]


@time_machine.travel(LE, tick=False)
def test_une_reprise_dit_de_quand_elle_est(client: Client, victor: Habilitation) -> None:
    reprise(victor.etablissement)

    for page in pages(client, victor.etablissement, victor):
        assert "Léa Blanc demande à reprendre l'accès" in page
        assert "Demande du 20 novembre 2026" in page
    assert "Demande du 20 novembre 2026" in lu(client.get(f"/etablissements/{SIRET}/reprises/"))


@time_machine.travel(LE, tick=False)
def test_une_preuve_a_approuver_dit_de_quand_elle_est(client: Client, victor: Habilitation) -> None:
    noe = Habilitation.objects.create(
        utilisateur=personne("Roux", "Noé", "noe@exemple.fr"),
        etablissement=victor.etablissement,
        role=Role.MEMBRE,
        preuve=Preuve.COURRIEL,
    )
    DemandePreuve.objects.create(habilitation=noe, niveau=Preuve.MEMBRE)

    for page in pages(client, victor.etablissement, victor):
        assert "Demande du 20 novembre 2026" in page


@time_machine.travel(LE, tick=False)
def test_la_revue_du_trimestre_dit_sa_fin(client: Client, victor: Habilitation) -> None:
    Etablissement.objects.update(cree_le=datetime(2026, 8, 1, tzinfo=UTC))
    Habilitation.objects.filter(pk=victor.pk).update(role=Role.PRINCIPAL)

    for page in pages(client, victor.etablissement, victor):
        assert "votre revue du trimestre, avant le 1er janvier 2027" in page


def test_une_reponse_donnee_n_attend_plus(client: Client, victor: Habilitation) -> None:
    dossier = reprise(victor.etablissement)
    ou = f"/etablissements/{SIRET}/reprises/"

    client.post(f"{ou}{dossier.pk}/refuser")

    assert "demande à reprendre l'accès" not in lu(client.get(f"/etablissements/{SIRET}/"))
    assert "Aucune demande n'attend votre accord" in lu(client.get(ou))


def test_qui_a_perdu_son_dernier_acces_lit_quand_et_pourquoi(client: Client, victor: Habilitation) -> None:
    marie = Habilitation.objects.get(role=Role.PRINCIPAL)
    personnes.retirer(victor, par=marie.utilisateur, motif=MotifRetrait.MISSION)

    page = lu(client.get("/mon-espace/"))

    assert "Votre accès à Boulangerie du Lac" in page
    assert "sa mission est terminée" in page
