"""Les limites d'envoi protègent la personne : ce que des inconnus dépensent ne lui manque pas (T15)."""

from __future__ import annotations

import itertools
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test import Client

from apart.courriels.actions import admettre, effacer_les_retenus
from apart.courriels.models import CourrielRetenu, Demandeur, ObjetDemande
from tests.assistance.fabriques import depot
from tests.boite import Boite
from tests.comptes.fabriques import agent, entrer, lu, personne
from tests.comptes.test_recuperation import demander, recevoir, secret
from tests.etablissements.parcours import donner_siret, fiche, ouvrir_directement, remplir
from tests.preuves import preuve, sans_javascript
from tests.travail import travailler

pytestmark = [pytest.mark.django_db, pytest.mark.jour, pytest.mark.usefixtures("temps")]
RESEAUX = itertools.count(1)


def taper_l_adresse(courriel: str, client: Client | None = None) -> Any:
    """« J'ai oublié mon identifiant », depuis un réseau neuf."""
    client = client or Client(REMOTE_ADDR=f"203.0.113.{next(RESEAUX)}")
    return client.post("/identifiant-oublie/", {"courriel": courriel} | preuve("identifiant-oublie"))


def harceler(courriel: str, boite: Boite) -> int:
    """Dix inconnus tapent cette adresse ; rend combien de messages sont partis."""
    for _ in range(10):
        taper_l_adresse(courriel)
    travailler()
    return len(boite.recevoir())


@pytest.mark.menace("T15")
def test_t15_dix_inconnus_laissent_a_la_personne_sa_recuperation(boite: Boite, temps: time_machine.Traveller) -> None:
    marie = personne()
    assert harceler(marie.courriel, boite) == 3

    demander(Client(), marie.identifiant)  # par son identifiant, aussitôt
    travailler()
    assert boite.recevoir_une().objet == "Choisir un nouveau mot de passe"

    temps.shift(timedelta(minutes=15))  # par son adresse, au quart d'heure suivant
    taper_l_adresse(marie.courriel)
    travailler()
    assert boite.recevoir_une().objet == "Votre identifiant pour l'activité partielle"


@pytest.mark.menace("T15")
def test_t15_un_appareil_reconnu_a_ses_propres_places(boite: Boite) -> None:
    marie, sien = personne(), Client()
    entrer(sien, marie.identifiant)
    sien.post("/deconnexion/")
    harceler(marie.courriel, boite)
    for _ in range(4):  # celui qui connaît l'identifiant n'y change rien non plus
        demander(Client(), marie.identifiant)
    travailler()
    boite.recevoir()

    taper_l_adresse(marie.courriel, sien)
    demander(sien, marie.identifiant)
    travailler()

    assert {lettre.objet for lettre in boite.recevoir()} == {
        "Votre identifiant pour l'activité partielle",
        "Choisir un nouveau mot de passe",
    }


@pytest.mark.menace("T15")
def test_t15_l_appareil_d_un_autre_ne_vaut_rien_ici(boite: Boite) -> None:
    marie, jean, autre = personne(), personne("jean@garage.fr"), Client()
    entrer(autre, jean.identifiant)
    autre.post("/deconnexion/")
    harceler(marie.courriel, boite)

    taper_l_adresse(marie.courriel, autre)
    travailler()

    assert boite.recevoir() == []


@pytest.mark.menace("T15")
def test_t15_qui_tient_un_lien_recu_en_obtient_un_autre(client: Client, boite: Boite) -> None:
    marie = personne()
    lien = recevoir(client, boite, marie)
    for _ in range(5):
        demander(Client(), marie.identifiant)
    travailler()
    boite.recevoir()

    page = lu(client.post("/mot-de-passe-oublie/renouveler/", {"jeton": secret(lien)}))

    assert boite.recevoir_une().a == marie.courriel
    assert "Un nouveau lien part à la même adresse." in page


def test_un_lien_retenu_n_est_pas_dit_parti(client: Client, boite: Boite) -> None:
    lien = recevoir(client, boite, personne())
    for _ in range(3):
        client.post("/mot-de-passe-oublie/renouveler/", {"jeton": secret(lien)})
    boite.recevoir()

    pages = [
        lu(client.post("/mot-de-passe-oublie/renouveler/", {"jeton": jeton})) for jeton in (secret(lien), "inconnu")
    ]

    assert boite.recevoir() == []
    assert all("Aucun lien ne part" in page and "Un nouveau lien part" not in page for page in pages)


