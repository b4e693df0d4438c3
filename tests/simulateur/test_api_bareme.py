"""L'interface pour les programmes : lire le barème, gardé, ouvert à tous, refusé en français."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.test import Client

from apart.regles.bareme import bareme

pytestmark = pytest.mark.django_db
BAREME = "/api/v1/bareme"


def lire(client: Client, adresse: str, statut: int = 200, **criteres: str) -> Any:
    reponse = client.get(adresse, criteres)
    assert reponse.status_code == statut, reponse.content
    assert reponse.headers["Content-Type"] == ("application/json" if statut < 400 else "application/problem+json")
    assert reponse.headers["Access-Control-Allow-Origin"] == "*"
    return json.loads(reponse.content)


def test_le_bareme_entier_est_celui_du_fichier(client: Client) -> None:
    assert client.get(BAREME).content == client.get("/bareme/bareme.json").content


def test_un_jour_ne_garde_que_les_valeurs_de_ce_jour(client: Client) -> None:
    lu = lire(client, BAREME, le="2020-04-15", cle="droit_commun")
    assert lu["le"] == "2020-04-15"
    assert all(len(p["valeurs"]) == 1 for p in lu["parametres"])
    assert {p["sujet"] for p in lu["parametres"]} == {"droit_commun"}
    plancher = next(p for p in lu["parametres"] if p["cle"] == "droit_commun.allocation_plancher")
    assert plancher["valeurs"][0]["valeur"] == "8.03"


def test_une_cle_donne_le_meme_parametre_des_deux_facons(client: Client) -> None:
    cle = "smic.horaire_brut"
    assert lire(client, BAREME, cle=cle)["parametres"][0]["valeurs"] == lire(client, f"{BAREME}/{cle}")["valeurs"]
    assert len(lire(client, f"{BAREME}/{cle}", le="15/04/2020")["valeurs"]) == 1


def test_apres_le_dernier_jour_connu_la_derniere_valeur_tient_sauf_fin_ecrite(client: Client) -> None:
    plafond, apld = (
        lire(client, f"{BAREME}/{cle}", le="2027-03-01")["valeurs"][0]
        for cle in ("droit_commun.indemnite_plafond_smic", "apld.indemnite_taux")
    )
    assert (plafond["valeur"], apld["etat"]) == ("4.5", "sans_objet")


def test_avant_la_premiere_valeur_la_liste_est_vide(client: Client) -> None:
    assert lire(client, f"{BAREME}/apld.allocation_taux", le="2015-01-01")["valeurs"] == []


@pytest.mark.parametrize(
    ("adresse", "criteres", "statut", "phrase"),
    [
        (BAREME, {"le": "31/02/2020"}, 400, "n'existe pas au calendrier"),
        (BAREME, {"date": "2020-01-01"}, 400, "Le critère « date » n'existe pas. On peut donner « le » et « cle »."),
        (BAREME, {"cle": "smic.horaire_brutt"}, 404, "Clés proches : smic.horaire_brut"),
        (f"{BAREME}/zzz", {}, 404, "La liste est dans /api/v1/bareme."),
        (f"{BAREME}/smic.horaire_brut", {"cle": "x"}, 400, "Le critère « cle » n'existe pas."),
        ("/api/v1/rien", {}, 404, "Vérifiez le chemin"),
        ("/api/rien/", {}, 404, "Vérifiez le chemin"),
        (f"{BAREME}/", {}, 404, "Vérifiez le chemin"),
    ],
)
def test_un_refus_est_un_probleme_avec_sa_phrase(
    client: Client, adresse: str, criteres: dict[str, str], statut: int, phrase: str
) -> None:
    lu = lire(client, adresse, statut, **criteres)
    assert lu["status"] == statut
    assert phrase in lu["detail"]
    assert lu["type"].partition("#")[2]
    assert "no-store" in client.get(adresse, criteres).headers["Cache-Control"]


def test_le_meme_contenu_se_revalide(client: Client) -> None:
    for adresse in (BAREME, f"{BAREME}?le=2020-04-15", f"{BAREME}/smic.horaire_brut", "/api/v1/openapi.json"):
        premiere = client.get(adresse)
        assert premiere.headers["Cache-Control"] == "public, max-age=3600"
        seconde = client.get(adresse, headers={"If-None-Match": premiere.headers["ETag"]})
        assert (seconde.status_code, seconde.content) == (304, b"")
        assert seconde.headers["Access-Control-Allow-Origin"] == "*"


def test_head_dit_la_meme_chose_sans_le_corps(client: Client) -> None:
    lue, entetes = client.get(BAREME), client.head(BAREME)
    assert entetes.status_code == 200
    assert not entetes.content
    assert entetes.headers["ETag"] == lue.headers["ETag"]


@pytest.mark.parametrize("methode", ["post", "put", "patch", "delete"])
def test_une_autre_methode_est_refusee_avec_celles_qui_conviennent(methode: str) -> None:
    reponse = getattr(Client(enforce_csrf_checks=True), methode)(BAREME)
    assert reponse.status_code == 405
    assert reponse.headers["Allow"] == "GET, HEAD"
    assert json.loads(reponse.content)["title"] == "Cette méthode n'est pas admise ici"


@pytest.mark.parametrize(
    ("adresse", "methodes"), [(BAREME, "GET, HEAD, OPTIONS"), ("/api/v1/simulations", "POST, OPTIONS")]
)
def test_la_question_d_un_navigateur_recoit_sa_reponse(client: Client, adresse: str, methodes: str) -> None:
    reponse = client.options(adresse, headers={"Origin": "https://paie.example"})
    assert (reponse.status_code, reponse.content) == (204, b"")
    assert reponse.headers["Allow"] == reponse.headers["Access-Control-Allow-Methods"] == methodes
    assert "Content-Type" in reponse.headers["Access-Control-Allow-Headers"]
    assert reponse.headers["Access-Control-Allow-Origin"] == "*"
    assert "Access-Control-Allow-Credentials" not in reponse.headers
    assert client.options("/api/v1/rien").status_code == 404


def test_lire_ne_demande_a_la_base_que_le_compte_des_lectures(client: Client, django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(3):  # une par lecture du barème : socle.limites
        for adresse in (BAREME, f"{BAREME}?le=2020-04-15", f"{BAREME}/smic.horaire_brut", "/api/v1/openapi.json"):
            client.get(adresse)


def test_chaque_cle_repond(client: Client) -> None:
    for cle in bareme().parametres:
        assert lire(client, f"{BAREME}/{cle}")["cle"] == cle
