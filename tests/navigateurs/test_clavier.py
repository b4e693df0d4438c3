"""Les démarches entières sans souris. Le foyer se voit, avance, et va au résumé après un refus."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.boite import Boite
from tests.comptes.fabriques import agent
from tests.etablissements.parcours import MOT_DE_PASSE, SIRET, fiche, ouvrir_directement
from tests.navigateurs.gestes import Ouvrir, Parcours, lire_signes, titre
from tests.navigateurs.test_cas_1 import COMPTE, ETABLISSEMENT
from tests.navigateurs.visites import connecter
from tests.scene import Scene
from tests.travail import travailler

NOUVEAU = "un train part sans moi le dimanche"
ARRETS = 80  # aucune page n'en a autant
# Ce qu'on lit sur l'élément qui a le foyer, s'il se voit, et sa place dans le document.
FOYER = r"""() => {
  const e = document.activeElement, etiquette = e.labels && e.labels[0];
  const vu = (s) => s.outlineStyle !== "none" && parseFloat(s.outlineWidth) > 0 || s.boxShadow !== "none";
  const styles = [e, etiquette].filter(Boolean).flatMap((un) => [un, [un, "::before"], [un, "::after"]]);
  return {
    nom: e === document.body ? "" : (etiquette || e).innerText.replace(/\s+/g, " ").trim(),
    rang: [...document.querySelectorAll("*")].indexOf(e),
    visible: styles.some((style) => vu(getComputedStyle(...[style].flat()))),
  };
}"""


class Clavier:
    def __init__(self, page: Page) -> None:
        self.page = page

    def foyer(self) -> dict[str, Any]:
        lu: dict[str, Any] = self.page.evaluate(FOYER)
        return lu

    def aller(self, nom: str) -> None:
        """De Tab en Tab jusqu'à ce qui porte ce nom : chaque arrêt se voit, et vient après le précédent."""
        self.page.wait_for_load_state()
        rang, passes = self.foyer()["rang"], []
        for _ in range(ARRETS):
            self.page.keyboard.press("Tab")
            foyer = self.foyer()
            passes.append(foyer["nom"])
            assert foyer["visible"], f"le foyer ne se voit pas sur {foyer}"
            assert foyer["rang"] > rang, f"le foyer revient en arrière : {passes}"
            if re.match(rf"{re.escape(nom)}(\W|$)", foyer["nom"], re.IGNORECASE):
                return
            rang = foyer["rang"]
        raise AssertionError(f"« {nom} » n'est pas atteint : {passes}")

    def ecrire(self, nom: str, texte: str) -> None:
        self.aller(nom)
        self.page.keyboard.press("ControlOrMeta+a")
        self.page.keyboard.type(texte)

    def choisir(self, nom: str, debut: str) -> None:
        """Dans une liste : les premières lettres suffisent."""
        self.aller(nom)
        self.page.keyboard.type(debut)

    def presser(self, nom: str, touche: str = "Enter") -> None:
        self.aller(nom)
        self.page.keyboard.press(touche)

    def reprendre_au_resume(self, champ: str) -> None:
        """Après un refus, le foyer est sur le résumé, et son premier lien mène au champ."""
        expect(self.page.locator(".apart-resume")).to_be_focused()
        self.presser(champ)
        self.page.wait_for_function("document.activeElement.matches('input, select, textarea')")
        assert self.foyer()["nom"].startswith(champ)


@pytest.fixture
def parcours(ouvrir: Ouvrir, boite: Boite, nom_navigateur: Any) -> Parcours:
    """Sans JavaScript, le clavier est celui du navigateur : une fois suffit, avec."""
    return Parcours(ouvrir, boite, nom_navigateur, javascript=True)


def test_ouvrir_un_espace_puis_y_entrer(parcours: Parcours) -> None:
    fiche()
    page, clavier = parcours.visiteur, Clavier(parcours.visiteur)
    page.goto("/")
    clavier.presser("CRÉER MON ESPACE")
    titre(page, "Créer mon espace")
    clavier.ecrire("N° de Siret", SIRET[:-1])
    clavier.presser("J'accepte les conditions", "Space")
    clavier.presser("Valider")
    clavier.reprendre_au_resume("N° de Siret")
    page.keyboard.press("End")
    page.keyboard.type(SIRET[-1])
    clavier.presser("Valider")

    titre(page, "Création de compte d'accès")
    faux = "marie@ailleurs.fr"
    for champ, valeur in (ETABLISSEMENT | COMPTE | {"Confirmer courriel": faux}).items():
        clavier.ecrire(champ, valeur)
    page.keyboard.press("Enter")
    clavier.reprendre_au_resume("Confirmer courriel")
    page.keyboard.press("ControlOrMeta+a")
    page.keyboard.type(COMPTE["Confirmer courriel"])
    clavier.presser("Valider")
    titre(page, "Consultez votre messagerie")

    page.goto(parcours.lettre().lien)
    titre(page, "Ouvrir l'espace")
    clavier.presser("Continuer")
    titre(page, "Vérifier vos informations")
    clavier.presser("Ces informations sont justes")
    titre(page, "Choisir votre mot de passe")
    clavier.ecrire("Nouveau mot de passe", "court")
    page.keyboard.press("Enter")
    clavier.reprendre_au_resume("Nouveau mot de passe")
    titre(page, "Choisir votre mot de passe")
    page.keyboard.type(MOT_DE_PASSE)
    clavier.presser("Ouvrir mon espace")
    titre(page, "Votre espace est ouvert")
    se_connecter_au_clavier(page, lire_signes(page, "Votre identifiant"), MOT_DE_PASSE)
    expect(page.get_by_role("main")).to_contain_text("732 829 320 00074")


