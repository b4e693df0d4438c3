"""Téléphone et codes de rechange perdus : l'attente, les avis, le lien ; ou la vraie personne, qui annule."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from allauth.mfa.models import Authenticator
from django.utils import timezone
from playwright.sync_api import Page

from apart.comptes.actions import facteur_perdu
from apart.comptes.models import Utilisateur
from tests.comptes.fabriques import MOT_DE_PASSE, SECRET_TOTP, code_totp, equiper, personne
from tests.navigateurs.gestes import CHACUN_SON_MODE, Parcours, expect, poster, remplir, se_connecter, titre
from tests.navigateurs.visites import connecter

pytestmark = CHACUN_SON_MODE
PERDU = "Je n'ai plus mon second facteur ni mes codes de rechange"


@pytest.fixture
def marie() -> Utilisateur:
    return equiper(personne())


def jusqu_au_second_facteur(page: Page, qui: Utilisateur) -> None:
    se_connecter(page, qui.identifiant_lisible, MOT_DE_PASSE)
    titre(page, "Second facteur")


def demander(page: Page, qui: Utilisateur) -> None:
    jusqu_au_second_facteur(page, qui)
    page.get_by_role("link", name=PERDU).click()
    titre(page, "Second facteur perdu")
    poster(page, page.get_by_role("button", name="Demander le remplacement"))
    expect(page.get_by_role("main")).to_contain_text("Votre demande est enregistrée")


def test_trois_jours_et_trois_avis_apres_le_second_facteur_se_remplace(
    parcours: Parcours, serveur: str, marie: Utilisateur
) -> None:
    page = parcours.visiteur
    demander(page, marie)
    assert "ce n'est pas vous" in parcours.lettre().objet
    depart = timezone.now()

    with time_machine.travel(depart + timedelta(hours=37)):
        facteur_perdu.avancer()
        assert "Rappel" in parcours.lettre().texte
    with time_machine.travel(depart + timedelta(hours=74)):
        facteur_perdu.avancer()
        assert "peut maintenant être remplacé" in parcours.lettre().objet
        jusqu_au_second_facteur(page, marie)
        page.get_by_role("link", name=PERDU).click()
        poster(page, page.get_by_role("button", name="Recevoir le lien"))
        expect(page.get_by_role("main")).to_contain_text("Le lien est parti")

        ailleurs = parcours.ailleurs()
        ailleurs.goto(parcours.lettre().lien)
        titre(ailleurs, "Remplacer le second facteur perdu")
        poster(ailleurs, ailleurs.get_by_role("button", name="Continuer"))
        ailleurs.locator("#id_password").fill("pas le bon mot de passe")
        poster(ailleurs, ailleurs.get_by_role("button", name="Retirer l'ancien second facteur"))
        expect(ailleurs.get_by_role("main")).to_contain_text("Ce n'est pas votre mot de passe actuel")
        assert Authenticator.objects.exists()
        ailleurs.locator("#id_password").fill(MOT_DE_PASSE)
        poster(ailleurs, ailleurs.get_by_role("button", name="Retirer l'ancien second facteur"))
        titre(ailleurs, "Ajouter un second facteur")
        assert "a été retiré de votre compte" in parcours.lettre().texte

    assert not Authenticator.objects.exists()


def test_la_vraie_personne_annule_par_l_avis_par_sa_session_puis_par_son_second_facteur(
    parcours: Parcours, serveur: str, marie: Utilisateur
) -> None:
    voleur, chez_elle = parcours.visiteur, parcours.ailleurs()
    demander(voleur, marie)
    chez_elle.goto(parcours.lettre().lien)
    titre(chez_elle, "Annuler le remplacement du second facteur")
    poster(chez_elle, chez_elle.get_by_role("button", name="Annuler la demande"))
    titre(chez_elle, "La demande est annulée")
    expect(chez_elle.get_by_role("link", name="Choisir un nouveau mot de passe")).to_be_visible()

    demander(voleur, marie)
    connecter(chez_elle.context, marie, serveur)
    chez_elle.goto("/mon-espace/")
    expect(chez_elle.get_by_role("main")).to_contain_text("Quelqu'un demande à remplacer votre second facteur")
    poster(chez_elle, chez_elle.get_by_role("button", name="Annuler cette demande"))
    titre(chez_elle, "Changer de mot de passe")
    expect(chez_elle.get_by_role("main")).to_contain_text("votre second facteur reste")

    demander(voleur, marie)
    chez_elle.context.clear_cookies()
    jusqu_au_second_facteur(chez_elle, marie)
    remplir(chez_elle, {"Code à 6 chiffres, ou code de rechange": code_totp(SECRET_TOTP)})
    poster(chez_elle, chez_elle.get_by_role("button", name="Valider", exact=True))
    expect(chez_elle.get_by_role("main")).to_contain_text("la demande de le remplacer est annulée")
    assert Authenticator.objects.exists()
