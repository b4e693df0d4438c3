"""« Donner une preuve » : un code, un accord que l'on défait, une adresse professionnelle à laquelle on s'oppose."""

from __future__ import annotations

import pytest
from django.utils import timezone
from playwright.sync_api import Page

from apart.etablissements.actions import relever
from apart.etablissements.models import DemandePreuve, Habilitation
from tests.boite import Lettre
from tests.etablissements.equipe import CONTACT, SIRET, Equipe
from tests.navigateurs.gestes import CHACUN_SON_MODE, Parcours, analyser_lien, expect, titre
from tests.navigateurs.visites import connecter

pytestmark = CHACUN_SON_MODE
ETABLISSEMENT = f"/etablissements/{SIRET}/"


@pytest.fixture
def equipe(serveur: str) -> Equipe:
    return Equipe()


@pytest.fixture
def lea(equipe: Equipe) -> Habilitation:
    return equipe.entre("lea@boulangerie.fr")


def choisir(parcours: Parcours, lea: Habilitation, serveur: str, bouton: str) -> Page:
    """Léa, depuis la page de son établissement, choisit une façon de relever sa preuve."""
    page = parcours.visiteur
    connecter(page.context, lea.utilisateur, serveur)
    page.goto(ETABLISSEMENT)
    page.get_by_role("link", name="Donner une preuve").click()
    titre(page, "Donner une preuve")
    parcours.envoyer(page, bouton)
    page.wait_for_load_state()
    return page


def recue(parcours: Parcours, a: str) -> Lettre:
    (lettre,) = [lettre for lettre in parcours.courrier() if lettre.a == a]
    return lettre


def test_2_1_par_un_code_recu_au_courriel_de_l_etablissement(
    parcours: Parcours, lea: Habilitation, serveur: str
) -> None:
    page = choisir(parcours, lea, serveur, "Envoyer un code à l'établissement")
    lettre = recue(parcours, CONTACT)
    analyser_lien(page, lettre)
    page.get_by_label("Code reçu par courriel").fill(lettre.code.lower())
    parcours.envoyer(page, "Valider ce code")

    expect(page.get_by_role("main")).to_contain_text("Votre preuve est relevée")
    expect(page.get_by_role("main")).to_contain_text("versements compris")


def test_2_1_par_l_accord_d_un_membre_puis_defait(
    parcours: Parcours, equipe: Equipe, lea: Habilitation, serveur: str
) -> None:
    choisir(parcours, lea, serveur, "Demander un accord")
    marie = parcours.ailleurs()
    connecter(marie.context, equipe.marie.utilisateur, serveur)
    marie.goto(ETABLISSEMENT)
    parcours.envoyer(marie, "Donner mon accord à Lea Durand")
    expect(marie.get_by_role("main")).to_contain_text("Votre accord est donné")

    parcours.envoyer(marie, "Défaire cette preuve de Lea Durand")
    expect(marie.get_by_role("main")).to_contain_text("La preuve de Lea Durand est défaite")
    assert Habilitation.objects.get(pk=lea.pk).valeur == 1


@pytest.mark.parametrize("oppose", [True, False], ids=["opposée", "sans opposition"])
def test_2_1_par_son_adresse_professionnelle(
    parcours: Parcours, lea: Habilitation, serveur: str, oppose: bool
) -> None:
    page = choisir(parcours, lea, serveur, "Employer mon adresse professionnelle")
    expect(page.get_by_role("main")).to_contain_text("sans opposition, posé à")
    lettre = recue(parcours, CONTACT)
    analyser_lien(page, lettre)
    if oppose:
        etablissement = parcours.ailleurs()
        etablissement.goto(lettre.lien)
        titre(etablissement, "S'opposer à une preuve")
        parcours.envoyer(etablissement, "Je m'y oppose")
        titre(etablissement, "Votre opposition est notée")
    DemandePreuve.objects.update(opposable_jusqu_au=timezone.now())
    relever.poser_les_dues()

    page.reload()
    preuve = "messagerie de la personne" if oppose else "même domaine que l'établissement"
    expect(page.get_by_role("main")).to_contain_text(f"repose aujourd'hui sur : {preuve}")