@pytest.mark.menace("T15")
def test_t15_l_agent_a_ses_places_et_lit_ce_qui_est_retenu_et_pourquoi(client: Client, boite: Boite) -> None:
    marie = ouvrir_directement_avec_fiche(boite)
    demande = depot(siret="73282932000074", courriel="perdue@ailleurs.fr").demande
    boite.recevoir()
    assert harceler(marie.courriel, boite) == 3
    client.force_login(agent())
    membre = marie.habilitations.get()

    dossier = lu(client.get(f"/agents/assistance/{demande.pk}/"))
    assert "l'identifiant, demandé 7 fois par quelqu'un qui a tapé l'adresse" in dossier
    assert "Rien n'est parti : 3 messages pareils venaient de partir, pour 15 minutes." in dossier

    renvoyer = f"/agents/assistance/{demande.pk}/renvoyer/{membre.pk}/identifiant/"
    pages = [lu(client.post(renvoyer, {"motif": "pas_recu"}, follow=True)) for _ in range(4)]
    assert len(boite.recevoir()) == 3
    assert ["Le message part vers" in page for page in pages] == [True, True, True, False]
    assert f"Rien ne part vers {marie.courriel} : le message est retenu." in pages[3]


def ouvrir_directement_avec_fiche(boite: Boite) -> Any:
    fiche()
    return ouvrir_directement(boite)


def test_la_personne_connectee_voit_ce_qui_est_retenu_et_pourquoi(client: Client, boite: Boite) -> None:
    marie, jean = personne(), personne("jean@garage.fr")
    harceler(marie.courriel, boite)

    client.force_login(marie)
    page = lu(client.get("/mon-espace/securite/"))
    client.force_login(jean)
    autre = lu(client.get("/mon-espace/securite/"))

    assert "L'identifiant, 7 fois, demandé par quelqu'un qui a tapé l'adresse." in page
    assert "Les suivants partiront à partir de 12 h 15, heure de Paris" in page
    assert "Messages retenus" not in autre


def test_ce_qui_est_retenu_s_efface_apres_trente_jours(temps: time_machine.Traveller) -> None:
    for _ in range(4):
        admettre("marie@exemple.fr", objet=ObjetDemande.ESPACE, demandeur=Demandeur.INCONNU)
    temps.shift(timedelta(days=29))
    assert effacer_les_retenus() == 0
    temps.shift(timedelta(days=2))
    assert effacer_les_retenus() == 1


@pytest.mark.menace("T15")
def test_t15_une_boite_est_une_seule_cle_sous_toutes_ses_etiquettes() -> None:
    admis = [
        admettre(adresse, objet=ObjetDemande.ESPACE, demandeur=Demandeur.INCONNU)
        for adresse in ("marie@exemple.fr", "marie+1@exemple.fr", "Marie+deux@Exemple.FR", "MARIE@exemple.fr")
    ]

    assert admis == [True, True, True, False]
    assert admettre("marie@autre.fr", objet=ObjetDemande.ESPACE, demandeur=Demandeur.INCONNU)


@pytest.mark.menace("T15")
@pytest.mark.django_db(transaction=True)
def test_t15_vingt_demandes_au_meme_instant_ne_font_que_trois_messages() -> None:
    def demander_une(_: int) -> bool:
        try:
            return admettre("marie@exemple.fr", objet=ObjetDemande.ESPACE, demandeur=Demandeur.INCONNU)
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as fils:
        assert list(fils.map(demander_une, range(20))).count(True) == 3
    assert CourrielRetenu.objects.get().nombre == 17


def demander_a_rejoindre(client: Client) -> Any:
    page = donner_siret(client)["Location"].replace("/creer/deja-connu/", "/rejoindre/demande/")
    saisie = {"nom": "Blanc", "prenom": "Léa", "telephone": "06 02 03 04 05", "courriel": "lea@exemple.fr"}
    return client.post(page, saisie | preuve("rejoindre"))


ENTREES = {"espace": remplir, "rejoindre": demander_a_rejoindre}


@pytest.mark.menace("T22")
@pytest.mark.parametrize("chemin", ["mot de passe", "espace", "rejoindre"])
def test_t22_renvoyer_porte_la_meme_preuve_que_le_formulaire(client: Client, boite: Boite, chemin: str) -> None:
    marie = personne()
    fiche()
    if chemin == "rejoindre":
        ouvrir_directement(boite)
    attente = demander(client, marie.identifiant) if chemin == "mot de passe" else ENTREES[chemin](client)
    travailler()
    boite.recevoir()
    page = lu(client.get(attente["Location"]))
    bouton = page.split('action="')[1].split('"')[0]

    sans = client.post(bouton)
    travailler()

    assert sans.status_code == 400
    assert "Renvoyer le message" in lu(sans)
    assert boite.recevoir() == []
    for preuves in (preuve("renvoyer"), sans_javascript("renvoyer")):
        assert client.post(bouton, preuves).status_code == 302
        travailler()
        assert len(boite.recevoir()) == 1


@pytest.mark.menace("T22")
def test_t22_redemander_son_lien_de_suivi_aussi(client: Client, boite: Boite) -> None:
    depot()
    boite.recevoir()

    refus = client.post("/aide/suivi/", {"courriel": "marie.durand@boulangerie.fr"})
    travailler()

    assert refus.status_code == 400
    assert 'value="marie.durand@boulangerie.fr"' in lu(refus)
    assert boite.recevoir() == []
