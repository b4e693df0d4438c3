"""Le même parcours pour tous les jetons : ce qui distingue chacun se voit, ce qui leur est commun est le même."""

from __future__ import annotations

import re

import pytest
from django.test import Client
from django.urls import reverse

from apart.comptes.jetons import Demande
from apart.comptes.messagerie import Attente
from apart.etablissements.parcours import Etape
from tests.comptes.fabriques import lu, personne
from tests.etablissements.parcours import SIRET

pytestmark = [pytest.mark.django_db, pytest.mark.jour]
FIL = re.compile(r'fr-breadcrumb__link"[^>]*>([^<]+)<')


@pytest.mark.parametrize(
    ("adresse", "titre", "fil"),
    [
        ("mot-de-passe-messagerie", "Mot de passe oublié", ["Mot de passe oublié", "Consultez votre messagerie"]),
        ("creer-messagerie", "Créer mon espace", ["Créer mon espace", "Votre messagerie"]),
        ("rejoindre-messagerie", "Demander à rejoindre", ["Demander à rejoindre", "Votre messagerie"]),
    ],
)
def test_chaque_page_d_attente_dit_ou_l_on_est(client: Client, adresse: str, titre: str, fil: list[str]) -> None:
    etapes = [] if adresse.startswith("mot-de-passe") else [Etape(SIRET).sceller()]

    page = lu(client.get(reverse(adresse, args=[*etapes, Attente(Demande.maintenant()).sceller()])))

    assert f"Consultez votre messagerie – {titre}" in page
    assert FIL.findall(page) == ["Accueil", *fil]
    assert ("code de secours imprimé" in page) == (etapes == [])


def test_qui_est_connecte_ajoute_un_etablissement(client: Client) -> None:
    client.force_login(personne())

    ou = [Etape(SIRET).sceller(), Attente(Demande.maintenant()).sceller()]
    page = lu(client.get(reverse("creer-messagerie", args=ou)))

    assert FIL.findall(page) == ["Accueil", "Ajouter un établissement", "Votre messagerie"]
    assert "Étape" not in page  # elles étaient comptées jusqu'à deux


@pytest.mark.parametrize(
    ("lien", "recommencer"),
    [
        ("mot-de-passe-lien", "mot-de-passe-oublie"),
        ("ouvrir-lien", "creer-espace"),
        ("rejoindre-lien", "creer-espace"),
        ("admission-lien", "creer-espace"),
    ],
)
def test_un_lien_coupe_propose_de_recommencer_au_bon_endroit(client: Client, lien: str, recommencer: str) -> None:
    reponse = client.get(reverse(lien, args=["coupe"]))

    assert reponse.status_code == 410
    assert f'<a class="fr-btn" href="{reverse(recommencer)}">Recommencer</a>' in lu(reponse)


@pytest.mark.parametrize("suite", ["mot-de-passe-nouveau", "ouvrir", "rejoindre-confirmer", "entrer"])
def test_une_etape_ouverte_sans_son_lien_dit_de_le_rouvrir(client: Client, suite: str) -> None:
    assert "rouvrez le lien reçu par courriel" in lu(client.get(reverse(suite)))
