"""« Renvoyer » : un accès repart vers l'adresse du compte, et nulle part ailleurs."""

from __future__ import annotations

import html

import pytest
from django.test import Client
from django.utils import timezone

from apart.assistance.models import DemandeAssistance
from apart.comptes.models import Utilisateur
from apart.etablissements.models import DemandeRejoindre, Etablissement, Habilitation, Preuve, Role
from apart.socle.models import EntreeJournal, journaliser
from tests.assistance.fabriques import SIRET, depot
from tests.boite import Boite
from tests.comptes.fabriques import agent, personne

pytestmark = [pytest.mark.django_db, pytest.mark.jour]


def lu(reponse: object) -> str:
    return html.unescape(reponse.content.decode())  # type: ignore[attr-defined]  # HttpResponse de test


def membre(siret: str = SIRET, courriel: str = "luc.petit@boulangerie.fr") -> Habilitation:
    etablissement = Etablissement.objects.create(
        siret=siret,
        denomination="Boulangerie du Lac",
        libelle_voie="DU PORT",
        code_postal="74000",
        ville="ANNECY",
        telephone_fixe="+33102030405",
        courriel="contact@boulangerie.fr",
    )
    return Habilitation.objects.create(
        utilisateur=personne(courriel), etablissement=etablissement, role=Role.PRINCIPAL, preuve=Preuve.COURRIEL
    )


def adresse(demande: DemandeAssistance, membre: Habilitation, quoi: str) -> str:
    return f"/agents/assistance/{demande.pk}/renvoyer/{membre.pk}/{quoi}/"


@pytest.fixture
def paul() -> Utilisateur:
    return agent()


@pytest.fixture
def bureau(client: Client, paul: Utilisateur) -> Client:
    client.force_login(paul)
    return client


@pytest.fixture
def demande(boite: Boite) -> DemandeAssistance:
    """Une demande dont l'accusé est déjà parti, faite depuis une autre adresse que celle du compte."""
    deposee = depot(courriel="inconnu@ailleurs.example").demande
    boite.recevoir()
    return deposee


def test_la_page_de_la_demande_propose_de_renvoyer_a_chaque_membre(bureau: Client, demande: DemandeAssistance) -> None:
    luc = membre()

    page = lu(bureau.get(f"/agents/assistance/{demande.pk}/"))

    assert adresse(demande, luc, "identifiant") in page
    assert adresse(demande, luc, "mot-de-passe") in page


@pytest.mark.parametrize("quoi", ["identifiant", "mot-de-passe"])
def test_on_relit_avant_de_faire_et_lire_ne_fait_rien_partir(
    bureau: Client, boite: Boite, demande: DemandeAssistance, quoi: str
) -> None:
    page = lu(bureau.get(adresse(demande, membre(), quoi)))

    assert "luc.petit@boulangerie.fr" in page
    assert "inconnu@ailleurs.example, l'adresse de la demande" in page
    assert boite.recevoir() == []


@pytest.mark.menace("T20")
@pytest.mark.parametrize("quoi", ["identifiant", "mot-de-passe"])
def test_t20_le_message_part_a_l_adresse_du_compte_jamais_a_celle_de_la_demande(
    bureau: Client, boite: Boite, demande: DemandeAssistance, paul: Utilisateur, quoi: str
) -> None:
    luc = membre()

    page = lu(
        bureau.post(
            adresse(demande, luc, quoi), {"courriel": "inconnu@ailleurs.example", "motif": "perdu"}, follow=True
        )
    )

    lettre = boite.recevoir_une()
    assert lettre.enveloppe_a == ["luc.petit@boulangerie.fr"]
    assert "Le message part vers luc.petit@boulangerie.fr." in page
    assert luc.utilisateur.identifiant_lisible not in page
    ligne = EntreeJournal.objects.get(geste="renvoyer")
    assert (ligne.par, ligne.details) == (
        paul,
        {"quoi": quoi, "motif": "perdu", "utilisateur": luc.utilisateur_id},
    )
    assert "Renvoyés par un agent" in page
    assert "Le message est perdu ou effacé" in page, "les collègues lisent pourquoi"


@pytest.mark.parametrize("motif", ["", "curiosité"])
def test_sans_raison_rien_ne_part_et_la_page_la_demande(
    bureau: Client, boite: Boite, demande: DemandeAssistance, motif: str
) -> None:
    luc = membre()
    DemandeRejoindre.objects.create(
        etablissement=luc.etablissement, courriel=demande.courriel, nom="Roux", prenom="Ève"
    )

    page = lu(bureau.post(adresse(demande, luc, "identifiant"), {"motif": motif}))
    assert "À revoir" in page
    suite = lu(bureau.post(f"/agents/assistance/{demande.pk}/repartir/", {"repartir-motif": motif}, follow=True))

    assert "Rien n'est parti." in suite
    assert boite.recevoir() == []
    assert not EntreeJournal.objects.filter(geste__in=["renvoyer", "faire_repartir"]).exists()


def test_un_renvoi_d_avant_que_la_raison_se_garde_se_lit_encore(
    bureau: Client, demande: DemandeAssistance, paul: Utilisateur
) -> None:
    journaliser("renvoyer", sujet=demande.sujet, par=paul, quoi="identifiant", utilisateur=1)
    assert "L'identifiant, par " in lu(bureau.get(f"/agents/assistance/{demande.pk}/"))


@pytest.mark.menace("T20")
def test_t20_ni_membre_parti_ni_membre_d_ailleurs(bureau: Client, boite: Boite, demande: DemandeAssistance) -> None:
    parti = membre()
    Habilitation.objects.filter(pk=parti.pk).update(au=timezone.now())
    ailleurs = membre(siret="35600000000048", courriel="autre@poste.example")

    for cible in (parti, ailleurs):
        assert bureau.post(adresse(demande, cible, "identifiant"), {"motif": "perdu"}).status_code == 404
    assert boite.recevoir() == []


@pytest.mark.menace("T20")
def test_t20_un_agent_ne_se_renvoie_rien(bureau: Client, boite: Boite, paul: Utilisateur) -> None:
    luc = membre()
    sienne = depot(courriel=paul.courriel).demande
    boite.recevoir()
    assert bureau.post(adresse(sienne, luc, "identifiant"), {"motif": "perdu"}).status_code == 403

    autre = depot(courriel="inconnu@ailleurs.example").demande
    boite.recevoir()
    Habilitation.objects.filter(pk=luc.pk).update(utilisateur=paul)
    assert bureau.post(adresse(autre, luc, "mot-de-passe"), {"motif": "perdu"}).status_code == 403
    assert boite.recevoir() == []


@pytest.mark.menace("T20")
@pytest.mark.parametrize("quoi", ["secret", "reponse", "motdepasse"])
def test_t20_rien_d_autre_ne_se_renvoie(bureau: Client, demande: DemandeAssistance, quoi: str) -> None:
    assert bureau.post(adresse(demande, membre(), quoi)).status_code == 404


@pytest.mark.menace("T25")
def test_t25_un_employeur_ne_renvoie_rien(client: Client, boite: Boite, demande: DemandeAssistance) -> None:
    luc = membre()
    client.force_login(luc.utilisateur)

    assert client.get(adresse(demande, luc, "identifiant")).status_code == 404
    assert client.post(adresse(demande, luc, "identifiant")).status_code == 404
    assert boite.recevoir() == []
