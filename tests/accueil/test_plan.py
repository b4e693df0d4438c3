"""Le plan du site : chaque page y est ou s'en atteint, et chacun n'y voit que les siennes."""

from __future__ import annotations

import re

import pytest
from django.urls import reverse

from apart.accueil.plan import RUBRIQUES
from apart.socle.acces import Public
from tests.monde import Monde, adresses, creer_monde

# Ce que demande un bouton d'une page du plan, et la suite d'un lien reçu : rien que l'on vienne chercher.
ETAPES = {
    "account_logout", "account_reauthenticate", "annonce-nouvelle", "service-nouveau",
    "adresse-prouver", "entrer", "mot-de-passe-nouveau", "nouvelle-adresse-prouver", "ouvrir", "rejoindre-confirmer",
    "retour-adresse", "reunion-conclure", "facteur-annuler", "facteur-remplacer", "facteur-perdu",
    "opposition", "preuve-opposer", "preuve-prouver", "reprise-confirmer", "reprise-entrer", "reprises-ouvrir",
}  # fmt: skip

pytestmark = pytest.mark.django_db


@pytest.fixture
def monde() -> Monde:
    return creer_monde()


@pytest.mark.parametrize("public", Public)
def test_chaque_page_sans_parametre_est_au_plan_de_qui_peut_l_ouvrir(monde: Monde, public: Public) -> None:
    client = monde.connecte(monde.pour_public(public))
    plan = client.get(reverse("plan-du-site")).content.decode()
    liens = set(re.findall(r'<a href="([^"]+)"', plan.partition("<main")[2].partition("</main>")[0]))
    for adresse in adresses():
        if adresse.public is not public or adresse.parametres or adresse.nom.startswith("mfa_"):
            continue
        reponse = client.get(reverse(adresse.nom))
        est_page = reponse.status_code == 200 and reponse.headers["Content-Type"].startswith("text/html")
        if est_page and adresse.nom not in ETAPES:
            assert reverse(adresse.nom) in liens, adresse.nom


@pytest.mark.parametrize("public", Public)
def test_le_plan_ne_mene_nulle_part_ailleurs(monde: Monde, public: Public) -> None:
    qui = monde.pour_public(public)
    client = monde.connecte(qui)
    plan = client.get(reverse("plan-du-site")).content.decode()
    siens = [nom for _, _, pages in RUBRIQUES for nom, _ in pages if f'<a href="{reverse(nom)}"' in plan]
    assert siens
    for nom in siens:
        reponse = client.get(reverse(nom), follow=True)
        assert reponse.status_code == 200, nom
