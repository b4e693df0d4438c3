"""Une personne partie est retirée ; un trimestre se revoit : devant l'écran, avec et sans JavaScript."""

from __future__ import annotations

from apart.etablissements.models import Preuve, RevueAcces, Role
from tests.etablissements.gens import PERSONNES, habilite
from tests.monde import SIRET
from tests.navigateurs.gestes import CHACUN_SON_MODE, Parcours, expect, titre
from tests.navigateurs.visites import connecter

pytestmark = CHACUN_SON_MODE


def test_une_personne_partie_est_retiree_en_deux_clics(parcours: Parcours, serveur: str) -> None:
    marie, luc = habilite("Marie", Role.PRINCIPAL), habilite("Luc")
    page, autre = parcours.visiteur, parcours.ailleurs()
    connecter(page.context, marie.utilisateur, serveur)
    connecter(autre.context, luc.utilisateur, serveur)
    autre.goto(f"/etablissements/{SIRET}/")
    titre(autre, "Boulangerie du Lac")

    page.goto(PERSONNES)
    titre(page, "Personnes")
    page.get_by_role("link", name="Retirer Luc Durand").click()
    titre(page, "Retirer Luc Durand")
    expect(page.get_by_role("main")).to_contain_text("s'arrête à son prochain clic")
    page.locator("label").filter(has_text="Cette personne n'y travaille plus").click()
    page.get_by_role("button", name="Retirer cet accès").click()

    titre(page, "Personnes")
    expect(page.get_by_role("main")).to_contain_text("Luc Durand n'a plus accès")
    assert [lettre.a for lettre in parcours.courrier()] == ["luc@boulangerie.fr"]
    autre.reload()
    expect(autre.get_by_role("main")).to_contain_text("il se peut que votre habilitation ait pris fin")


def test_marie_passe_la_main_et_quitte(parcours: Parcours, serveur: str) -> None:
    marie = habilite("Marie", Role.PRINCIPAL)
    luc = habilite("Luc", preuve=Preuve.COURRIEL)
    page = parcours.visiteur
    connecter(page.context, marie.utilisateur, serveur)

    page.goto(f"{PERSONNES}quitter/")
    titre(page, "Passer d'abord la main")
    page.get_by_role("link", name="Passer la main").click()
    titre(page, "Passer la main")
    page.locator("label").filter(has_text="Luc Durand").click()
    page.locator("label").filter(has_text="Quitter l'établissement").click()
    page.get_by_role("button", name="Passer la main").click()

    titre(page, "Mon espace")
    expect(page.get_by_role("main")).to_contain_text("Luc Durand est utilisateur principal")
    expect(page.get_by_role("main")).to_contain_text("Vous n'avez plus accès à Boulangerie du Lac")
    luc.refresh_from_db()
    assert luc.role == Role.PRINCIPAL


def test_la_revue_du_trimestre(parcours: Parcours, serveur: str) -> None:
    marie = habilite("Marie", Role.PRINCIPAL)
    habilite("Luc")
    page = parcours.visiteur
    connecter(page.context, marie.utilisateur, serveur)

    page.goto(f"/etablissements/{SIRET}/")
    page.get_by_role("link", name="Revoir les accès").click()
    titre(page, "Revoir qui a accès")
    expect(page.get_by_role("main")).to_contain_text("Luc Durand")
    page.get_by_role("button", name="Tout est à jour").click()

    expect(page.get_by_role("main")).to_contain_text("Vous n'avez rien à revoir ce trimestre")
    assert RevueAcces.objects.get().par == marie.utilisateur