def se_connecter_au_clavier(page: Page, identifiant: str, mot_de_passe: str) -> None:
    """Un premier essai refusé : le foyer va à la raison, et le formulaire suit."""
    clavier = Clavier(page)
    page.goto("/connexion/")
    for essai in ("mauvais mot de passe", mot_de_passe):
        clavier.ecrire("Identifiant", identifiant)
        clavier.ecrire("Mot de passe", essai)
        page.keyboard.press("Enter")
        if essai != mot_de_passe:
            expect(page.get_by_role("alert")).to_be_focused()
            titre(page, "Mon espace personnel")


def test_retrouver_son_identifiant_puis_son_mot_de_passe(parcours: Parcours) -> None:
    fiche()
    marie = ouvrir_directement(parcours.boite)
    page, clavier = parcours.visiteur, Clavier(parcours.visiteur)
    page.goto("/")
    clavier.presser("J'ai oublié mon identifiant")
    titre(page, "J'ai oublié mon identifiant")
    clavier.presser("Recevoir mon identifiant")
    clavier.reprendre_au_resume("Adresse électronique")
    page.keyboard.type(marie.courriel)
    page.keyboard.press("Enter")
    titre(page, "Consultez votre messagerie")
    assert marie.identifiant_lisible in parcours.lettre().texte

    page.goto("/")
    clavier.presser("J'ai oublié mon mot de passe")
    titre(page, "J'ai oublié mon mot de passe")
    clavier.presser("Recevoir le message")
    clavier.reprendre_au_resume("Identifiant")
    page.keyboard.type(marie.identifiant_lisible)
    clavier.presser("Recevoir le message")
    titre(page, "Consultez votre messagerie")
    clavier.ecrire("Code reçu par courriel", parcours.lettre().code)
    clavier.presser("Continuer avec ce code")
    titre(page, "Nouveau mot de passe")
    clavier.ecrire("Nouveau mot de passe", NOUVEAU)
    page.keyboard.press("Enter")
    titre(page, "Mon espace personnel")


def test_demander_de_l_aide_puis_y_repondre(parcours: Parcours, serveur: str) -> None:
    page, clavier = parcours.visiteur, Clavier(parcours.visiteur)
    page.goto("/")
    clavier.presser("BESOIN D'AIDE ?")
    titre(page, "BESOIN D'AIDE ?")
    # Un groupe de choix est un seul arrêt ; les flèches y passent de l'un à l'autre.
    clavier.aller("Consulter la base documentaire")
    page.keyboard.press("ArrowDown")
    assert clavier.foyer()["nom"].startswith("Envoyer une demande d'assistance")
    clavier.presser("Continuer")
    titre(page, "Formulaire de demande d'assistance")
    clavier.ecrire("N° de Siret", "73282932000074")
    page.keyboard.press("Enter")
    clavier.reprendre_au_resume("Dénomination établissement")
    page.keyboard.type("Boulangerie Durand")
    clavier.ecrire("Nom et prénom", "Durand Marie")
    clavier.ecrire("N° de téléphone", "01 02 03 04 05")
    clavier.ecrire("Adresse électronique", "marie@boulangerie-durand.fr")
    clavier.choisir("Motif de la demande", "Habil")
    clavier.ecrire("Description de la demande", "Marie est partie en mars.")
    clavier.presser("ENVOYER")
    titre(page, "Demande d'assistance AP-")

    bureau = parcours.ouvrir()
    connecter(bureau.context, agent("paul.martin@asp.fr"), serveur)
    au_bureau = Clavier(bureau)
    bureau.goto("/agents/assistance/")
    au_bureau.presser("AP")
    titre(bureau, "AP-")
    au_bureau.presser("Répondre")
    au_bureau.reprendre_au_resume("Votre réponse")
    bureau.keyboard.type("Bonjour, envoyez-nous un justificatif.")
    au_bureau.presser("Répondre")
    expect(bureau.get_by_role("main")).to_contain_text("Votre réponse est partie")

    travailler()
    page.bring_to_front()  # une fenêtre d'arrière-plan ne montre pas son foyer
    page.reload()
    clavier.ecrire("Votre message", "Le voici.")
    clavier.presser("Envoyer")
    expect(page.get_by_role("main")).to_contain_text("Le voici.")


def test_refuser_quelqu_un_se_dit_puis_se_confirme(parcours: Parcours, serveur: str) -> None:
    scene, page = Scene(), parcours.visiteur
    scene.rejoindre()
    connecter(page.context, scene.qui("principal"), serveur)
    page.goto("/mon-espace/")
    clavier = Clavier(page)
    effet = page.get_by_text("Cette réponse ne se change plus")
    expect(effet).to_be_hidden()
    clavier.presser("Refuser")
    expect(effet).to_be_visible()
    clavier.presser("Refuser cette demande")
    expect(page.get_by_role("main")).to_contain_text("La demande est refusée")
