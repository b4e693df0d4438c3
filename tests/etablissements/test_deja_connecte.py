"""Une personne connectée a prouvé son adresse : elle ajoute et rejoint des établissements sans autre courriel."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django.fixtures import Settings

from apart.comptes.models import Utilisateur
from apart.courriels.models import Courriel
from apart.etablissements.etats import EtatRejoindre
from apart.etablissements.models import DemandeRejoindre, Etablissement, Habilitation, Preuve, Role
from apart.etablissements.parcours import Etape
from apart.etablissements.views.creation import (
    DEMANDE_PAR_PERSONNE,
    SIRET_PAR_IP,
    SIRET_PAR_PERSONNE,
    SIRET_REFUSES,
)
from apart.socle.limites import compter
from apart.socle.saisies import luhn
from tests.boite import Boite
from tests.comptes.fabriques import agent, lu, personne
from tests.etablissements.parcours import SAISIE, SIRET, donner_siret, fiche, ouvrir_directement, remplir
from tests.monde import etablissement
from tests.preuves import preuve
from tests.travail import travailler

pytestmark = [pytest.mark.django_db, pytest.mark.jour, pytest.mark.usefixtures("_hachage_rapide")]
BUREAU = "198.51.100.7"  # tout le cabinet sort par cette adresse


def sirets(combien: int) -> list[str]:
    """Autant de SIRET justes, d'entreprises différentes."""
    siren = next(s for s in (f"{n:09d}" for n in range(100_000_000, 100_000_100)) if luhn(s))
    candidats = (f"{siren}{rang:05d}" for rang in range(10, 10 + 12 * combien))
    return [siret for siret in candidats if luhn(siret)][:combien]


def au_bureau(qui: Utilisateur) -> Client:
    client = Client(REMOTE_ADDR=BUREAU)
    client.force_login(qui)
    return client


def ajouter(client: Client, qui: Utilisateur, siret: str, **changements: str) -> Any:
    sienne = {"courriel_utilisateur": qui.courriel, "confirmer_courriel_utilisateur": qui.courriel}
    return remplir(client, siret, **(sienne | changements))


def test_une_comptable_connectee_ajoute_vingt_etablissements_sans_autre_courriel(boite: Boite) -> None:
    lea = personne("lea@cabinet.fr")
    client = au_bureau(lea)

    statuts = {ajouter(client, lea, siret, denomination=f"Client {siret}").status_code for siret in sirets(21)}
    travailler()

    assert statuts == {302}
    assert Habilitation.objects.filter(utilisateur=lea, role=Role.PRINCIPAL, preuve=Preuve.COURRIEL).count() == 21
    assert {lettre.a for lettre in boite.recevoir()} == {SAISIE["courriel"]}  # à vérifier


def test_ses_collegues_derriere_la_meme_adresse_ne_sont_pas_arretes() -> None:
    lea, luc = personne("lea@cabinet.fr"), personne("luc@cabinet.fr")
    client = au_bureau(lea)
    for siret in sirets(SIRET_PAR_IP.nombre + 1):
        donner_siret(client, siret)

    assert ajouter(au_bureau(luc), luc, SIRET).status_code == 302
    assert donner_siret(Client(REMOTE_ADDR=BUREAU)).status_code == 302  # ni celui qui n'a pas encore d'espace
    # Trois personnes, deux heures : 300 espaces dans l'après-midi, par une seule adresse.
    assert 3 * min(SIRET_PAR_PERSONNE.nombre, DEMANDE_PAR_PERSONNE.nombre) >= 300


@pytest.mark.menace("T1")
def test_t1_une_personne_connectee_est_comptee_elle_aussi() -> None:
    lea = personne("lea@cabinet.fr")
    for _ in range(SIRET_PAR_PERSONNE.nombre - 1):
        compter(SIRET_PAR_PERSONNE, f"personne:{lea.pk}")
    client = au_bureau(lea)

    assert [donner_siret(client).status_code for _ in range(2)] == [302, 429]


def test_un_mauvais_siret_coute_moins_qu_un_bon() -> None:
    client = Client(REMOTE_ADDR=BUREAU)
    for _ in range(SIRET_PAR_IP.nombre + 1):
        assert donner_siret(client, "73282932000075").status_code == 200

    assert donner_siret(client).status_code == 302
    assert SIRET_REFUSES.nombre >= 5 * SIRET_PAR_IP.nombre


@pytest.mark.menace("T1")
def test_t1_les_mauvais_siret_sont_comptes_aussi() -> None:
    for _ in range(SIRET_REFUSES.nombre - 1):
        compter(SIRET_REFUSES, BUREAU)
    client = Client(REMOTE_ADDR=BUREAU)

    assert [donner_siret(client, "732").status_code for _ in range(2)] == [200, 429]


def test_la_page_montre_aussitot_l_etablissement_ajoute(client: Client) -> None:
    lea = personne("lea@cabinet.fr")
    client.force_login(lea)

    page = client.post(donner_siret(client)["Location"], saisie_de(lea) | preuve("creation-espace"), follow=True)

    assert page.redirect_chain[-1][0] == f"/etablissements/{SIRET}/"
    assert "L'espace de Boulangerie Durand est ouvert." in lu(page)


