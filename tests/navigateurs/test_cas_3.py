"""Cas n° 3 de la note : vous n'avez toujours rien reçu."""

from __future__ import annotations

from apart.comptes.actions import secours
from tests.comptes.fabriques import agent
from tests.etablissements.parcours import fiche, ouvrir_directement
from tests.navigateurs.gestes import Parcours, choisir_mot_de_passe, expect, remplir, se_connecter, titre
from tests.navigateurs.visites import connecter

NOUVEAU = "un train part sans moi le dimanche"


def test_cas_3_le_serveur_de_l_entreprise_bloque_et_l_agent_le_voit(parcours: Parcours, serveur: str) -> None:
    fiche()
    marie = ouvrir_directement(parcours.boite)
    parcours.boite.refuser("550 5.7.1 Message bloqué", a=marie.courriel)
    page = parcours.visiteur
    page.goto("/mot-de-passe-oublie/")
    remplir(page, {"Identifiant": marie.identifiant_lisible})
    parcours.envoyer(page, "Recevoir le message")
    titre(page, "Consultez votre messagerie")
    assert parcours.courrier() == []
    expect(page.get_by_role("heading", name="Je n'ai rien reçu")).to_be_visible()

    page.get_by_role("link", name="BESOIN D'AIDE ?").first.click()
    titre(page, "BESOIN D'AIDE ?")
    page.locator("label").filter(has_text="Envoyer une demande d'assistance").click()
    page.get_by_role("button", name="Continuer").click()
    titre(page, "Formulaire de demande d'assistance")
    page.get_by_label("Motif de la demande").select_option("Habilitation à l'extranet")
    remplir(
        page,
        {
            "N° de Siret": "73282932000074",
            "Dénomination établissement": "Boulangerie Durand",
            "Nom et prénom": "Durand Marie",
            "N° de téléphone": "01 02 03 04 05",
            "Adresse électronique": marie.courriel,
        },
    )
    parcours.envoyer(page, "ENVOYER")
    titre(page, "Demande d'assistance AP-")

    bureau = parcours.ailleurs()
    connecter(bureau.context, agent("paul.martin@asp.fr"), serveur)
    bureau.goto("/agents/assistance/")
    bureau.get_by_role("link", name="AP-").first.click()
    expect(bureau.get_by_role("complementary", name="Ce que l'on sait")).to_contain_text(
        "Choisir un nouveau mot de passe"
    )
    expect(bureau.get_by_role("complementary", name="Ce que l'on sait")).to_contain_text("refusé")


def test_cas_3_le_code_de_secours_remplace_le_courriel(parcours: Parcours) -> None:
    fiche()
    marie = ouvrir_directement(parcours.boite)
    code = secours.renouveler_code(marie, par=marie)
    page = parcours.visiteur
    page.goto("/mot-de-passe-oublie/")
    page.get_by_role("link", name="j'ai un code de secours imprimé").click()
    titre(page, "J'ai un code de secours")
    remplir(page, {"Identifiant": marie.identifiant_lisible, "Code de secours": code.lower()})
    parcours.envoyer(page, "Continuer")
    choisir_mot_de_passe(page, NOUVEAU)
    page.get_by_role("button", name="Changer mon mot de passe").click()
    titre(page, "Votre mot de passe est changé")
    expect(page.get_by_role("main")).not_to_contain_text(code)

    se_connecter(page, marie.identifiant_lisible, NOUVEAU)
    expect(page.get_by_role("main")).to_contain_text("732 829 320 00074")
