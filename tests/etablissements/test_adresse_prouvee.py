"""Un lien ne prouve que l'adresse qui l'a reçu, et l'adresse d'une page ne désigne que sa propre demande."""

from __future__ import annotations

import pytest
from django.test import Client

from apart.comptes.models import Utilisateur
from apart.etablissements.models import DemandeEspace, DemandeRejoindre
from tests.boite import Boite
from tests.etablissements.parcours import (
    SAISIE,
    SIRET,
    donner_siret,
    fiche,
    ouvrir,
    ouvrir_directement,
    recevoir_lien,
)
from tests.preuves import preuve
from tests.travail import travailler

pytestmark = [pytest.mark.django_db, pytest.mark.jour]

VICTIME = {"courriel_utilisateur": "victime@ailleurs.fr", "confirmer_courriel_utilisateur": "victime@ailleurs.fr"}
PAUL = {"nom": "Martin", "prenom": "Paul", "telephone": "06 11 22 33 44", "courriel": "paul@boulangerie-durand.fr"}
AUTRE_SIRET = "55208131766522"


@pytest.mark.menace("T11")
def test_t11_un_lien_recu_avant_de_corriger_l_adresse_ne_prouve_pas_la_nouvelle(boite: Boite) -> None:
    fiche()
    client = Client()
    messagerie = _deposer(client)
    travailler()
    lettre = boite.recevoir_une()
    etape = messagerie.split("/")[4]
    client.post(f"/espace/creer/formulaire/{etape}/", SAISIE | VICTIME | preuve("creation-espace"))

    reponse = ouvrir(client, lettre)

    assert reponse.status_code == 410
    assert "Ce lien est remplacé" in reponse.text
    assert not Utilisateur.objects.exists()


def test_le_lien_recu_avant_de_corriger_autre_chose_sert_encore(boite: Boite) -> None:
    fiche()
    client = Client()
    etape = _deposer(client).split("/")[4]
    travailler()
    lettre = boite.recevoir_une()
    client.post(f"/espace/creer/formulaire/{etape}/", SAISIE | {"ville": "Lyon"} | preuve("creation-espace"))

    assert ouvrir(client, lettre).status_code == 200
    assert Utilisateur.objects.get().habilitations.get().etablissement.ville == "Lyon"


@pytest.mark.menace("T25")
def test_t25_l_adresse_d_une_demande_a_rejoindre_n_ouvre_pas_la_demande_d_espace_d_autrui(boite: Boite) -> None:
    fiche()
    ouvrir_directement(boite)
    client = Client()
    page = donner_siret(client)["Location"].replace("/creer/deja-connu/", "/rejoindre/demande/")
    etape = client.post(page, PAUL | preuve("rejoindre"))["Location"].split("/")[4]
    voisine = DemandeEspace.objects.get()  # d'un autre établissement, sous le même numéro que la demande à rejoindre
    voisine.pk, voisine.siret, voisine.ouverte_le = DemandeRejoindre.objects.get().pk, AUTRE_SIRET, None
    voisine.nom = "Secrète"
    voisine.save()

    vue = client.get(f"/espace/creer/formulaire/{etape}/")

    assert "Secrète" not in vue.text
    client.post(f"/espace/creer/formulaire/{etape}/", SAISIE | VICTIME | preuve("creation-espace"))
    voisine.refresh_from_db()
    assert voisine.nom == "Secrète"


def test_ouvrir_un_etablissement_ne_tue_pas_le_lien_d_un_autre(boite: Boite) -> None:
    fiche()
    fiche(AUTRE_SIRET)
    premier = recevoir_lien(Client(), boite)
    second = recevoir_lien(Client(), boite, AUTRE_SIRET)

    ouvrir(Client(), premier)

    assert ouvrir(Client(), second, None).status_code == 200
    assert Utilisateur.objects.get().habilitations.count() == 2


def _deposer(client: Client) -> str:
    formulaire = donner_siret(client, SIRET)["Location"]
    adresse: str = client.post(formulaire, SAISIE | preuve("creation-espace"))["Location"]
    return adresse
