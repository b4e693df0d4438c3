"""Ce qui a été tapé avant la preuve de l'adresse n'est pas cru après : la personne relit, corrige, et choisit."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client
from pytest_django.fixtures import Settings

from apart.comptes.models import QuestionSecrete, Utilisateur
from apart.etablissements.models import DemandeEspace, DemandeRejoindre, Etablissement, Habilitation
from tests.boite import Boite, Lettre
from tests.comptes.fabriques import lu
from tests.envois import ADRESSES
from tests.etablissements.parcours import (
    MOT_DE_PASSE,
    SIRET,
    donner_siret,
    fiche,
    lus,
    ouvrir,
    ouvrir_directement,
    recevoir_lien,
    relire,
    remplir,
    secret,
    transmettre,
)
from tests.preuves import preuve
from tests.travail import travailler

pytestmark = [pytest.mark.django_db, pytest.mark.jour]
AUTRE_SIRET = "35600000024221"
# Ce qu'un attaquant tape avec l'adresse de Marie : sa question, son téléphone, son adresse pour l'établissement.
ATTAQUE = {
    "question": "animal",
    "reponse": "mon furet",
    "telephone": "06 99 99 99 99",
    "courriel": "pirate@ailleurs.fr",
    "confirmer_courriel": "pirate@ailleurs.fr",
}
CONTACT = ("courriel", "confirmer_courriel")
LES_SIENS = {"telephone": "06 02 03 04 05", "courriel": "contact@boulangerie-durand.fr"}


@pytest.fixture
def piege(boite: Boite) -> Lettre:
    """Le message que Marie reçoit d'une demande qu'un autre a déposée."""
    fiche()
    return recevoir_lien(Client(), boite, **ATTAQUE)


def test_elle_voit_ce_qu_un_autre_a_saisi_avant_de_le_faire_sien(client: Client, piege: Lettre) -> None:
    page = relire(client, piege)

    assert "Vérifier vos informations" in page.text
    assert (lus(page)["telephone"], lus(page)["courriel"]) == ("06 99 99 99 99", "pirate@ailleurs.fr")
    assert not Etablissement.objects.exists()


def test_son_domaine_accentue_lui_est_montre_comme_elle_l_a_tape(client: Client, boite: Boite) -> None:
    fiche()
    lettre = recevoir_lien(Client(), boite, **dict.fromkeys((*ADRESSES, *CONTACT), "contact@boucherie-père.fr"))

    pages = [relire(client, lettre), ouvrir(client, lettre)]

    assert lettre.a == Etablissement.objects.get().courriel == "contact@xn--boucherie-pre-6gb.fr"
    assert lus(pages[0])["courriel"] == "contact@boucherie-père.fr"
    assert all("xn--" not in page.text for page in pages)


def test_chaque_etape_est_comptee_jusqu_au_mot_de_passe(client: Client, boite: Boite) -> None:
    fiche()
    formulaire = donner_siret(client)["Location"]
    lettre = recevoir_lien(client, boite)
    relecture = relire(client, lettre)
    pages = [client.get("/espace/creer/"), client.get(formulaire), relecture, choisir(client, lettre)]

    etapes = [re.findall(r"Étape (\d) sur (\d)", page.text) for page in pages]

    assert etapes == [[("1", "5")], [("2", "5")], [("4", "5")], [("5", "5")]]


def choisir(client: Client, lettre: Lettre) -> Any:
    return client.post("/espace/ouvrir/", lus(relire(client, lettre)))


def test_ce_qu_elle_corrige_est_ce_qui_est_garde(client: Client, piege: Lettre) -> None:
    ouvrir(client, piege, **LES_SIENS)

    marie, etablissement = Utilisateur.objects.get(), Etablissement.objects.get()
    assert (marie.telephone, etablissement.courriel) == ("+33602030405", "contact@boulangerie-durand.fr")


def test_la_question_de_l_attaquant_ne_devient_jamais_la_sienne(client: Client, piege: Lettre) -> None:
    ouvrir(client, piege, **LES_SIENS)

    assert not QuestionSecrete.objects.exists()


def test_elle_choisit_sa_question_et_sa_reponse_apres_la_preuve(client: Client, piege: Lettre) -> None:
    ouvrir(client, piege, question="rue", reponse="allée des Ormes")

    assert QuestionSecrete.objects.get().question == "rue"


def test_la_question_proposee_a_la_creation_l_attend_sans_reponse(client: Client, piege: Lettre) -> None:
    page = client.post("/espace/ouvrir/", lus(relire(client, piege)))

    assert page.context["form"]["question"].value() == "animal"
    assert not page.context["form"]["reponse"].value()
    assert "mon furet" not in page.text


def test_sans_relire_rien_ne_s_ouvre(client: Client, piege: Lettre) -> None:
    saisie = {"jeton": secret(piege), "etape": "ouvrir", "mot_de_passe": MOT_DE_PASSE}

    page = client.post("/espace/ouvrir/", saisie)

    assert page.status_code == 400
    assert "Vérifier vos informations" in page.text
    assert not Utilisateur.objects.exists()


def test_ce_qu_elle_a_lu_tient_meme_si_l_attaquant_change_sa_demande_entre_temps(
    client: Client, piege: Lettre
) -> None:
    lue = lus(relire(client, piege)) | LES_SIENS
    DemandeEspace.objects.update(courriel="autre@ailleurs.fr", telephone="+33788888888", denomination="Piège")
    client.post("/espace/ouvrir/", lue | {"etape": "ouvrir", "mot_de_passe": MOT_DE_PASSE})

    ouvert = Etablissement.objects.get()
    assert (ouvert.courriel, ouvert.denomination) == ("contact@boulangerie-durand.fr", "Boulangerie Durand")
    assert Utilisateur.objects.get().telephone == "+33602030405"


def test_qui_a_deja_un_identifiant_relit_aussi_avant_d_ajouter(client: Client, boite: Boite) -> None:
    fiche()
    fiche(AUTRE_SIRET)
    marie = ouvrir_directement(boite)
    piege = recevoir_lien(client, boite, AUTRE_SIRET, **ATTAQUE)

    page = relire(client, piege)
    ouvrir(client, piege, None, courriel="contact@boulangerie-durand.fr")

    assert lus(page)["courriel"] == "pirate@ailleurs.fr"
    assert "telephone" not in lus(page)  # le sien ne change pas
    assert Etablissement.objects.get(siret=AUTRE_SIRET).courriel == "contact@boulangerie-durand.fr"
    marie.refresh_from_db()
    assert marie.telephone == "+33602030405"


def test_une_faute_dans_ce_qui_est_relu_ne_fait_rien_perdre(client: Client, piege: Lettre) -> None:
    page = ouvrir(client, piege, code_postal="7501", prenom="Marion")

    assert page.status_code == 400
    assert "En France, un code postal a 5 chiffres" in page.text
    assert (lus(page)["code_postal"], lus(page)["prenom"]) == ("7501", "Marion")


def test_du_mot_de_passe_on_revient_corriger_sans_rien_retaper(client: Client, piege: Lettre) -> None:
    choix = client.post("/espace/ouvrir/", lus(relire(client, piege)) | {"prenom": "Marion"})

    page = client.post("/espace/ouvrir/", lus(choix) | {"etape": "relire"})

    assert "Vérifier vos informations" in page.text
    assert lus(page)["prenom"] == "Marion"


@pytest.mark.parametrize(("reglage", "visible"), [("desactivee", False), ("facultative", True), ("obligatoire", True)])
def test_la_question_suit_le_reglage_de_la_maison(
    client: Client, piege: Lettre, settings: Settings, reglage: str, visible: bool
) -> None:
    settings.QUESTION_SECRETE = reglage
    page = client.post("/espace/ouvrir/", lus(relire(client, piege)))

    assert ("Question secrète" in page.text) == visible
    ouverte = ouvrir(client, piege)
    assert (ouverte.status_code == 400) == (reglage == "obligatoire")


def test_le_formulaire_de_la_note_propose_la_question_et_garde_la_reponse_pour_apres(client: Client) -> None:
    fiche()
    page = lu(client.get(donner_siret(client)["Location"]))

    assert "Question secrète" in page
    assert "Vous y répondrez une fois votre adresse vérifiée." in page
    assert 'name="reponse"' not in page
    assert remplir(client, question="animal").status_code == 302


PIEGE_REJOINDRE = {"nom": "Pirate", "prenom": "Jo", "telephone": "06 99 99 99 99", "courriel": "lea@boulangerie.fr"}
LEA = {"nom": "Blanc", "prenom": "Léa", "telephone": "06 11 22 33 44"}


def rejoindre(boite: Boite) -> Lettre:
    """Le message que Léa reçoit d'une demande à rejoindre qu'un autre a déposée."""
    connu = donner_siret(Client())["Location"].replace("/creer/deja-connu/", "/rejoindre/demande/")
    Client().post(connu, PIEGE_REJOINDRE | preuve("rejoindre"))
    travailler()
    return boite.recevoir_une()


def test_une_demande_a_rejoindre_se_relit_avant_de_partir(client: Client, boite: Boite) -> None:
    fiche()
    marie = ouvrir_directement(boite)
    lettre = rejoindre(boite)

    page = client.post("/espace/rejoindre/confirmer/", {"jeton": secret(lettre)})
    assert lus(page)["nom"] == "Pirate"
    assert DemandeRejoindre.objects.get().confirmee_le is None
    transmettre(client, lettre, **LEA)

    (au_principal,) = boite.recevoir()
    assert au_principal.a == marie.courriel
    assert "Léa Blanc" in au_principal.texte
    assert "Pirate" not in au_principal.texte
    client.force_login(marie)
    client.post(f"/etablissements/{SIRET}/demandes/{DemandeRejoindre.objects.get().pk}/accepter")
    Client().post(
        "/espace/rejoindre/entrer/",
        {"jeton": secret(boite.recevoir_une()), "etape": "entrer", "mot_de_passe": MOT_DE_PASSE},
    )
    lea = Habilitation.objects.get(role="membre").utilisateur
    assert (lea.nom, lea.telephone) == ("Blanc", "+33611223344")
