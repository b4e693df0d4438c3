"""Ce qui attend la personne qui revient : lien mort dont la demande a abouti, second établissement, SIRET douteux."""

from __future__ import annotations

import pytest
from django.test import Client

from apart.comptes.models import Jeton, QuestionSecrete
from apart.etablissements.models import DemandeRejoindre
from tests.boite import Boite
from tests.comptes.fabriques import lu
from tests.etablissements.parcours import (
    SAISIE,
    SIRET,
    donner_siret,
    fiche,
    ouvrir,
    ouvrir_directement,
    recevoir_lien,
    transmettre,
)
from tests.preuves import preuve
from tests.travail import travailler

pytestmark = [pytest.mark.django_db, pytest.mark.jour]

AUTRE_SIRET = "35600000024221"
PAUL = {"nom": "Martin", "prenom": "Paul", "telephone": "06 11 22 33 44", "courriel": "paul@boulangerie-durand.fr"}


def test_le_lien_d_un_espace_deja_ouvert_mene_a_la_connexion_sans_promettre_un_autre_lien(
    client: Client, boite: Boite
) -> None:
    fiche()
    lettre = recevoir_lien(client, boite)
    ouvrir(client, lettre)

    page = client.get(lettre.chemin).content.decode()

    assert "Ce lien a déjà servi" in page
    assert "Me connecter" in page
    assert "Recevoir un nouveau lien" not in page


def test_le_lien_expire_d_un_espace_pas_encore_ouvert_en_donne_un_autre(client: Client, boite: Boite) -> None:
    fiche()
    lettre = recevoir_lien(client, boite)
    Jeton.objects.update(annule_le=Jeton.objects.get().emis_le)

    assert "Recevoir un nouveau lien" in client.get(lettre.chemin).content.decode()


def test_le_lien_d_une_demande_a_rejoindre_deja_transmise_le_dit(client: Client, boite: Boite) -> None:
    fiche()
    marie = ouvrir_directement(boite)
    rejoindre = donner_siret(client)["Location"].replace("/creer/deja-connu/", "/rejoindre/demande/")
    client.post(rejoindre, PAUL | preuve("rejoindre"))
    travailler()
    lettre = boite.recevoir_une()
    transmettre(client, lettre)

    page = client.get(lettre.chemin).content.decode()

    assert "Votre demande est déjà transmise" in page
    assert "Recevoir un nouveau lien" not in page

    espace = Client()
    espace.force_login(marie)
    espace.post(f"/etablissements/{SIRET}/demandes/{DemandeRejoindre.objects.get().pk}/refuser")
    page = lu(client.get(lettre.chemin))
    assert "L'établissement a répondu à votre demande" in page
    assert "Recevoir un nouveau lien" not in page


def test_une_personne_connectee_ne_retape_pas_ses_coordonnees_pour_un_second_etablissement(boite: Boite) -> None:
    fiche()
    fiche(AUTRE_SIRET)
    marie = ouvrir_directement(boite)
    client = Client()
    client.force_login(marie)

    formulaire = client.get(donner_siret(client, AUTRE_SIRET)["Location"]).context["form"]

    assert formulaire["nom"].value() == SAISIE["nom"]
    assert formulaire["courriel_utilisateur"].value() == SAISIE["courriel_utilisateur"]


def test_le_second_etablissement_s_annonce_ajoute_et_ramene_a_l_espace(boite: Boite) -> None:
    fiche()
    fiche(AUTRE_SIRET)
    marie = ouvrir_directement(boite)
    client = Client()
    client.force_login(marie)

    page = ouvrir(client, recevoir_lien(Client(), boite, AUTRE_SIRET), None).content.decode()

    assert "Établissement ajouté à votre espace" in page
    assert "Votre espace est ouvert" not in page
    assert "Aller à mon espace" in page


def test_la_question_choisie_a_l_ouverture_n_est_pas_annoncee_comme_un_changement(
    client: Client, boite: Boite
) -> None:
    fiche()
    ouvrir(client, recevoir_lien(client, boite), question="rue", reponse="allée des Ormes")

    assert len([lettre for lettre in boite.recevoir() if lettre.a == SAISIE["courriel_utilisateur"]]) == 2
    assert QuestionSecrete.objects.get().question == "rue"


@pytest.mark.parametrize(("siret", "etat"), [(SIRET, "absent"), ("73282932000075", "cle"), ("0" * 14, "cle")])
def test_pendant_la_frappe_une_cle_fausse_ne_passe_pas_pour_un_etablissement_inconnu(
    client: Client, siret: str, etat: str
) -> None:
    assert client.get(f"/espace/siret/{siret}/").json() == {"etat": etat}


def test_un_etablissement_ferme_propose_l_assistance_d_un_clic(client: Client) -> None:
    fiche(est_fermee=True)

    assert f"motif=fiche-etablissement&amp;siret={SIRET}" in donner_siret(client).content.decode()
