"""Second facteur perdu : ce que peut, et ne peut pas, qui a volé le mot de passe, une session ou la boîte."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from allauth.mfa.models import Authenticator
from django.core.exceptions import PermissionDenied
from django.test import Client
from django.utils.timezone import now

from apart.comptes.actions import facteur_perdu
from apart.comptes.actions.facteur_perdu import FacteurPerduRefuse
from apart.comptes.jetons import JetonRefuse
from apart.comptes.models import FacteurPerdu, Utilisateur
from apart.comptes.retenue import AdresseRetenue
from apart.socle.automate import GesteImpossible
from tests.boite import Boite
from tests.comptes.fabriques import agent, entrer, equiper, lu, personne
from tests.comptes.test_facteur_perdu import (
    PERDU,
    E,
    annuler,
    demander,
    ouverte,
    passer,
    recevoir_le_lien,
    remplacer,
    secret,
)

pytestmark = [pytest.mark.django_db, pytest.mark.jour, pytest.mark.usefixtures("_hachage_rapide")]


@pytest.fixture
def marie() -> Utilisateur:
    return equiper(personne())


@pytest.mark.menace("T6")
def test_t6_sans_le_mot_de_passe_rien_ne_dit_qu_un_compte_a_un_second_facteur(marie: Utilisateur) -> None:
    autre = personne("luc.petit@boulangerie.fr")
    pages = []
    for identifiant in (marie.identifiant, autre.identifiant, "ZZZZZZZZ"):
        client = Client()
        essai = entrer(client, identifiant, "pas le bon mot de passe")
        pages.append([(essai.status_code, client.get(PERDU).status_code, "Recommencez" in lu(client.post(PERDU)))])

    assert pages[0] == pages[1] == pages[2] == [(200, 200, True)]
    assert not FacteurPerdu.objects.exists()


def test_sans_second_facteur_la_connexion_n_y_mene_pas(client: Client) -> None:
    luc = personne("luc.petit@boulangerie.fr")
    entrer(client, luc.identifiant)

    assert "Recommencez la connexion" in lu(client.get(PERDU))
    with pytest.raises(FacteurPerduRefuse):
        facteur_perdu.demander(luc, par=luc)


@pytest.mark.menace("T15")
def test_t15_redemander_n_envoie_rien_et_ne_fait_pas_repartir_le_delai(
    boite: Boite, temps: time_machine.Traveller, marie: Utilisateur
) -> None:
    """Le voleur du mot de passe insiste : une demande, trois avis."""
    for _ in range(20):
        voleur = Client()
        entrer(voleur, marie.identifiant)
        voleur.post(PERDU)
        temps.shift(timedelta(hours=1))

    demande = FacteurPerdu.objects.get()
    assert demande.ouvrable_le - demande.deposee_le == timedelta(hours=72)
    assert len(boite.recevoir()) == 1


@pytest.mark.menace("T15")
def test_t15_annulee_trois_fois_la_demande_attend_un_nouveau_mot_de_passe(boite: Boite, marie: Utilisateur) -> None:
    for _ in range(3):
        facteur_perdu.demander(marie, par=marie)
        facteur_perdu.annuler_connecte(marie, par=marie)
    with pytest.raises(FacteurPerduRefuse):
        facteur_perdu.demander(marie, par=marie)
    assert not FacteurPerdu.objects.en_cours().exists()
    assert len(boite.recevoir()) == 6

    marie.set_password("un train part sans moi le dimanche")
    marie.save()
    assert facteur_perdu.demander(marie, par=marie)  # la vraie personne n'est pas punie


@pytest.mark.menace("T11")
def test_t11_ni_le_lien_d_un_avis_ni_un_lien_d_avant_le_delai_ne_remplacent(
    boite: Boite, temps: time_machine.Traveller, marie: Utilisateur
) -> None:
    facteur_perdu.demander(marie, par=marie)
    avis = boite.recevoir_une()
    assert "Ce lien n'est pas complet" in lu(
        Client().post("/second-facteur-perdu/remplacer/", {"jeton": secret(avis.lien), "etape": "mot_de_passe"})
    )
    passer(temps, 71)
    with pytest.raises(GesteImpossible):
        facteur_perdu.envoyer_lien(marie, par=marie)
    voleur = Client()
    entrer(voleur, marie.identifiant)
    assert "Revenez à partir de" in lu(voleur.get(PERDU))
    assert "Le délai n'est pas passé" in lu(voleur.post(PERDU, follow=True))
    assert Authenticator.objects.exists()


@pytest.mark.menace("T11")
def test_t11_un_lien_d_avant_une_annulation_ne_vaut_plus(
    boite: Boite, temps: time_machine.Traveller, marie: Utilisateur
) -> None:
    ouverte(marie, temps)
    lien = recevoir_le_lien(Client(), marie, boite)
    facteur_perdu.annuler_connecte(marie, par=marie)

    with pytest.raises(JetonRefuse):
        facteur_perdu.remplacer(secret(lien))
    assert Authenticator.objects.exists()


@pytest.mark.menace("T38")
def test_t38_une_adresse_posee_depuis_moins_d_un_jour_ne_recoit_pas_le_lien(
    boite: Boite, temps: time_machine.Traveller, marie: Utilisateur
) -> None:
    ouverte(marie, temps)
    lien = recevoir_le_lien(Client(), marie, boite)
    Utilisateur.objects.filter(pk=marie.pk).update(adresse_posee_le=now())

    with pytest.raises(AdresseRetenue):
        facteur_perdu.envoyer_lien(marie, par=marie)
    assert "Votre adresse électronique vient de changer" in remplacer(Client(), lien)
    assert Authenticator.objects.exists()
    temps.shift(timedelta(hours=24))
    assert facteur_perdu.envoyer_lien(marie, par=marie)


@pytest.mark.menace("T38")
def test_t38_une_demande_ne_suit_pas_la_personne_a_une_autre_adresse(
    temps: time_machine.Traveller, marie: Utilisateur
) -> None:
    ouverte(marie, temps)
    Utilisateur.objects.filter(pk=marie.pk).update(courriel="voleur@ailleurs.fr")

    with pytest.raises(GesteImpossible):
        facteur_perdu.envoyer_lien(marie, par=marie)


def test_une_adresse_changee_pendant_le_delai_annule_la_demande(
    boite: Boite, temps: time_machine.Traveller, marie: Utilisateur
) -> None:
    facteur_perdu.demander(marie, par=marie)
    Utilisateur.objects.filter(pk=marie.pk).update(courriel="voleur@ailleurs.fr")
    passer(temps, 36)

    assert FacteurPerdu.objects.get().etat == E.ANNULEE
    assert [lettre.a for lettre in boite.recevoir()] == ["marie.durand@boulangerie.fr"]


@pytest.mark.menace("T21")
def test_t21_un_agent_ne_remplace_pas_seul_son_second_facteur(client: Client) -> None:
    paul = agent()
    entrer(client, paul.identifiant)

    page = lu(client.get(PERDU))
    assert "Prévenez un superviseur" in page
    assert "Demander le remplacement" not in page
    assert client.post(PERDU).status_code == 403
    with pytest.raises(PermissionDenied):
        facteur_perdu.demander(paul, par=paul)


@pytest.mark.menace("T11")
def test_t11_le_mot_de_passe_et_la_boite_ensemble_attendent_encore_et_se_voient(
    boite: Boite, temps: time_machine.Traveller, marie: Utilisateur
) -> None:
    """Le voleur lit la boîte et efface l'avis : la vraie Marie, qui a son téléphone, arrête tout en se connectant."""
    voleur, chez_elle = Client(), Client()
    chez_elle.force_login(marie)
    demander(voleur, marie)
    boite.recevoir()
    assert "Quelqu'un demande à remplacer" in lu(chez_elle.get("/mon-espace/securite/"))
    passer(temps, 71)
    assert Authenticator.objects.exists()
    assert "Rappel" in boite.recevoir_une().texte

    facteur_perdu.annuler_par_facteur(marie)
    passer(temps, 48)

    assert FacteurPerdu.objects.get().etat == E.ANNULEE
    assert Authenticator.objects.exists()


