"""Cas n° 2 : l'établissement a déjà un espace. Identifiant oublié, demander à rejoindre, vingt créations à la fois."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.utils import timezone

from apart.comptes.models import Utilisateur
from apart.etablissements.actions.rejoindre import purger_demandes
from apart.etablissements.echelle import en_bref
from apart.etablissements.etats import EtatRejoindre
from apart.etablissements.models import DemandeRejoindre, Etablissement, Habilitation, Preuve, Role
from tests.boite import Boite, Lettre
from tests.comptes.fabriques import lu
from tests.etablissements.parcours import (
    MOT_DE_PASSE,
    SAISIE,
    SIRET,
    donner_siret,
    fiche,
    ouvrir,
    ouvrir_directement,
    recevoir_lien,
    remplir,
    secret,
    transmettre,
)
from tests.preuves import preuve
from tests.travail import travailler

pytestmark = [pytest.mark.django_db, pytest.mark.jour]

PAUL = {"nom": "Martin", "prenom": "Paul", "telephone": "06 11 22 33 44", "courriel": "paul@boulangerie-durand.fr"}


@pytest.fixture
def marie(boite: Boite) -> Utilisateur:
    """Marie a ouvert l'espace de la boulangerie ; sa boîte est vide."""
    fiche()
    return ouvrir_directement(boite)


def connecter(utilisateur: Utilisateur) -> Client:
    client = Client()
    client.force_login(utilisateur)
    return client


@pytest.mark.usefixtures("marie")
def test_la_troisieme_porte_donne_toutes_les_preuves(client: Client) -> None:
    page = lu(client.get(donner_siret(client)["Location"]))

    assert en_bref() in page
    assert "une lettre à l'adresse du répertoire ou une attestation" in page


def demander(client: Client, **changements: str) -> Any:
    connu = donner_siret(client)["Location"]
    return client.post(
        connu.replace("/creer/deja-connu/", "/rejoindre/demande/"), PAUL | changements | preuve("rejoindre")
    )


def confirmer(boite: Boite, **changements: str) -> list[Lettre]:
    """Paul demande à rejoindre et prouve son adresse ; rend les messages qui s'ensuivent."""
    demander(Client(), **changements)
    travailler()
    lettre = boite.recevoir_une()
    transmettre(Client(), lettre)
    return boite.recevoir()


def repondre(par: Utilisateur, geste: str) -> Any:
    demande = DemandeRejoindre.objects.get()
    return connecter(par).post(f"/etablissements/{SIRET}/demandes/{demande.pk}/{geste}")


def test_la_page_dit_pourquoi_l_etablissement_peut_etre_connu_jamais_par_qui(
    client: Client, marie: Utilisateur
) -> None:
    page = client.get(donner_siret(client)["Location"]).content.decode()

    assert "Cet établissement a déjà un espace" in page
    assert "Un collègue, un ancien collègue, votre cabinet comptable" in page
    for indice in (marie.nom, marie.courriel, marie.identifiant, "m•••", "Boulangerie", str(marie.cree_le.year) + "-"):
        assert indice not in page


def test_les_trois_portes_menent_quelque_part(client: Client, marie: Utilisateur) -> None:
    page = client.get(donner_siret(client)["Location"]).content.decode()

    assert 'href="/identifiant-oublie/"' in page
    assert "/espace/rejoindre/demande/" in page
    assert f"/aide/assistance/?motif=habilitation&amp;siret={SIRET}" in page


def test_l_identifiant_oublie_arrive_avec_les_etablissements_qu_il_ouvre(boite: Boite, marie: Utilisateur) -> None:
    Client().post("/identifiant-oublie/", {"courriel": " Marie@Boulangerie-Durand.FR "} | preuve("identifiant-oublie"))
    travailler()

    lettre = boite.recevoir_une()

    assert lettre.a == marie.courriel
    assert marie.identifiant_lisible in lettre.texte
    assert marie.identifiant_lisible not in lettre.objet
    assert "Boulangerie Durand, SIRET 732 829 320 00074" in lettre.texte


def test_une_demande_a_rejoindre_ne_previent_personne_avant_la_preuve_de_l_adresse(
    boite: Boite, marie: Utilisateur
) -> None:
    demander(Client())
    travailler()

    assert [lettre.a for lettre in boite.recevoir()] == [PAUL["courriel"]]


def test_l_adresse_prouvee_previent_les_utilisateurs_principaux(boite: Boite, marie: Utilisateur) -> None:
    lettres = confirmer(boite)

    assert [lettre.a for lettre in lettres] == [marie.courriel]
    assert "Paul Martin" in lettres[0].texte


