"""Le message du suivi est perdu : on le redemande, et la réponse ne dit rien de l'adresse."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from apart.reprises.actions import demande, suivi
from apart.reprises.etats import EtatReprise
from apart.socle.models import EntreeJournal
from tests.boite import Boite
from tests.comptes.fabriques import lu
from tests.monde import etablissement
from tests.preuves import preuve
from tests.reprises.gens import LEA, boulangerie, reprise
from tests.travail import travailler

pytestmark = [pytest.mark.django_db, pytest.mark.jour]


def redemander(client: Client, courriel: str = LEA) -> str:
    page = client.post("/reprise/suivi/", {"courriel": courriel} | preuve("reprise-retrouver"), follow=True)
    travailler()
    return lu(page)


def test_le_lien_de_suivi_repart_a_l_adresse_de_la_demande(client: Client, boite: Boite) -> None:
    dossier = reprise(boulangerie())

    assert "Consultez votre messagerie" in redemander(client)

    lettre = boite.recevoir_une()
    assert lettre.a == LEA
    assert dossier.numero in lu(client.get(lettre.chemin))


def test_une_demande_pas_encore_confirmee_recoit_de_nouveau_le_lien_qui_la_confirme(
    client: Client, boite: Boite
) -> None:
    reprise(boulangerie(), EtatReprise.DEPOSEE)

    redemander(client)

    assert "Confirmer votre adresse" in lu(client.get(boite.recevoir_une().chemin))


@pytest.mark.menace("T3")
def test_t3_la_reponse_est_la_meme_que_l_adresse_ait_une_demande_ou_non(client: Client, boite: Boite) -> None:
    reprise(boulangerie())
    inconnue = "lou.chic@boulangerie.fr"  # se masque comme l'autre

    assert redemander(client) == redemander(client, inconnue)
    assert boite.recevoir_une().a == LEA


def test_trois_liens_en_un_quart_d_heure_puis_le_dernier_suffit(client: Client, boite: Boite) -> None:
    reprise(boulangerie())

    pages = [redemander(client) for _ in range(4)]

    assert len(set(pages)) == 1
    assert len(boite.recevoir()) == 3
    assert EntreeJournal.objects.filter(geste="retenir_suivi_reprise").count() == 1


def test_ce_que_depose_un_inconnu_ne_cache_pas_la_vraie_demande(boite: Boite) -> None:
    ou = boulangerie()
    vraie = reprise(ou)
    for _ in range(5):
        reprise(ou, EtatReprise.DEPOSEE)

    suivi.renvoyer_suivis(LEA)

    objets = [lettre.objet for lettre in boite.recevoir()]
    assert len(objets) == 2
    assert any(vraie.numero in objet for objet in objets)


def test_un_lien_mort_propose_d_en_recevoir_un_neuf(client: Client) -> None:
    secret = demande.emettre_suivi(reprise(boulangerie()))

    with time_machine.travel(timezone.now() + timedelta(days=366)):
        page = client.get(f"/reprise/suivi/{secret}/")

    assert page.status_code == 404
    assert "Recevoir le lien" in lu(page)


def test_la_demande_qu_un_inconnu_depose_ailleurs_ne_cache_pas_la_sienne(client: Client, boite: Boite) -> None:
    la_mienne = reprise(boulangerie(), EtatReprise.DEPOSEE)
    for siret in ("35600000000048", "55208131766522"):
        reprise(etablissement(siret, "Ailleurs"), EtatReprise.DEPOSEE)

    redemander(client)

    liens = [lu(client.get(lettre.chemin, follow=True)) for lettre in boite.recevoir()]
    assert len(liens) == 3
    assert sum("732 829 320 00074" in page for page in liens) == 1
    assert la_mienne.etat == EtatReprise.DEPOSEE
