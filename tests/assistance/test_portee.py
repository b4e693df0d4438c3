"""Ce qu'un agent voit et fait du bureau dépend de ses affectations (T21)."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.test import Client
from django.utils.timezone import now

from apart.accueil import actions as annonces
from apart.administrations.models import RoleAgent
from apart.assistance.actions import demandes
from apart.assistance.models import DemandeAssistance
from apart.comptes.models import Utilisateur
from apart.courriels.models import Courriel
from apart.repertoire.models import Fiche
from tests.administrations.fabriques import affecter
from tests.assistance.fabriques import SIRET, depot
from tests.assistance.test_file import remplir
from tests.comptes.fabriques import equiper, lu, nouvel_agent, personne
from tests.etablissements.parcours import fiche
from tests.migrations import migrer

pytestmark = [pytest.mark.django_db, pytest.mark.jour]
AILLEURS = "55208131766522"


def client_de(qui: Utilisateur) -> Client:
    client = Client()
    client.force_login(equiper(qui))
    return client


def local(role: RoleAgent, *departements: str) -> Utilisateur:
    return affecter(personne("anne@asp.fr"), role, *departements)


def deposee(departement: str, **champs: str) -> DemandeAssistance:
    """Une demande de ce département."""
    demande = depot(**champs).demande
    DemandeAssistance.objects.filter(pk=demande.pk).update(departement=departement)
    demande.refresh_from_db()
    return demande


def test_une_demande_prend_le_departement_de_son_etablissement_au_repertoire() -> None:
    fiche(SIRET, code_postal="74000", code_commune="74010")

    assert depot().demande.departement == "74"
    assert depot(siret=AILLEURS).demande.departement == ""


@pytest.mark.menace("T21")
def test_t21_la_file_et_la_recherche_ne_montrent_que_ses_departements() -> None:
    d_ici, d_ailleurs, inconnue = deposee("44"), deposee("35", siret=AILLEURS), deposee("")
    client = client_de(local(RoleAgent.ASSISTANCE, "44", "85"))

    for recherche in ("", "?q=boulangerie", "?q=messagerie", "?q=boul", f"?q={d_ailleurs.numero}", f"?q={AILLEURS}"):
        page = lu(client.get(f"/agents/assistance/{recherche}"))
        assert d_ailleurs.numero not in re.sub(r'value="[^"]*"', "", page)
        assert inconnue.numero not in page
    assert d_ici.numero in lu(client.get("/agents/assistance/?q=messagerie"))


@pytest.mark.menace("T21")
def test_t21_un_agent_national_voit_tout() -> None:
    toutes = [deposee("44"), deposee("35", siret=AILLEURS), deposee("")]

    page = lu(client_de(nouvel_agent()).get("/agents/assistance/"))

    assert all(demande.numero in page for demande in toutes)


@pytest.mark.menace("T21")
@pytest.mark.parametrize("geste", ["", "repondre/", "annoter/", "prendre/", "clore/", "repartir/"])
def test_t21_une_demande_d_ailleurs_n_existe_pas(geste: str) -> None:
    demande = deposee("35")
    client = client_de(local(RoleAgent.ASSISTANCE, "44"))
    chemin = f"/agents/assistance/{demande.pk}/{geste}"

    assert (client.post(chemin, {"texte": "Voici."}) if geste else client.get(chemin)).status_code == 404
    demande.refresh_from_db()
    assert demande.etat == "a_traiter"


@pytest.mark.menace("T21")
def test_t21_les_panneaux_d_une_demande_ne_disent_rien_des_autres_departements() -> None:
    """La même adresse écrit des deux côtés : ni l'autre demande, ni ses courriels."""
    d_ici, d_ailleurs = deposee("44"), deposee("35", siret=AILLEURS)
    assert Courriel.objects.de_l_etablissement(AILLEURS).exists()

    page = lu(client_de(local(RoleAgent.ASSISTANCE, "44")).get(f"/agents/assistance/{d_ici.pk}/"))
    nationale = lu(client_de(nouvel_agent()).get(f"/agents/assistance/{d_ici.pk}/"))

    assert d_ailleurs.numero not in page
    assert d_ailleurs.numero in nationale


