"""À sa visite, la personne lit que nos messages n'arrivent plus, et de quoi le faire réparer ; l'agent aussi."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from apart.comptes.actions.recuperation import envoyer_reinitialisation
from apart.comptes.models import Utilisateur
from apart.courriels.actions import mettre_en_file
from apart.courriels.models import AdresseRefusee
from apart.etablissements.models import Etablissement
from tests.assistance.fabriques import depot
from tests.boite import Boite
from tests.comptes.fabriques import agent, lu, personne
from tests.comptes.test_recuperation import choisir
from tests.monde import etablissement, habiliter

pytestmark = [pytest.mark.django_db, pytest.mark.jour]
LE = datetime(2026, 11, 23, 11, 0, tzinfo=UTC)
TITRE = "Nos messages n'arrivent pas dans votre messagerie"
BLOQUE = "550 5.7.1 <script>Blocked</script> by policy"
PHRASE = (
    "Un message vers marie.durand@boulangerie.fr, refusé à 12 h 00, heure de Paris, par le serveur qui reçoit pour "
    "boulangerie.fr."
)


@pytest.fixture
def marie(client: Client) -> Utilisateur:
    marie = personne()
    habiliter(marie, etablissement("73282932000074", "Boulangerie du Lac"))
    client.force_login(marie)
    return marie


def refuser(qui: Utilisateur, boite: Boite, reponse: str = BLOQUE) -> None:
    boite.refuser(reponse, fois=1)
    mettre_en_file("identifiant", a=qui.courriel, contexte={"identifiant": "K7MP-2QXV"})
    boite.recevoir()


def pages(client: Client, qui: Utilisateur) -> list[str]:
    """L'établissement, « Sécurité », et « Mon espace » une fois qu'on en a deux."""
    chemins = [f"/etablissements/{qui.habilitations.get().etablissement.siret}/", reverse("securite")]
    lues = [client.get(chemin).content.decode() for chemin in chemins]
    autre = Etablissement.objects.create(siret="44306184100047", denomination="Bureau")
    habiliter(qui, autre)
    lues.append(client.get("/mon-espace/").content.decode())
    qui.habilitations.filter(etablissement=autre).delete()
    autre.delete()
    return lues


@time_machine.travel(LE, tick=False)
def test_qui_se_connecte_lit_quand_par_qui_et_quoi_faire(client: Client, boite: Boite, marie: Utilisateur) -> None:
    assert not any(TITRE in lu(client.get(chemin, follow=True)) for chemin in ("/mon-espace/", reverse("securite")))
    refuser(marie, boite)
    for brute in pages(client, marie):
        assert brute.count("fr-alert--warning") == 1
        assert "<script>Blocked" not in brute, "les mots du serveur sont ceux d'un inconnu"
        page = brute.replace("&#x27;", "'").replace("\N{NO-BREAK SPACE}", " ")
        assert TITRE in page
        assert PHRASE in page
        assert "Réponse exacte de notre serveur : 550 5.7.1 &lt;script&gt;Blocked&lt;/script&gt; by policy" in page
        assert "autoriser notre expéditeur" in page


def test_ce_qui_est_refuse_a_un_autre_ne_se_lit_pas(client: Client, boite: Boite, marie: Utilisateur) -> None:
    refuser(personne("luc@boulangerie.fr"), boite)
    assert AdresseRefusee.objects.get().adresse == "luc@boulangerie.fr"
    assert not any(TITRE in page for page in pages(client, marie))


def test_un_lien_recu_puis_employe_ferme_l_alerte(client: Client, boite: Boite, marie: Utilisateur) -> None:
    refuser(marie, boite)
    assert all(TITRE in page.replace("&#x27;", "'") for page in pages(client, marie))
    envoyer_reinitialisation(marie, par=agent())
    lettre = boite.recevoir_une()
    ailleurs = Client()
    ailleurs.get(lettre.chemin)
    assert AdresseRefusee.objects.exists(), "suivre le lien ne suffit pas (T10)"
    choisir(ailleurs, lettre)
    assert not AdresseRefusee.objects.exists()


@time_machine.travel(LE, tick=False)
def test_l_agent_lit_en_haut_de_la_demande_ou_en_sont_les_messages_et_quoi_demander(
    client: Client, boite: Boite, marie: Utilisateur
) -> None:
    client.force_login(agent())
    demande = depot(courriel=marie.courriel).demande
    page = lu(client.get(f"/agents/assistance/{demande.pk}/")).replace("\N{NO-BREAK SPACE}", " ")
    assert "Un message vers cette adresse attend encore, depuis 12 h 00, heure de Paris." in page
    boite.refuser(BLOQUE)
    boite.recevoir()
    page = lu(client.get(f"/agents/assistance/{demande.pk}/")).replace("\N{NO-BREAK SPACE}", " ")
    assert "Un message vers cette adresse, refusé par le serveur qui le reçoit, à 12 h 00, heure de Paris." in page
    assert "Voici quoi demander au service informatique de la personne." in page
    assert page.index("Voici quoi demander") < page.index("Conversation")
    assert "Expéditeur visible : notifications@" in page
