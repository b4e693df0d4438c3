"""Une session volée change l'adresse : celle d'avant reprend le compte, et l'intrus n'en garde rien (T38)."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from allauth.mfa.models import Authenticator
from django.test import Client

from apart.comptes.actions import adresse, recuperation, secours, securite
from apart.comptes.actions.adresse import AdressePrise
from apart.comptes.etats import EtatFacteurPerdu
from apart.comptes.jetons import JetonRefuse
from apart.comptes.models import ChangementAdresse, CodeSecours, Jeton, QuestionSecrete, Session, Usage, Utilisateur
from tests.boite import Boite
from tests.comptes.changement import (
    APRES,
    AVANT,
    ENCORE,
    HEURE,
    JOUR,
    adresse_de,
    changer,
    prouver,
    recues,
    revenir,
    secret,
    taper,
)
from tests.comptes.fabriques import MOT_DE_PASSE, agent, entrer, equiper, lu, personne
from tests.comptes.perdus import demande
from tests.comptes.test_recuperation import choisir
from tests.comptes.test_recuperation import demander as oublier
from tests.preuves import preuve
from tests.travail import travailler

pytestmark = [pytest.mark.django_db, pytest.mark.jour]


def test_une_adresse_qui_change_annule_le_second_facteur_dit_perdu(
    voleur: Client, marie: Utilisateur, boite: Boite
) -> None:
    equiper(marie)
    perdu = demande(marie, EtatFacteurPerdu.ATTENTE)
    taper(voleur)
    prouver(recues(boite)[APRES], voleur)

    perdu.refresh_from_db()
    assert perdu.etat == EtatFacteurPerdu.ANNULEE


@pytest.mark.menace("T38")
def test_t38_une_session_volee_change_l_adresse_et_l_ancienne_la_reprend(
    voleur: Client, marie: Utilisateur, boite: Boite
) -> None:
    """L'intrus change l'adresse et le mot de passe, ajoute second facteur, question et code : rien ne tient."""
    taper(voleur)
    prouver(recues(boite)[APRES], voleur)
    d_avant = recues(boite)[AVANT]
    intrus = Utilisateur.objects.get(pk=marie.pk)
    securite.changer_mot_de_passe(intrus, mot_de_passe="clairon brume ecureuil safran", session=None, par=intrus)
    equiper(intrus)
    secours.enregistrer_question(intrus, question="rue", empreinte_reponse="x", par=intrus)
    code = secours.renouveler_code(intrus, par=intrus)
    entrer(voleur, marie.identifiant, "clairon brume ecureuil safran")
    recues(boite)

    assert "Remettre mon adresse" in lu(Client().get(d_avant.chemin))
    assert adresse_de(marie) == APRES
    page = revenir(d_avant)

    assert "Votre adresse est remise" in lu(page)
    marie.refresh_from_db()
    assert marie.courriel == AVANT
    assert not marie.check_password("clairon brume ecureuil safran")
    assert not marie.check_password(MOT_DE_PASSE)
    assert not Session.objects.filter(utilisateur=marie).exists()
    assert not Authenticator.objects.exists()
    assert not QuestionSecrete.objects.exists()
    assert not CodeSecours.objects.exists()
    with pytest.raises(JetonRefuse):
        recuperation.employer_code_de_secours(marie.identifiant, code, adresse="192.0.2.1")
    avis = recues(boite)
    assert avis[APRES].objet == "Cette adresse n'est plus celle de votre compte"
    assert avis[AVANT].objet == "L'adresse de votre compte est remise"
    choisir(Client(), avis[AVANT])
    marie.refresh_from_db()
    assert marie.check_password("un train part sans moi le dimanche")


@pytest.mark.menace("T38")
def test_t38_pendant_24_heures_rien_de_ce_qui_rend_le_compte_ne_part_a_la_nouvelle_adresse(
    voleur: Client, marie: Utilisateur, boite: Boite, temps: time_machine.Traveller
) -> None:
    """Mot de passe et identifiant oubliés, envoi d'un agent : l'ancienne reçoit de quoi reprendre le compte."""
    changer(voleur, boite)
    paul = agent()

    def par_l_identifiant() -> None:
        oublier(Client(), marie.identifiant)

    def par_l_adresse() -> None:
        Client().post("/identifiant-oublie/", {"courriel": APRES} | preuve("identifiant-oublie"))

    def par_l_agent() -> None:
        recuperation.envoyer_reinitialisation(Utilisateur.objects.get(pk=marie.pk), par=paul)

    for essai in (par_l_identifiant, par_l_adresse, par_l_agent):
        essai()
        travailler()
        arrivees = recues(boite)
        assert [*arrivees] == [AVANT]
        assert "/compte/adresse-d-avant/lien/" in arrivees[AVANT].lien
    assert not Jeton.objects.filter(usage=Usage.MOT_DE_PASSE).exists()

    temps.shift(JOUR)
    par_l_identifiant()
    travailler()
    assert [*recues(boite)] == [APRES]


@pytest.mark.menace("T38")
def test_t38_l_adresse_quittee_retrouve_son_compte_pendant_72_heures(
    voleur: Client, marie: Utilisateur, boite: Boite, temps: time_machine.Traveller
) -> None:
    """La page ne dit rien de plus qu'à une inconnue ; le message, lui, arrive."""
    changer(voleur, boite)
    temps.shift(71 * HEURE)
    pages = []
    for courriel in (AVANT, "personne@exemple.fr"):
        saisie = {"courriel": courriel} | preuve("identifiant-oublie")
        pages.append(Client().post("/identifiant-oublie/", saisie, follow=True).status_code)
        travailler()
    lettre = recues(boite)[AVANT]
    assert pages == [200, 200]

    temps.shift(2 * HEURE)
    page = revenir(lettre)

    assert page.status_code == 410
    assert "Ce lien a expiré" in lu(page)
    assert adresse_de(marie) == APRES
    Client().post("/identifiant-oublie/", {"courriel": AVANT} | preuve("identifiant-oublie"))
    travailler()
    assert not recues(boite)