@pytest.mark.menace("T21")
def test_t21_un_lecteur_lit_et_ne_trouve_aucun_bouton() -> None:
    demande = deposee("44")

    page = lu(client_de(local(RoleAgent.LECTEUR, "44")).get(f"/agents/assistance/{demande.pk}/"))

    contenu = page.partition("<main")[2].partition("</main>")[0]
    assert "Ma collègue est partie" in contenu
    assert 'method="post"' not in contenu
    assert "Y répondre demande un autre rôle" in contenu


@pytest.mark.menace("T21")
def test_t21_qui_lit_partout_ne_repond_que_la_ou_il_repond() -> None:
    """Lecteur de Bretagne, il répond en Loire-Atlantique : la page et l'action suivent chaque demande."""
    anne = affecter(local(RoleAgent.LECTEUR, "35"), RoleAgent.ASSISTANCE, "44")
    ici, la_bas = deposee("44"), deposee("35", siret=AILLEURS)
    client = client_de(anne)

    assert client.post(f"/agents/assistance/{ici.pk}/prendre/").status_code == 302
    assert client.post(f"/agents/assistance/{la_bas.pk}/prendre/").status_code == 403
    with pytest.raises(PermissionDenied):
        demandes.clore(la_bas, par=Utilisateur.objects.get(pk=anne.pk))


@pytest.mark.menace("T21")
def test_t21_une_affectation_qui_finit_ferme_la_demande_ouverte() -> None:
    demande, anne = deposee("44"), local(RoleAgent.ASSISTANCE, "44")
    client = client_de(anne)
    assert client.get(f"/agents/assistance/{demande.pk}/").status_code == 200

    anne.affectations.update(au="2021-01-01")

    assert client.post(f"/agents/assistance/{demande.pk}/prendre/").status_code == 403


def test_un_agent_de_departement_ne_publie_pas_d_annonce() -> None:
    anne = local(RoleAgent.SUPERVISEUR, "44")
    with pytest.raises(PermissionDenied):
        annonces.publier(titre="T", texte="T", niveau="alerte", du=now(), au=now() + timedelta(1), par=anne)


def test_la_premiere_page_d_un_departement_suit_son_index() -> None:
    remplir(2_000)
    with connection.cursor() as curseur:
        curseur.execute("UPDATE assistance_demandeassistance SET departement = to_char(id % 95 + 1, 'FM00')")
        curseur.execute("ANALYZE assistance_demandeassistance")
        curseur.execute("SET LOCAL enable_seqscan = off")
        curseur.execute("SET LOCAL enable_sort = off")
    visibles = DemandeAssistance.objects.visibles_par(local(RoleAgent.LECTEUR, "44"))
    assert "using assistance_ordre_departement" in visibles.de_la_file()[:25].explain()


@pytest.mark.django_db
def test_les_demandes_d_avant_recoivent_leur_departement() -> None:
    avant = migrer(("assistance", "0008_departement"))
    demandes_d_avant = avant.get_model("assistance", "DemandeAssistance").objects
    Fiche.objects.create(siret=SIRET, code_postal="20000", code_commune="2A004")
    commun = {"denomination": "B", "nom_complet": "D", "motif": "autres", "promise_le": "2026-12-01T12:00Z"}
    connue, inconnue = (demandes_d_avant.create(siret=siret, **commun) for siret in (SIRET, AILLEURS))
    apres = migrer(("assistance", "0009_departement_des_demandes")).get_model("assistance", "DemandeAssistance")

    lieux = dict(apres.objects.values_list("pk", "departement"))
    assert (lieux[connue.pk], lieux[inconnue.pk]) == ("2A", "")
