"""Avant qu'une adresse soit prouvée, rien de ce qu'un inconnu a tapé n'est dans le courriel qu'elle reçoit (T17)."""

from __future__ import annotations

import pytest
from django.test import Client

from apart.courriels.models import Courriel
from tests.assistance.fabriques import depot
from tests.boite import Boite
from tests.comptes.fabriques import personne
from tests.etablissements.parcours import donner_siret, fiche, ouvrir_directement, remplir
from tests.preuves import preuve
from tests.travail import travailler

pytestmark = [pytest.mark.django_db, pytest.mark.jour]
INCONNU_DU_REPERTOIRE = "35600000024221"
TAPE = "CAISSE REMB caf-9.fr/remb"


@pytest.mark.menace("T17")
@pytest.mark.parametrize("connue", [True, False], ids=["adresse connue", "adresse neuve"])
@pytest.mark.parametrize("siret", ["73282932000074", INCONNU_DU_REPERTOIRE])
def test_t17_le_courriel_d_ouverture_porte_le_nom_du_repertoire_ou_le_siret_seul(
    client: Client, boite: Boite, siret: str, connue: bool
) -> None:
    fiche()
    if connue:
        personne("victime@exemple.fr")
    remplir(
        client,
        siret,
        denomination=TAPE,
        nom="Allez sur",
        prenom="t.co/x",
        ville="Remboursement",
        courriel_utilisateur="victime@exemple.fr",
        confirmer_courriel_utilisateur="victime@exemple.fr",
    )
    travailler()

    lettre = boite.recevoir_une()

    recu = lettre.objet + lettre.texte + lettre.html
    assert not [mot for mot in ("CAISSE", "caf-9", "remb", "Allez sur", "t.co", "Remboursement") if mot in recu]
    nom = "BOULANGERIE DURAND" if siret != INCONNU_DU_REPERTOIRE else "SIRET 356 000 000 24221"
    assert nom in lettre.objet
    assert nom in " ".join(lettre.texte.split())


@pytest.mark.menace("T17")
def test_t17_l_accuse_d_assistance_et_la_demande_a_rejoindre_non_plus(client: Client, boite: Boite) -> None:
    fiche()
    ouvrir_directement(boite)
    rejoindre = donner_siret(client)["Location"].replace("/creer/deja-connu/", "/rejoindre/demande/")
    saisie = {"nom": "Allez", "prenom": TAPE, "telephone": "06 02 03 04 05", "courriel": "victime@exemple.fr"}
    client.post(rejoindre, saisie | preuve("rejoindre"))
    travailler()
    depot(denomination=TAPE, nom_complet=TAPE, description=TAPE, courriel="victime@exemple.fr")

    recus = Courriel.objects.vers("victime@exemple.fr")

    assert {recu.modele for recu in recus} == {"confirmer_rejoindre", "assistance_accuse"}
    assert not [recu for recu in recus if "caf-9" in recu.objet + recu.texte + recu.html or "CAISSE" in recu.texte]
