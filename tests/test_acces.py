"""Chaque adresse, sous chaque rôle. Une adresse ajoutée sans public, ou qui laisse passer, échoue ici."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from django.db import connection
from django.urls import reverse

from apart.administrations.droits import DROITS
from apart.administrations.models import Affectation, RoleAgent
from apart.socle.acces import Public
from tests.administrations.fabriques import DEPUIS_TOUJOURS
from tests.envois import ENVOIS, SANS_ENVOI
from tests.monde import Adresse, Monde, adresses, creer_monde

pytestmark = pytest.mark.django_db

TOUTES = adresses()
DECLAREES = [a for a in TOUTES if hasattr(a.vue, "public")]
# Cette table suit l'activité d'une session.
CHANGENT_EN_LISANT = frozenset({"comptes_session"})
# Ces lectures-là se comptent, pour que personne ne les demande sans fin (socle.limites).
COMPTEES = {"api-bareme", "api-bareme-parametre"}
# Un agent qui ouvre une demande laisse une trace : c'est le but du journal.
OUVERTES_A_TOUT_AGENT = {"droits"}
LIGNES = {"socle_entreejournal": "WHERE geste NOT LIKE 'consulter%'"}


def parametrer(*publics: Public) -> pytest.MarkDecorator:
    choisies = [a for a in DECLAREES if not publics or a.public in publics]
    return pytest.mark.parametrize("adresse", choisies, ids=[a.nom for a in choisies])


@pytest.fixture
def monde() -> Monde:
    return creer_monde()


@pytest.mark.parametrize("adresse", TOUTES, ids=[a.nom for a in TOUTES])
def test_chaque_vue_declare_son_public(adresse: Adresse) -> None:
    assert isinstance(getattr(adresse.vue, "public", None), Public), f"{adresse.nom} : il manque @pour(Public.…)"


@parametrer()
def test_un_visiteur_n_ouvre_que_les_pages_publiques(adresse: Adresse, monde: Monde) -> None:
    chemin = adresse.chemin(monde)
    for methode in ("get", "post"):
        reponse = getattr(monde.connecte(None), methode)(chemin)
        vers_connexion = reponse.status_code == 302 and reponse.url.startswith(reverse("connexion"))
        assert vers_connexion is (adresse.public is not Public.TOUS), f"{methode} → {reponse.status_code}"
        assert reponse.status_code < 500


@pytest.mark.menace("T25")
@parametrer(Public.AGENT)
def test_t25_une_page_d_agent_n_existe_pas_pour_un_employeur(adresse: Adresse, monde: Monde) -> None:
    client, chemin = monde.connecte(monde.employeur), adresse.chemin(monde)
    assert client.get(chemin).status_code == 404
    assert client.post(chemin).status_code == 404


@pytest.mark.menace("T21")
@parametrer(Public.AGENT)
def test_t21_une_page_d_agent_ne_s_ouvre_qu_aux_roles_qui_en_ont_le_droit(adresse: Adresse, monde: Monde) -> None:
    """Chaque adresse, sous chaque rôle, en lecture et en envoi : ce que dit la table, et rien d'autre."""
    chemin = adresse.chemin(monde)
    for role in RoleAgent:
        client = monde.connecte(monde.affecte(role))
        permis = adresse.droit in DROITS[role] or adresse.nom in OUVERTES_A_TOUT_AGENT
        for methode in ("get", "post"):
            statut = getattr(client, methode)(chemin).status_code
            assert (statut == 403) is not permis, f"{role}, {methode} → {statut}"
            assert statut != 404, f"{role}, {methode}"


@pytest.mark.menace("T21")
@parametrer(Public.AGENT)
def test_t21_un_agent_sans_affectation_en_cours_ne_voit_rien(adresse: Adresse, monde: Monde) -> None:
    client, chemin = monde.connecte(monde.agent), adresse.chemin(monde)
    Affectation.objects.filter(agent=monde.agent).update(au=DEPUIS_TOUJOURS)
    if adresse.nom not in OUVERTES_A_TOUT_AGENT:
        assert {client.get(chemin).status_code, client.post(chemin).status_code} == {403}


@pytest.mark.menace("T21")
@parametrer(Public.AGENT)
def test_t21_ce_qui_est_ailleurs_n_existe_pas(adresse: Adresse, monde: Monde) -> None:
    """Une superviseure de l'Ille-et-Vilaine : ni les demandes, ni les agents, ni les services des autres."""
    client, chemin = monde.connecte(monde.affecte(RoleAgent.SUPERVISEUR, "35")), adresse.chemin(monde)
    statuts = {client.get(chemin).status_code, client.post(chemin).status_code}
    if "pk" in adresse.parametres:
        assert statuts <= {403, 404, 405}
        assert statuts & {403, 404}


@pytest.mark.menace("T25")
@pytest.mark.parametrize(
    "adresse", [a for a in DECLAREES if "siret" in a.parametres and a.public is not Public.TOUS], ids=lambda a: a.nom
)
def test_t25_l_etablissement_d_un_autre_n_existe_pas(adresse: Adresse, monde: Monde) -> None:
    client, chemin = monde.connecte(monde.voisin), adresse.chemin(monde)
    assert client.get(chemin).status_code in {404, 405}
    assert client.post(chemin).status_code in {404, 405}
    assert 404 in {client.get(chemin).status_code, client.post(chemin).status_code}


@parametrer()
def test_une_page_se_lit_ou_se_poste_et_rien_d_autre(adresse: Adresse, monde: Monde) -> None:
    client, chemin = monde.connecte(monde.pour_public(adresse.public)), adresse.chemin(monde)
    statuts = {methode: getattr(client, methode)(chemin).status_code for methode in ("put", "patch", "delete")}
    assert statuts == dict.fromkeys(statuts, 405)
    recoit = client.post(chemin).status_code != 405
    assert recoit is (adresse.nom in ENVOIS or adresse.nom in SANS_ENVOI), "à dire dans ENVOIS (tests/envois.py)"


@pytest.mark.menace("T10")
@parametrer()
def test_t10_lire_une_page_ne_change_rien(adresse: Adresse, monde: Monde) -> None:
    """GET cinq fois puis HEAD, comme un analyseur de courriels : aucune table n'a bougé d'un signe."""
    client, chemin = monde.connecte(monde.pour_public(adresse.public)), adresse.chemin(monde)
    avant = contenu()
    for methode in ("get", "get", "get", "get", "get", "head"):
        assert getattr(client, methode)(chemin).status_code in {200, 301, 302, 404, 405}
    change = {table for table, empreinte in contenu().items() if avant[table] != empreinte}
    assert change <= ({"socle_compteur"} if adresse.nom in COMPTEES else set())


def contenu(sauf: frozenset[str] = CHANGENT_EN_LISANT, lignes: Mapping[str, str] = LIGNES) -> dict[str, str]:
    """L'empreinte de chaque table ; lignes : dans celles-ci, lesquelles comptent."""
    with connection.cursor() as curseur:
        tables = [t for t in connection.introspection.table_names(curseur) if t not in sauf]
        # Noms de tables lus dans le catalogue de la base d'essai : rien de saisi n'entre dans cet ordre.
        colonnes = [
            f"(SELECT md5(coalesce(string_agg(t::text, '' ORDER BY t::text), '')) FROM \"{t}\" t {lignes.get(t, '')})"  # noqa: S608
            for t in tables
        ]
        curseur.execute("SELECT " + ", ".join(colonnes))
        return dict(zip(tables, curseur.fetchone(), strict=True))
