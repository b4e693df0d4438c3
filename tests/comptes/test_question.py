"""La question secrète, depuis « Sécurité »."""

from __future__ import annotations

import pytest
from django.test import Client
from pytest_django.fixtures import Settings

from apart.comptes.actions import secours
from apart.comptes.models import QuestionSecrete, Utilisateur
from tests.boite import Boite
from tests.comptes.fabriques import MOT_DE_PASSE, personne

pytestmark = [pytest.mark.django_db, pytest.mark.jour]

QUESTION = "/mon-espace/securite/question-secrete/"


@pytest.fixture
def marie() -> Utilisateur:
    return personne()


@pytest.fixture
def entree(client: Client, marie: Utilisateur) -> Client:
    client.post("/connexion/", {"identifiant": marie.identifiant, "mot_de_passe": MOT_DE_PASSE})
    return client


def test_choisir_une_question_secrete_previent_et_se_retire(entree: Client, marie: Utilisateur, boite: Boite) -> None:
    entree.post(QUESTION, {"question": "plat", "reponse": "Un gratin de cardons"})
    lettre = boite.recevoir_une()
    choisie = QuestionSecrete.objects.get(utilisateur=marie)
    entree.post(f"{QUESTION}retirer/")

    assert lettre.objet == "Votre question secrète a changé"
    assert secours.reponse_correspond(choisie, "un  GRATIN de cardons")
    assert not QuestionSecrete.objects.exists()


@pytest.mark.parametrize("reponse", ["abc", "Durand", "azerty"])
def test_une_reponse_que_d_autres_connaissent_est_refusee(entree: Client, reponse: str) -> None:
    entree.post(QUESTION, {"question": "plat", "reponse": reponse})

    assert not QuestionSecrete.objects.exists()


def test_desactivee_la_question_secrete_n_existe_nulle_part(entree: Client, settings: Settings) -> None:
    settings.QUESTION_SECRETE = "desactivee"

    assert entree.get(QUESTION).status_code == 404
    assert "question secrète" not in entree.get("/mon-espace/securite/").content.decode()
