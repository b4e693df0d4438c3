"""Les pages des superviseurs : un agent et ses affectations, les services."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.utils.timezone import localdate
from pytest_django import DjangoAssertNumQueries

from apart.administrations.droits import Droit, departements_de
from apart.administrations.models import Affectation, RoleAgent, Service
from apart.administrations.views import services as vues_services
from apart.comptes.models import Utilisateur
from apart.socle.dates import jour
from tests.administrations.fabriques import affecter, service
from tests.comptes.fabriques import agent, equiper, lu, personne

pytestmark = [pytest.mark.django_db, pytest.mark.jour]


def client_de(qui: Utilisateur) -> Client:
    client = Client()
    client.force_login(equiper(qui))
    return client


@pytest.fixture
def client() -> Client:
    return client_de(affecter(personne("sophie.leroy@asp.fr"), RoleAgent.SUPERVISEUR))


def test_une_superviseure_ouvre_un_service_y_affecte_un_agent_puis_l_en_retire(client: Client) -> None:
    paul = agent()
    saisie = {
        "nom": "DDETS de Loire-Atlantique",
        "sorte": "ddets",
        "departements": "44, 85",
        "telephone": "02 40 00 00 00",
    }
    client.post("/agents/services/nouveau/", saisie)
    ouvert = Service.objects.get(nom="DDETS de Loire-Atlantique")
    assert ouvert.departements == ["44", "85"]

    aujourd_hui = str(localdate())
    page = lu(
        client.post(
            f"/agents/equipe/{paul.pk}/",
            {"service": ouvert.pk, "role": "instructeur", "du": aujourd_hui},
            follow=True,
        )
    )
    assert "instructeur</strong>, DDETS de Loire-Atlantique" in page
    faite = Affectation.objects.get(agent=paul, service=ouvert)

    page = lu(client.post(f"/agents/affectations/{faite.pk}/terminer/", {"au": aujourd_hui}, follow=True))
    assert "prend fin" in page
    assert departements_de(Utilisateur.objects.get(pk=paul.pk), Droit.LIRE_ASSISTANCE) is None  # l'autre demeure


def test_un_departement_mal_tape_se_dit(client: Client) -> None:
    page = lu(client.post("/agents/services/nouveau/", {"nom": "DDETS", "sorte": "ddets", "departements": "44 20"}))

    assert "« 20 » n'est pas un code de département" in page
    assert not Service.objects.filter(nom="DDETS").exists()


@pytest.mark.parametrize("sorte", ["ddets", "dreets"])
def test_une_ddets_sans_departement_ne_s_enregistre_pas(client: Client, sorte: str) -> None:
    """Elle verrait tout le pays."""
    page = lu(client.post("/agents/services/nouveau/", {"nom": "Oubli", "sorte": sorte, "departements": ""}))

    assert "Indiquez les départements de ce service" in page
    assert 'value="Oubli"' in page
    assert not Service.objects.filter(nom="Oubli").exists()


def test_l_agence_de_paiement_peut_etre_de_tout_le_territoire(client: Client) -> None:
    assert "Une DDETS ou une DREETS en a toujours" in lu(client.get("/agents/services/nouveau/"))

    client.post("/agents/services/nouveau/", {"nom": "Agence", "sorte": "agence_de_paiement", "departements": ""})

    assert Service.objects.get(nom="Agence").est_national


@pytest.mark.parametrize("codes", ["", "44 35"])
def test_une_superviseure_de_departement_lit_lesquels_sont_les_siens(codes: str) -> None:
    client = client_de(affecter(personne("claire@asp.fr"), RoleAgent.SUPERVISEUR, "44"))
    assert "parmi ceux dont vous gérez l'équipe : 44." in lu(client.get("/agents/services/nouveau/"))

    reponse = client.post("/agents/services/nouveau/", {"nom": "À moi", "sorte": "assistance", "departements": codes})

    assert "Indiquez des départements dont vous gérez l'équipe : 44." in lu(reponse)
    assert 'value="À moi"' in lu(reponse)  # la saisie est gardée
    assert not Service.objects.filter(nom="À moi").exists()


def test_un_nom_de_service_deja_pris_se_dit_sur_son_champ(client: Client) -> None:
    saisie = {"nom": service("44").nom, "sorte": "ddets", "departements": "44"}

    assert "Un autre service porte déjà ce nom." in lu(client.post("/agents/services/nouveau/", saisie))


def test_la_fiche_d_un_service_se_relit_comme_elle_a_ete_tapee(client: Client) -> None:
    Service.objects.filter(pk=service("44", "85").pk).update(telephone="+33240000000", signature="La directrice")

    page = lu(client.get(f"/agents/services/{service('44', '85').pk}/"))

    assert 'value="44 85"' in page
    assert 'value="02 40 00 00 00"' in page
    assert "La directrice" in page


def test_faire_suppleer_propose_les_autres_agents_et_ni_l_absent_ni_soi(client: Client) -> None:
    paul, lea = agent(), agent("lea.roux@asp.fr")
    sienne = Affectation.objects.get(agent=paul)
    page = lu(client.get(f"/agents/affectations/{sienne.pk}/suppleer/"))
    assert f'<option value="{lea.pk}"' in page
    assert f'<option value="{paul.pk}"' not in page

    retour = localdate() + timedelta(days=7)
    saisie = {"suppleant": lea.pk, "absent_du": str(localdate()), "absent_au": str(retour)}
    page = lu(client.post(f"/agents/affectations/{sienne.pk}/suppleer/", saisie, follow=True))
    assert "supplée" in page

    assert "est de retour" in lu(client.post(f"/agents/affectations/{sienne.pk}/lever/", follow=True))


def test_la_liste_des_suppleants_dit_leur_service_et_tait_qui_ne_peut_pas_encore_agir(client: Client) -> None:
    paul = agent()
    ouverte = affecter(personne("claire@asp.fr"), RoleAgent.LECTEUR, "44")
    suspendu, jamais_venu = agent("lea.roux@asp.fr"), agent("jean@asp.fr")
    Utilisateur.objects.filter(pk=suspendu.pk).update(is_active=False)
    jamais_venu.set_unusable_password()
    jamais_venu.save()
    adresse = f"/agents/affectations/{Affectation.objects.get(agent=paul).pk}/suppleer/"

    page = lu(client.get(adresse))

    assert f'<option value="{ouverte.pk}">Marie Durand – DDETS 44 ; recevra tout le territoire' in page
    assert "Cette affectation vaut pour tout le territoire." in page
    for absent in (suspendu, jamais_venu):
        assert f'<option value="{absent.pk}"' not in page
    saisie = {"suppleant": jamais_venu.pk, "absent_du": str(localdate()), "absent_au": "2099-01-01"}
    assert "Cet agent ne peut pas suppléer" in lu(client.post(adresse, saisie))


def test_pour_un_service_de_departement_la_page_n_annonce_pas_tout_le_territoire(client: Client) -> None:
    claire = affecter(personne("claire@asp.fr"), RoleAgent.ASSISTANCE, "44")
    affecter(personne("anne@asp.fr"), RoleAgent.ASSISTANCE, "35")

    page = lu(client.get(f"/agents/affectations/{Affectation.objects.get(agent=claire).pk}/suppleer/"))

    assert "– DDETS 35</option>" in page
    assert "recevra tout le territoire" not in page


def test_la_fiche_du_suppleant_dit_qui_il_supplee_et_de_quand_a_quand(client: Client) -> None:
    paul, lea = agent(), agent("lea.roux@asp.fr")
    du = localdate() + timedelta(days=3)
    sienne = Affectation.objects.filter(agent=paul)
    sienne.update(suppleant=lea, absent_du=du, absent_au=du + timedelta(days=7))
    fiche = f"/agents/equipe/{lea.pk}/"

    page = lu(client.get(fiche))
    assert "Supplée Marie Durand" in page
    assert f"à partir du {jour(du)}, jusqu'à son retour le {jour(du + timedelta(days=7))}" in page

    sienne.update(absent_du=du - timedelta(days=30), absent_au=localdate())  # revenu
    assert "Supplée" not in lu(client.get(fiche))


def test_le_dernier_superviseur_lit_pourquoi_il_reste(client: Client) -> None:
    sienne = Affectation.objects.get(role=RoleAgent.SUPERVISEUR)

    page = lu(client.post(f"/agents/affectations/{sienne.pk}/terminer/", {"au": str(localdate())}))

    assert "Il ne resterait aucun superviseur national" in page


def test_sur_sa_propre_fiche_une_superviseure_ne_trouve_pas_de_quoi_s_affecter(client: Client) -> None:
    moi = Utilisateur.objects.get(courriel="sophie.leroy@asp.fr")

    page = lu(client.get(f"/agents/equipe/{moi.pk}/"))

    assert "un autre superviseur le fait" in page
    assert "Ajouter une affectation" not in page


@pytest.mark.menace("T21")
def test_t21_une_superviseure_de_departement_ne_voit_que_son_equipe_et_ses_services() -> None:
    paul = agent("paul.martin@asp.fr")
    voisine = affecter(personne("anne@asp.fr"), RoleAgent.ASSISTANCE, "44")
    service("35")
    client = client_de(affecter(personne("claire@asp.fr"), RoleAgent.SUPERVISEUR, "44"))

    equipe, services = lu(client.get("/agents/equipe/")), lu(client.get("/agents/services/"))

    assert voisine.courriel in equipe
    assert paul.courriel not in equipe
    assert "DDETS 44" in services
    assert "DDETS 35" not in services
    assert client.get(f"/agents/equipe/{paul.pk}/").status_code == 404


def test_l_equipe_ne_coute_pas_une_lecture_par_agent(
    client: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for n in range(12):
        agent(f"agent{n}@asp.fr")

    with django_assert_max_num_queries(12):
        assert client.get("/agents/equipe/").status_code == 200


def test_l_entete_ne_montre_que_ce_qui_s_ouvre() -> None:
    entetes = {
        role: lu(client_de(affecter(personne(f"{role}@asp.fr"), role)).get("/agents/droits/")).partition("<main")[0]
        for role in (RoleAgent.LECTEUR, RoleAgent.SUPERVISEUR, RoleAgent.PAYEUR)
    }

    assert ">Bureau<" in entetes[RoleAgent.LECTEUR]
    assert ">Annonces<" not in entetes[RoleAgent.LECTEUR]
    assert ">Équipe<" in entetes[RoleAgent.SUPERVISEUR]
    assert ">Bureau<" not in entetes[RoleAgent.PAYEUR]


def test_les_services_se_tournent_par_pages(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(vues_services, "PAR_PAGE", 2)
    for codes in (["44"], ["85"], ["49"]):
        service(*codes)

    premiere = client.get("/agents/services/").context["page"]
    suite = client.get("/agents/services/", {"page": premiere.suivante}).context["page"]

    noms = [vu.nom for vu in (*premiere.lignes, *suite.lignes)]
    assert noms == sorted(Service.objects.values_list("nom", flat=True))
    assert "Page précédente" in lu(client.get("/agents/services/", {"page": premiere.suivante}))