@pytest.mark.menace("T38")
@pytest.mark.parametrize(("apres", "revient"), [(timedelta(hours=71, minutes=59), True), (72 * HEURE, False)])
def test_t38_le_lien_de_retour_vaut_72_heures(
    voleur: Client,
    marie: Utilisateur,
    boite: Boite,
    temps: time_machine.Traveller,
    apres: timedelta,
    revient: bool,
) -> None:
    d_avant = changer(voleur, boite)[AVANT]
    temps.shift(apres)

    revenir(d_avant)

    assert (adresse_de(marie) == AVANT) is revient


@pytest.mark.menace("T38")
def test_t38_un_second_changement_n_ote_pas_son_lien_a_la_premiere_adresse(
    voleur: Client, marie: Utilisateur, boite: Boite
) -> None:
    """L'intrus passe à une troisième adresse, puis revient de là : la première reprend tout, et lui plus rien."""
    premiere = changer(voleur, boite)[AVANT]
    entrer(voleur, marie.identifiant)
    seconde = changer(voleur, boite, ENCORE)[APRES]
    assert adresse_de(marie) == ENCORE

    revenir(seconde)
    assert adresse_de(marie) == APRES
    revenir(premiere)

    assert adresse_de(marie) == AVANT
    assert ChangementAdresse.objects.faits().count() == 0
    assert revenir(seconde).status_code == 410
    assert adresse_de(marie) == AVANT


@pytest.mark.menace("T38")
def test_t38_revenir_ferme_le_retour_des_changements_d_apres(voleur: Client, marie: Utilisateur, boite: Boite) -> None:
    premiere = changer(voleur, boite)[AVANT]
    entrer(voleur, marie.identifiant)
    seconde = changer(voleur, boite, ENCORE)[APRES]

    revenir(premiere)
    avis = recues(boite)

    assert {APRES, ENCORE, AVANT} == set(avis)
    assert revenir(seconde).status_code == 410
    assert adresse_de(marie) == AVANT


@pytest.mark.menace("T38")
def test_t38_retaper_l_adresse_d_avant_y_envoie_de_quoi_la_remettre_et_ne_donne_aucun_retour_a_l_intrus(
    voleur: Client, marie: Utilisateur, boite: Boite
) -> None:
    changer(voleur, boite)
    entrer(voleur, marie.identifiant)

    taper(voleur, AVANT)
    recue = recues(boite)

    assert [*recue] == [AVANT]
    revenir(recue[AVANT])
    assert adresse_de(marie) == AVANT
    assert not Jeton.objects.vivants().filter(usage=Usage.RETOUR_ADRESSE).exists()


@pytest.mark.menace("T38")
def test_t38_ce_qui_protegeait_le_compte_avant_la_demande_reste(
    voleur: Client, marie: Utilisateur, boite: Boite, temps: time_machine.Traveller
) -> None:
    """Qui lit en cachette l'ancienne messagerie n'en retire ni le second facteur, ni la question."""
    equiper(marie)
    secours.enregistrer_question(marie, question="rue", empreinte_reponse="x", par=marie)
    temps.shift(timedelta(minutes=1))
    d_avant = changer(voleur, boite)[AVANT]

    revenir(d_avant)

    assert Authenticator.objects.filter(user=marie).exists()
    assert QuestionSecrete.objects.filter(utilisateur=marie).exists()


@pytest.mark.menace("T38")
def test_t38_nul_n_ouvre_de_compte_a_une_adresse_qui_peut_revenir(
    voleur: Client, marie: Utilisateur, boite: Boite, temps: time_machine.Traveller
) -> None:
    changer(voleur, boite)
    luc = personne("luc@boulangerie.fr")
    adresse.demander(luc, courriel=AVANT, par=luc)
    lettre = recues(boite)[AVANT]

    with pytest.raises(AdressePrise):
        adresse.changer(secret(lettre))
    with pytest.raises(AdressePrise):
        adresse.exiger_libre(AVANT)

    temps.shift(72 * HEURE)
    adresse.exiger_libre(AVANT)


@pytest.mark.menace("T38")
def test_t38_choisir_un_nouveau_mot_de_passe_tue_la_demande_en_cours(
    voleur: Client, marie: Utilisateur, boite: Boite
) -> None:
    taper(voleur)
    lettre = recues(boite)[APRES]

    oublier(Client(), marie.identifiant)
    travailler()
    choisir(Client(), recues(boite)[AVANT])

    assert prouver(lettre).status_code == 410
    assert adresse_de(marie) == AVANT


@pytest.mark.menace("T38")
def test_t38_la_premiere_adresse_prouvee_tue_les_autres_demandes(
    voleur: Client, marie: Utilisateur, boite: Boite
) -> None:
    taper(voleur)
    taper(voleur, ENCORE)
    lettres = recues(boite)

    prouver(lettres[ENCORE])

    assert prouver(lettres[APRES]).status_code == 410
    assert adresse_de(marie) == ENCORE