@pytest.mark.menace("T10")
def test_t10_un_analyseur_qui_suit_les_liens_n_annule_ni_ne_remplace(
    boite: Boite, temps: time_machine.Traveller, marie: Utilisateur
) -> None:
    ouverte(marie, temps)
    avis = boite.recevoir()
    lien = recevoir_le_lien(Client(), marie, boite)
    for adresse in (*(lettre.lien for lettre in avis), lien):
        assert Client().get(adresse).status_code == Client().head(adresse).status_code == 200

    assert FacteurPerdu.objects.get().etat == E.OUVERTE
    assert "La demande est annulée" in annuler(Client(), avis[-1])
    assert Client().get(lien).status_code == 410
    assert "Ce lien est remplacé" in lu(Client().post("/second-facteur-perdu/remplacer/", {"jeton": secret(lien)}))


@pytest.mark.menace("T4")
def test_t4_le_lien_n_offre_pas_d_essais_de_mot_de_passe_en_plus(
    boite: Boite, temps: time_machine.Traveller, marie: Utilisateur
) -> None:
    """Qui n'a que la boîte essaie des mots de passe : les freins de la connexion, les mêmes."""
    ouverte(marie, temps)
    lien = recevoir_le_lien(Client(), marie, boite)
    for essai in range(5):
        assert "Ce n'est pas votre mot de passe" in remplacer(Client(), lien, f"pas le bon {essai}")

    assert "trop d'essais" in remplacer(Client(), lien)
    assert Authenticator.objects.exists()
