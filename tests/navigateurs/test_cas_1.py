"""Cas n° 1 de la note : l'établissement n'est pas connu du système."""

from playwright.sync_api import Page

from tests.boite import Lettre
from tests.etablissements.parcours import MOT_DE_PASSE, SIRET, fiche
from tests.navigateurs.gestes import (
    Parcours,
    analyser_lien,
    choisir_mot_de_passe,
    expect,
    lire_signes,
    remplir,
    se_connecter,
    titre,
)

ETABLISSEMENT = {
    "Téléphone fixe": "01 02 03 04 05",
    "Courriel établissement": "contact@boulangerie-durand.fr",
    "Confirmer courriel établissement": "contact@boulangerie-durand.fr",
}
COMPTE = {
    "Nom": "Durand",
    "Prénom": "Marie",
    "Téléphone": "06 02 03 04 05",
    "Courriel": "marie@boulangerie-durand.fr",
    "Confirmer courriel": "marie@boulangerie-durand.fr",
}


def demander(parcours: Parcours) -> Lettre:
    """Du numéro de Siret au message reçu."""
    page = parcours.visiteur
    page.goto("/")
    page.get_by_role("link", name="CRÉER MON ESPACE", exact=True).click()
    titre(page, "Créer mon espace")
    remplir(page, {"N° de Siret": "732 829 320 00074"})
    page.locator("label").filter(has_text="J'accepte les").click()
    parcours.envoyer(page, "Valider")

    titre(page, "Création de compte d'accès")
    expect(page.get_by_role("textbox", name="Ville")).to_have_value("PARIS")
    remplir(page, ETABLISSEMENT | COMPTE)
    parcours.envoyer(page, "Valider")

    titre(page, "Consultez votre messagerie")
    expect(page.get_by_role("main")).not_to_contain_text("marie@boulangerie-durand.fr")
    lettre = parcours.lettre()
    assert lettre.a == "marie@boulangerie-durand.fr"
    return lettre


def ouvrir(ailleurs: Page, lettre: Lettre) -> str:
    """Du message à l'identifiant montré."""
    analyser_lien(ailleurs, lettre)
    ailleurs.goto(lettre.lien)
    titre(ailleurs, "Ouvrir l'espace")
    ailleurs.get_by_role("button", name="Continuer").click()
    titre(ailleurs, "Vérifier vos informations")
    expect(ailleurs.get_by_role("textbox", name="Courriel établissement")).to_have_value(
        "contact@boulangerie-durand.fr"
    )
    remplir(ailleurs, {"Prénom": "Marion"})
    ailleurs.get_by_role("button", name="Ces informations sont justes").click()
    titre(ailleurs, "Choisir votre mot de passe")
    expect(ailleurs.get_by_role("main")).to_contain_text("Marion Durand")
    choisir_mot_de_passe(ailleurs, MOT_DE_PASSE)
    ailleurs.get_by_label("Question secrète").select_option("Dans quelle rue avez-vous grandi ?")
    remplir(ailleurs, {"Réponse": "allée des Ormes"})
    ailleurs.get_by_role("button", name="Ouvrir mon espace").click()
    titre(ailleurs, "Votre espace est ouvert")
    return lire_signes(ailleurs, "Votre identifiant")


def test_cas_1_d_un_siret_a_un_espace_ouvert(parcours: Parcours) -> None:
    fiche()
    page, lettre = parcours.visiteur, demander(parcours)
    # Le message s'ouvre dans un autre navigateur que celui de la demande, après l'analyseur de la messagerie.
    ailleurs = parcours.ailleurs()
    identifiant = ouvrir(ailleurs, lettre)

    lettres = {lettre.objet: lettre for lettre in parcours.courrier()}
    a_l_etablissement = lettres.pop("Vérifier l'adresse de l'établissement : SIRET 732 829 320 00074")
    assert a_l_etablissement.a == "contact@boulangerie-durand.fr"
    assert len(lettres) == 2
    assert {lettre.a for lettre in lettres.values()} == {"marie@boulangerie-durand.fr"}
    assert identifiant in lettres["Votre identifiant pour l'activité partielle"].texte
    assert any(objet.startswith("Habilitation à l'activité partielle") for objet in lettres)

    se_connecter(page, identifiant.lower(), MOT_DE_PASSE)
    expect(page.get_by_role("main")).to_contain_text("732 829 320 00074")
    expect(page.get_by_role("main")).to_contain_text("pas encore vérifiée")

    analyser_lien(ailleurs, a_l_etablissement)
    ailleurs.goto(a_l_etablissement.lien)
    titre(ailleurs, "Vérifier l'adresse de l'établissement")
    ailleurs.get_by_role("button", name="Confirmer cette adresse").click()
    titre(ailleurs, "Adresse vérifiée")
    page.reload()
    expect(page.get_by_role("main")).to_contain_text("vérifiée le")


def test_cas_1_une_faute_ne_fait_rien_perdre(parcours: Parcours) -> None:
    fiche()
    page = parcours.visiteur
    page.goto("/espace/creer/")
    remplir(page, {"N° de Siret": SIRET[:-1]})
    page.locator("label").filter(has_text="J'accepte les").click()
    parcours.envoyer(page, "Valider")
    expect(page.get_by_role("main")).to_contain_text("Ce numéro a 13 chiffres, il en faut 14.")
    titre(page, "Créer mon espace")
    expect(page.get_by_role("textbox", name="N° de Siret")).to_have_value(SIRET[:-1])
    remplir(page, {"N° de Siret": SIRET})
    parcours.envoyer(page, "Valider")

    titre(page, "Création de compte d'accès")
    remplir(page, ETABLISSEMENT | COMPTE | {"Confirmer courriel": "marie@ailleurs.fr"})
    parcours.envoyer(page, "Valider")
    expect(page.get_by_role("main")).to_contain_text("Cette adresse diffère de la précédente.")
    titre(page, "Création de compte d'accès")
    expect(page.get_by_role("textbox", name="Prénom")).to_have_value("Marie")
    remplir(page, {"Confirmer courriel": "marie@boulangerie-durand.fr"})
    parcours.envoyer(page, "Valider")
    titre(page, "Consultez votre messagerie")

    lettre = parcours.lettre()
    page.get_by_label("Code reçu par courriel").fill(lettre.code.lower())
    page.get_by_role("button", name="Continuer avec ce code").click()
    titre(page, "Vérifier vos informations")
    remplir(page, {"Code postal": "7501"})
    page.get_by_role("button", name="Ces informations sont justes").click()
    expect(page.get_by_role("main")).to_contain_text("En France, un code postal a 5 chiffres.")
    expect(page.get_by_role("textbox", name="Prénom")).to_have_value("Marie")
    remplir(page, {"Code postal": "75011"})
    page.get_by_role("button", name="Ces informations sont justes").click()
    titre(page, "Choisir votre mot de passe")
    page.get_by_role("button", name="Corriger ces informations").click()
    titre(page, "Vérifier vos informations")
    expect(page.get_by_role("textbox", name="Prénom")).to_have_value("Marie")
    page.get_by_role("button", name="Ces informations sont justes").click()
    titre(page, "Choisir votre mot de passe")