def test_connectee_on_lui_parle_d_ajouter_et_on_ne_lui_redemande_rien(client: Client) -> None:
    """Ni « Créer mon espace », ni question secrète, ni numéro écrit comme la base le garde."""
    fiche()
    lea = personne("lea@cabinet.fr")
    Utilisateur.objects.filter(pk=lea.pk).update(telephone="+33102030405")
    client.force_login(lea)
    siret = donner_siret(client)
    pages = [lu(client.get("/espace/creer/")), lu(client.get(siret["Location"]))]

    for page in pages:
        assert "<h1>Ajouter un établissement</h1>" in page
        assert not re.search("Créer mon espace|Compte utilisateur à créer|Question secrète", page)
    assert 'value="01 02 03 04 05"' in pages[1]
    assert "+331" not in pages[1]


def test_connectee_devant_un_espace_deja_ouvert_rien_ne_la_prend_pour_une_nouvelle(client: Client) -> None:
    fiche()
    etablissement(SIRET, "Boulangerie Durand")
    client.force_login(personne("lea@cabinet.fr"))
    porte = donner_siret(client).headers["Location"]
    suites = [reverse(nom, args=[Etape(SIRET).sceller()]) for nom in ("rejoindre", "reprise")]

    for page in (lu(client.get(chemin)) for chemin in (porte, *suites)):
        assert not re.search("Créer mon espace|je ne sais plus entrer|une fois votre adresse vérifiée", page)
    assert "sous une autre adresse" in lu(client.get(porte))


def saisie_de(qui: Utilisateur) -> dict[str, str]:
    return SAISIE | {"courriel_utilisateur": qui.courriel, "confirmer_courriel_utilisateur": qui.courriel}


def test_envoyer_deux_fois_n_ajoute_qu_une_fois() -> None:
    lea = personne("lea@cabinet.fr")
    client = au_bureau(lea)
    formulaire = donner_siret(client)["Location"]

    suites = [client.post(formulaire, saisie_de(lea) | preuve("creation-espace")) for _ in range(2)]

    assert [suite["Location"] for suite in suites] == [f"/etablissements/{SIRET}/"] * 2
    assert Habilitation.objects.count() == Etablissement.objects.count() == 1


@pytest.mark.menace("T11")
def test_t11_une_autre_adresse_que_la_sienne_attend_toujours_son_lien(boite: Boite) -> None:
    lea = personne("lea@cabinet.fr")
    autre = "victime@exemple.fr"

    reponse = ajouter(au_bureau(lea), lea, SIRET, courriel_utilisateur=autre, confirmer_courriel_utilisateur=autre)
    travailler()

    assert "/messagerie/" in reponse["Location"]
    assert not Etablissement.objects.exists()
    assert boite.recevoir_une().a == autre


@pytest.mark.parametrize("cas", ["plafond", "agent"])
def test_ce_qui_empeche_d_ouvrir_le_dit(settings: Settings, cas: str, monkeypatch: pytest.MonkeyPatch) -> None:
    qui = agent() if cas == "agent" else personne("lea@cabinet.fr")
    if cas == "plafond":
        monkeypatch.setattr("apart.etablissements.actions.espace.PLAFOND_ETABLISSEMENTS", 0)

    refus = ajouter(au_bureau(qui), qui, SIRET)

    assert refus.status_code == 409
    assert not Etablissement.objects.exists()


def rejoindre(client: Client, courriel: str) -> Any:
    page = donner_siret(client)["Location"].replace("/creer/deja-connu/", "/rejoindre/demande/")
    saisie = {"nom": "Blanc", "prenom": "Léa", "telephone": "06 02 03 04 05", "courriel": courriel}
    return client.post(page, saisie | preuve("rejoindre"))


def test_connectee_elle_demande_a_rejoindre_sans_autre_courriel(boite: Boite) -> None:
    fiche()
    marie = ouvrir_directement(boite)
    lea = personne("lea@cabinet.fr")

    pages = [lu(rejoindre(au_bureau(lea), lea.courriel)) for _ in range(2)]
    travailler()

    assert all("Votre demande est transmise" in page for page in pages)
    assert DemandeRejoindre.objects.get().etat == EtatRejoindre.CONFIRMEE
    assert [lettre.a for lettre in boite.recevoir()] == [marie.courriel]  # prévenue une fois
    assert not Courriel.objects.vers(lea.courriel).exists()


@pytest.mark.menace("T11")
def test_t11_rejoindre_avec_l_adresse_d_un_autre_attend_sa_preuve(boite: Boite) -> None:
    fiche()
    ouvrir_directement(boite)

    rejoindre(au_bureau(personne("lea@cabinet.fr")), "victime@exemple.fr")
    travailler()

    assert DemandeRejoindre.objects.get().etat == EtatRejoindre.DEPOSEE
    assert boite.recevoir_une().a == "victime@exemple.fr"


def test_l_etablissement_que_l_on_a_deja_se_montre_au_lieu_de_se_demander() -> None:
    lea = personne("lea@cabinet.fr")
    client = au_bureau(lea)
    ajouter(client, lea, SIRET)

    page = client.get(donner_siret(client, SIRET).headers["Location"], follow=True)

    assert page.redirect_chain == [(f"/etablissements/{SIRET}/", 302)]
    assert "Vous avez déjà cet établissement" in lu(page)
    paul = au_bureau(personne("paul@cabinet.fr"))
    assert "a déjà un espace" in lu(paul.get(donner_siret(paul, SIRET).headers["Location"]))
