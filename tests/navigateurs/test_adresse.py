"""Changer d'adresse, la reprendre à qui l'a volée, réunir deux comptes : devant l'écran, avec et sans JavaScript."""

from __future__ import annotations

from apart.comptes.models import Utilisateur
from apart.etablissements.models import Etablissement, Role
from tests.boite import Lettre
from tests.comptes.fabriques import MOT_DE_PASSE, personne
from tests.etablissements.gens import habilite
from tests.navigateurs.gestes import (
    CHACUN_SON_MODE,
    Parcours,
    analyser_lien,
    choisir_mot_de_passe,
    remplir,
    se_connecter,
    titre,
)

pytestmark = CHACUN_SON_MODE
NOUVELLE, NOUVEAU = "marie@exemple.fr", "un train part sans moi le dimanche"


def principale() -> Utilisateur:
    """Marie tient la boulangerie, et connaît son mot de passe."""
    marie = habilite("Marie", Role.PRINCIPAL).utilisateur
    marie.set_password(MOT_DE_PASSE)
    marie.save()
    return marie


def recues(parcours: Parcours) -> dict[str, Lettre]:
    return {lettre.a: lettre for lettre in parcours.courrier()}


def demander(parcours: Parcours, marie: Utilisateur, courriel: str = NOUVELLE) -> None:
    """De la connexion à « Consultez votre messagerie », par les liens que l'on voit."""
    page = parcours.visiteur
    se_connecter(page, marie.identifiant, MOT_DE_PASSE)
    titre(page, "Boulangerie du Lac")
    page.goto("/mon-espace/securite/")
    page.get_by_role("link", name="Changer mon adresse").click()
    titre(page, "Changer mon adresse")
    remplir(page, {"Nouvelle adresse électronique": courriel})
    page.get_by_role("button", name="Recevoir le lien").click()
    titre(page, "Consultez votre messagerie")


def test_marie_change_son_adresse_puis_l_ancienne_la_reprend(parcours: Parcours) -> None:
    marie = principale()
    d_avant = marie.courriel
    demander(parcours, marie)
    demandes = recues(parcours)
    ailleurs = parcours.ailleurs()
    analyser_lien(ailleurs, demandes[NOUVELLE])
    ailleurs.goto(demandes[NOUVELLE].lien)
    titre(ailleurs, "Confirmer la nouvelle adresse")
    ailleurs.get_by_role("button", name="Confirmer cette adresse").click()
    titre(ailleurs, "Votre adresse est changée")
    changees = recues(parcours)
    parcours.visiteur.goto("/mon-espace/securite/")
    titre(parcours.visiteur, "Mon espace personnel")

    analyser_lien(ailleurs, changees[d_avant])
    ailleurs.goto(changees[d_avant].lien)
    titre(ailleurs, "Remettre l'adresse d'avant")
    ailleurs.get_by_role("button", name="Remettre mon adresse").click()
    titre(ailleurs, "Votre adresse est remise")
    ailleurs.get_by_role("button", name="Choisir mon mot de passe").click()
    titre(ailleurs, "Nouveau mot de passe")
    choisir_mot_de_passe(ailleurs, NOUVEAU)
    ailleurs.get_by_role("button", name="Changer mon mot de passe").click()
    se_connecter(ailleurs, marie.identifiant, NOUVEAU)
    titre(ailleurs, "Boulangerie du Lac")

    marie.refresh_from_db()
    assert marie.courriel == d_avant
    ailleurs.goto(changees[d_avant].lien)
    titre(ailleurs, "Ce lien ne vaut plus")


def test_marie_reunit_ses_deux_comptes(parcours: Parcours) -> None:
    marie, autre = principale(), personne(NOUVELLE, NOUVEAU)
    demander(parcours, marie)
    page = parcours.visiteur
    page.goto(recues(parcours)[NOUVELLE].lien)
    page.get_by_role("button", name="Confirmer cette adresse").click()
    titre(page, "Cette adresse a déjà un compte")
    page.get_by_role("button", name="Réunir les deux comptes").click()
    titre(page, "Réunir deux comptes")
    page.get_by_label("Mot de passe de l'autre compte").fill(NOUVEAU)
    page.locator("label").filter(has_text="L'autre :").click()
    page.get_by_role("button", name="Recevoir le dernier lien").click()
    titre(page, "Consultez votre messagerie")

    ailleurs = parcours.ailleurs()
    dernier = recues(parcours)[marie.courriel]
    analyser_lien(ailleurs, dernier)
    ailleurs.goto(dernier.lien)
    titre(ailleurs, "Réunir vos deux comptes")
    ailleurs.get_by_role("button", name="Réunir mes deux comptes").click()
    titre(ailleurs, "Vos deux comptes sont réunis")

    se_connecter(ailleurs, autre.identifiant, NOUVEAU)
    titre(ailleurs, "Boulangerie du Lac")
    assert set(recues(parcours)) == {marie.courriel, NOUVELLE}
    assert Etablissement.objects.visibles_par(autre).count() == 1
    se_connecter(page, marie.identifiant, MOT_DE_PASSE)
    titre(page, "Mon espace personnel")
