"""Revenir sur un accord pas encore employé : le lien meurt, la personne sait pourquoi."""

from __future__ import annotations

import pytest
from django.test import Client

from apart.comptes.models import Usage, Utilisateur
from apart.etablissements.etats import EtatRejoindre
from apart.etablissements.models import DemandeRejoindre
from tests.boite import Boite
from tests.comptes.fabriques import lu
from tests.etablissements.gens import PERSONNES, d_une_ligne
from tests.monde import SIRET, Monde, creer_monde, demande_rejoindre
from tests.scene import PHRASE

pytestmark = [pytest.mark.django_db, pytest.mark.jour, pytest.mark.usefixtures("_hachage_rapide")]


@pytest.fixture
def monde() -> Monde:
    return creer_monde()


def annuler(monde: Monde, demande: DemandeRejoindre, qui: Utilisateur | None = None) -> str:
    client = monde.connecte(qui or monde.employeur)
    return lu(client.post(f"/etablissements/{SIRET}/demandes/{demande.pk}/annuler", follow=True))


def test_l_accord_annule_son_lien_n_ouvre_plus_et_dit_pourquoi(monde: Monde, boite: Boite) -> None:
    boite.recevoir()
    demande, secret = demande_rejoindre(monde, Usage.ADMISSION)
    assert "Léa Blanc peut entrer" in lu(monde.connecte(monde.employeur).get(PERSONNES))

    assert "L'accord donné à Léa Blanc est annulé" in annuler(monde, demande)

    page = Client().get(f"/espace/rejoindre/admission/lien/{secret}/")
    assert page.status_code == 410
    assert "L'établissement est revenu sur son accord" in lu(page)
    assert "un plus récent a servi" not in lu(page)
    entree = Client().post("/espace/rejoindre/entrer/", {"jeton": secret, "etape": "entrer", "mot_de_passe": PHRASE})
    assert entree.status_code == 410
    assert not Utilisateur.objects.par_courriel(demande.courriel)
    lettre = boite.recevoir_une()
    assert (lettre.a, "est revenu sur l'accord" in d_une_ligne(lettre)) == (demande.courriel, True)


def test_un_lien_annule_ne_se_renouvelle_pas(monde: Monde, boite: Boite) -> None:
    demande, secret = demande_rejoindre(monde, Usage.ADMISSION)
    annuler(monde, demande)
    boite.recevoir()

    Client().post("/espace/rejoindre/renouveler/", {"jeton": secret})

    assert not boite.recevoir()


def test_entree_entre_temps_on_dit_de_retirer_son_acces(monde: Monde) -> None:
    demande, _ = demande_rejoindre(monde, Usage.ADMISSION, EtatRejoindre.ENTREE)

    assert "Léa Blanc vient d'entrer" in annuler(monde, demande)

    demande.refresh_from_db()
    assert demande.etat == EtatRejoindre.ENTREE


@pytest.mark.menace("T25")
def test_t25_un_autre_etablissement_n_y_touche_pas(monde: Monde) -> None:
    demande, _ = demande_rejoindre(monde, Usage.ADMISSION)

    annuler(monde, demande, monde.voisin)

    demande.refresh_from_db()
    assert demande.etat == EtatRejoindre.ACCEPTEE