def test_un_principal_accepte_et_la_personne_entre(boite: Boite, marie: Utilisateur) -> None:
    confirmer(boite)
    repondre(marie, "accepter")
    admission = boite.recevoir_une()

    Client().get(admission.chemin)
    page = Client().post(
        "/espace/rejoindre/entrer/", {"jeton": secret(admission), "etape": "entrer", "mot_de_passe": MOT_DE_PASSE}
    )

    paul = Utilisateur.objects.get(courriel=PAUL["courriel"])
    assert paul.identifiant_lisible in page.content.decode()
    identifiants = [x.texte for x in boite.recevoir() if x.objet.startswith("Votre identifiant")]
    assert [paul.identifiant_lisible in texte for texte in identifiants] == [True]
    habilitation = Habilitation.objects.get(utilisateur=paul)
    assert (habilitation.role, habilitation.preuve) == (Role.MEMBRE, Preuve.MEMBRE)


def test_un_lien_d_admission_expire_dit_combien_de_jours_il_valait(
    client: Client, boite: Boite, marie: Utilisateur
) -> None:
    confirmer(boite)
    repondre(marie, "accepter")
    admission = boite.recevoir_une()
    with time_machine.travel(timezone.now() + timedelta(days=8)):
        refus = client.get(admission.chemin).content.decode()
        client.post("/espace/rejoindre/renouveler/", {"jeton": secret(admission)})
        nouvelle = boite.recevoir_une()
        page = client.get(nouvelle.chemin)

    assert "Ce lien a expiré\u00a0: il valait 7 jours." in refus
    assert page.status_code == 200


def test_une_personne_deja_connue_entre_sans_nouveau_mot_de_passe(boite: Boite, marie: Utilisateur) -> None:
    paul = Utilisateur.objects.create(courriel=PAUL["courriel"], nom="Martin", prenom="Paul")
    confirmer(boite)

    repondre(marie, "accepter")

    assert Etablissement.objects.visibles_par(paul).get().siret == SIRET
    assert boite.recevoir_une().objet.startswith("Habilitation à l'activité partielle")


def test_un_principal_refuse_et_la_personne_est_prevenue(boite: Boite, marie: Utilisateur) -> None:
    confirmer(boite)
    repondre(marie, "refuser")

    lettre = boite.recevoir_une()

    assert lettre.a == PAUL["courriel"]
    assert "n'a pas été acceptée" in " ".join(lettre.texte.split())
    assert "Durand" not in lettre.texte  # un refus n'apprend rien sur l'établissement
    assert not Utilisateur.objects.filter(courriel=PAUL["courriel"]).exists()


def test_on_ne_repond_pas_deux_fois(boite: Boite, marie: Utilisateur) -> None:
    confirmer(boite)
    repondre(marie, "refuser")

    assert repondre(marie, "accepter")["Location"] == f"/etablissements/{SIRET}/"  # où la page dit « déjà refusé »
    assert DemandeRejoindre.objects.get().etat == EtatRejoindre.REFUSEE


def test_un_membre_qui_n_est_pas_principal_ne_repond_pas(boite: Boite, marie: Utilisateur) -> None:
    membre = Utilisateur.objects.create(courriel="lea@exemple.fr", nom="Petit", prenom="Léa")
    Habilitation.objects.create(
        utilisateur=membre, etablissement=Etablissement.objects.get(), role=Role.MEMBRE, preuve=Preuve.MEMBRE
    )
    confirmer(boite)

    assert repondre(membre, "accepter").status_code == 404


def test_un_seul_etablissement_on_y_est_directement(marie: Utilisateur) -> None:
    assert connecter(marie).get("/mon-espace/")["Location"] == f"/etablissements/{SIRET}/"


def test_un_espace_ouvert_pendant_ma_demande_m_envoie_vers_les_trois_portes(boite: Boite) -> None:
    fiche()
    paul = {"courriel_utilisateur": PAUL["courriel"], "confirmer_courriel_utilisateur": PAUL["courriel"]}
    de_paul, de_marie = recevoir_lien(Client(), boite, **paul), recevoir_lien(Client(), boite)
    ouvrir(Client(), de_marie)

    page = ouvrir(Client(), de_paul)

    assert page.status_code == 409
    assert "Il vient d'être ouvert par quelqu'un d'autre" in page.content.decode().replace("&#x27;", "'")
    assert not Utilisateur.objects.filter(courriel=PAUL["courriel"]).exists()


