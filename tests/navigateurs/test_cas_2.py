"""Cas n° 2 de la note : l'établissement existe déjà. 2.1, la personne est partie ; 2.2, identifiant, mot de passe."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page

from apart.comptes.models import Utilisateur
from tests.comptes.fabriques import agent
from tests.etablissements.parcours import MOT_DE_PASSE, fiche, ouvrir_directement
from tests.navigateurs.gestes import (
    Parcours,
    analyser_lien,
    choisir_mot_de_passe,
    expect,
    remplir,
    se_connecter,
    titre,
)
from tests.navigateurs.visites import connecter

NOUVEAU = "un train part sans moi le dimanche"


@pytest.fixture
def marie(parcours: Parcours) -> Utilisateur:
    """Marie a ouvert l'espace de la boulangerie."""
    fiche()
    return ouvrir_directement(parcours.boite)


def deja_connu(parcours: Parcours, page: Page) -> None:
    page.goto("/espace/creer/")
    remplir(page, {"N° de Siret": "732 829 320 00074"})
    page.locator("label").filter(has_text="J'accepte les").click()
    parcours.envoyer(page, "Valider")
    titre(page, "Cet établissement a déjà un espace")


def test_cas_2_1_la_collegue_est_partie_jusqu_au_bureau(parcours: Parcours, marie: Utilisateur, serveur: str) -> None:
    page = parcours.visiteur
    deja_connu(parcours, page)
    expect(page.get_by_role("main")).not_to_contain_text(marie.nom)
    page.get_by_role("link", name="Envoyer une demande d'assistance").click()

    titre(page, "Formulaire de demande d'assistance")
    expect(page.get_by_label("Motif de la demande")).to_have_value("habilitation")
    expect(page.get_by_role("textbox", name="N° de Siret")).to_have_value("732 829 320 00074")
    remplir(
        page,
        {
            "Dénomination établissement": "Boulangerie Durand",
            "Nom et prénom": "Blanc Léa",
            "N° de téléphone": "01 02 03 04 05",
            "Adresse électronique": "lea@boulangerie-durand.fr",
            "Description de la demande": "Marie est partie en mars et sa messagerie est fermée.",
        },
    )
    parcours.envoyer(page, "ENVOYER")
    titre(page, "Demande d'assistance AP-")
    expect(page.get_by_role("main")).to_contain_text("Votre demande est enregistrée")
    assert "lea@boulangerie-durand.fr" in {lettre.a for lettre in parcours.courrier()}

    bureau = parcours.ailleurs()
    connecter(bureau.context, agent("paul.martin@asp.fr"), serveur)
    bureau.goto("/agents/assistance/")
    bureau.get_by_role("link", name="AP-").first.click()
    expect(bureau.get_by_role("main")).to_contain_text("sa messagerie est fermée")
    bureau.get_by_label("Votre réponse").fill("Bonjour, envoyez-nous un justificatif.")
    bureau.get_by_role("button", name="Répondre").click()
    expect(bureau.get_by_role("main")).to_contain_text("Votre réponse est partie")

    assert "envoyez-nous un justificatif" in parcours.lettre().texte
    page.reload()
    expect(page.get_by_role("main")).to_contain_text("envoyez-nous un justificatif")


def test_cas_2_2_identifiant_oublie(parcours: Parcours, marie: Utilisateur) -> None:
    page = parcours.visiteur
    page.goto("/")
    page.get_by_role("link", name="J'ai oublié mon identifiant").click()
    titre(page, "J'ai oublié mon identifiant")
    remplir(page, {"Adresse électronique": marie.courriel.upper()})
    parcours.envoyer(page, "Recevoir mon identifiant")
    titre(page, "Consultez votre messagerie")
    expect(page.get_by_role("main")).not_to_contain_text(marie.identifiant_lisible)

    lettre = parcours.lettre()
    assert marie.identifiant_lisible in lettre.texte
    ailleurs = parcours.ailleurs()
    se_connecter(ailleurs, marie.identifiant_lisible, MOT_DE_PASSE)
    expect(ailleurs.get_by_role("main")).to_contain_text("732 829 320 00074")


def test_cas_2_2_mot_de_passe_oublie(parcours: Parcours, marie: Utilisateur) -> None:
    page = parcours.visiteur
    page.goto("/")
    page.get_by_role("link", name="J'ai oublié mon mot de passe").click()
    titre(page, "J'ai oublié mon mot de passe")
    remplir(page, {"Identifiant": marie.identifiant_lisible})
    parcours.envoyer(page, "Recevoir le message")
    titre(page, "Consultez votre messagerie")

    lettre, telephone = parcours.lettre(), parcours.ailleurs()
    analyser_lien(telephone, lettre)
    telephone.goto(lettre.lien)
    titre(telephone, "Choisir un nouveau mot de passe")
    telephone.get_by_role("button", name="Continuer").click()
    titre(telephone, "Nouveau mot de passe")
    choisir_mot_de_passe(telephone, NOUVEAU)
    telephone.get_by_role("button", name="Changer mon mot de passe").click()
    titre(telephone, "Mon espace personnel")
    expect(telephone.get_by_role("main")).to_contain_text("Votre mot de passe est changé")

    assert parcours.lettre().objet == "Votre mot de passe a changé"
    se_connecter(page, marie.identifiant_lisible, NOUVEAU)
    expect(page.get_by_role("main")).to_contain_text("732 829 320 00074")
    telephone.goto(lettre.lien)
    titre(telephone, "Ce lien ne vaut plus")