@pytest.mark.django_db(transaction=True)
@pytest.mark.menace("T37")
def test_t37_vingt_creations_simultanees_d_un_siret_font_un_espace(boite: Boite) -> None:
    fiche()
    for rang in range(20):
        courriel = f"personne{rang}@exemple.fr"
        client = Client(REMOTE_ADDR=f"203.0.113.{rang}")
        remplir(client, courriel_utilisateur=courriel, confirmer_courriel_utilisateur=courriel)
    travailler()
    lettres = boite.recevoir()

    def envoyer(lettre: Lettre) -> int:
        try:
            return int(ouvrir(Client(), lettre).status_code)
        finally:
            connection.close()

    with ThreadPoolExecutor(20) as fils:
        statuts = sorted(fils.map(envoyer, lettres))

    assert statuts == [200] + [409] * 19
    assert Etablissement.objects.count() == Habilitation.objects.count() == Utilisateur.objects.count() == 1


@pytest.mark.menace("T1")
def test_t1_au_dela_de_vingt_siret_par_heure_il_faut_attendre(client: Client, marie: Utilisateur) -> None:
    reponses = [donner_siret(Client(REMOTE_ADDR="198.51.100.7")) for _ in range(21)]

    assert [reponse.status_code for reponse in reponses] == [302] * 20 + [429]
    assert int(reponses[-1]["Retry-After"]) > 0


@pytest.mark.menace("T1")
def test_t1_la_page_deja_connu_ne_s_obtient_pas_en_composant_son_adresse(client: Client, marie: Utilisateur) -> None:
    assert client.get(f"/espace/creer/deja-connu/{SIRET}/").status_code == 404


@pytest.mark.menace("T17")
def test_t17_un_nom_ne_met_pas_de_lien_dans_le_message_d_un_tiers(boite: Boite, marie: Utilisateur) -> None:
    lettre = confirmer(boite, nom="Cliquez http://evil.example/x")[0]

    assert "http://evil" not in lettre.texte + lettre.html
    assert "evil.example" not in lettre.texte + lettre.html


@pytest.mark.menace("T16")
def test_t16_un_nom_n_ajoute_pas_de_destinataire(boite: Boite, marie: Utilisateur) -> None:
    lettre = confirmer(boite, prenom="A\r\nBcc: espion@exemple.fr")[0]

    assert lettre.enveloppe_a == [marie.courriel]
    assert lettre.message["Bcc"] is None


@pytest.mark.menace("T25")
def test_t25_l_etablissement_d_autrui_est_introuvable(boite: Boite, marie: Utilisateur) -> None:
    etranger = Utilisateur.objects.create(courriel="autre@exemple.fr", nom="Autre", prenom="Jean")
    confirmer(boite)
    demande = DemandeRejoindre.objects.get()

    client = connecter(etranger)

    assert client.get(f"/etablissements/{SIRET}/").status_code == 404
    assert client.post(f"/etablissements/{SIRET}/demandes/{demande.pk}/accepter").status_code == 404


@pytest.mark.menace("T27")
def test_t27_des_champs_en_trop_ne_changent_rien(client: Client, boite: Boite) -> None:
    fiche()
    en_trop = {"est_agent": "1", "est_superviseur": "1", "role": "tiers", "preuve": "6", "ouverte_le": "2020-01-01"}
    formulaire = donner_siret(client)["Location"]
    client.post(formulaire, SAISIE | en_trop | {"siret": "35600000024221"} | preuve("creation-espace"))
    travailler()
    ouvrir(client, boite.recevoir_une())

    marie = Utilisateur.objects.get()
    assert not marie.est_agent
    assert Habilitation.objects.get().preuve == Preuve.COURRIEL
    assert Etablissement.objects.get().siret == SIRET


def test_une_demande_a_rejoindre_sans_suite_ou_tranchee_ne_reste_pas(marie: Utilisateur) -> None:
    boulangerie, maintenant = Etablissement.objects.get(), timezone.now()
    demandes = [DemandeRejoindre(etablissement=boulangerie, **PAUL) for _ in range(4)]
    attend, oubliee, tranchee, recente = demandes
    attend.deposee_le = attend.confirmee_le = maintenant - timedelta(days=60)
    oubliee.deposee_le, recente.deposee_le = maintenant - timedelta(days=8), maintenant - timedelta(days=6)
    tranchee.confirmee_le, tranchee.traitee_le = maintenant - timedelta(days=40), maintenant - timedelta(days=31)
    tranchee.traitee_par = marie
    attend.etat, tranchee.etat = EtatRejoindre.CONFIRMEE, EtatRejoindre.REFUSEE
    for demande in demandes:
        demande.save()

    assert purger_demandes() == 2

    assert set(DemandeRejoindre.objects.all()) == {attend, recente}
