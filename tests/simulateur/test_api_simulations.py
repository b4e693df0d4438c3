"""L'interface pour les programmes : simuler. Les mêmes montants que le moteur, et chaque refus à sa place."""

from __future__ import annotations

import copy
import json
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from apart.regles.simulation import simuler
from apart.simulateur.api import simulations
from apart.simulateur.api.description import exemple
from apart.simulateur.saisie import lire_groupe
from apart.simulateur.views import api
from apart.socle.limites import Limite

pytestmark = pytest.mark.django_db
SIMULATIONS = "/api/v1/simulations"
BOULANGERIE = exemple("boulangerie")
GROUPE = BOULANGERIE["groupes"][0]


def poster(client: Client, document: object, statut: int = 200, **entetes: str) -> Any:
    corps = document if isinstance(document, str | bytes) else json.dumps(document)
    genre = entetes.pop("content_type", "application/json")
    reponse = client.post(SIMULATIONS, corps, content_type=genre, headers=entetes)
    assert reponse.status_code == statut, reponse.content.decode()
    assert reponse.headers["Content-Type"] == ("application/json" if statut < 400 else "application/problem+json")
    assert reponse.headers["Access-Control-Allow-Origin"] == "*"
    assert not reponse.cookies
    return json.loads(reponse.content)


def avec(**champs: Any) -> dict[str, Any]:
    """La boulangerie, ces champs changés ; « periode » change ceux de sa période."""
    document: dict[str, Any] = copy.deepcopy(BOULANGERIE)
    document["groupes"][0]["periodes"][0] |= champs.pop("periode", {})
    document["groupes"][0] |= champs
    return document


def pointeurs(lu: dict[str, Any]) -> list[str]:
    return [faute["pointer"] for faute in lu["errors"]]


def test_la_boulangerie_de_la_note(client: Client) -> None:
    """Trois vendeuses au SMIC, 105 heures : 8,03 € chacune, rien à la charge de l'employeur."""
    lu = poster(client, BOULANGERIE)
    mois = lu["groupes"][0]["mois"][0]
    assert (mois["mois"], mois["heures_indemnisables"], mois["indemnite"], mois["allocation"]) == (
        "2020-04",
        "105.00",
        "843.15",
        "843.15",
    )
    assert mois["reste_a_charge"] == "0.00"
    assert lu["groupes"][0]["totaux"]["groupe"]["allocation"] == "2529.45" == lu["totaux"]["allocation"]
    assert mois["lignes"][0]["allocation_horaire"] == "8.03"


@pytest.mark.parametrize("nom", ["boulangerie", "deuxGroupes", "apld"])
def test_les_montants_sont_ceux_du_moteur(client: Client, nom: str) -> None:
    lu = poster(client, exemple(nom))
    for demande, rendu in zip(exemple(nom)["groupes"], lu["groupes"], strict=True):
        calcule = simuler(lire_groupe(demande))
        for mois, attendu in zip(rendu["mois"], calcule.mois, strict=True):
            assert Decimal(mois["indemnite"]) == attendu.indemnite
            assert Decimal(mois["allocation"]) == attendu.allocation
            assert Decimal(mois["cout"]) == attendu.cout
            assert Decimal(mois["heures_indemnisables"]) == attendu.indemnisables
        assert Decimal(rendu["totaux"]["groupe"]["allocation"]) == calcule.total_du_groupe("allocation")


def test_chaque_montant_porte_son_pourquoi_ou_rien_si_on_n_en_veut_pas(client: Client) -> None:
    ligne = poster(client, BOULANGERIE)["groupes"][0]["mois"][0]["lignes"][0]
    plancher = next(p for etape in ligne["trace"] for p in etape["parametres"] if p["cle"].endswith("plancher"))
    assert plancher == {
        "cle": "droit_commun.allocation_plancher",
        "libelle": "Plancher horaire de l'allocation",
        "valeur": "8.03",
        "unite": "euros_par_heure",
        "depuis": "2020-03-01",
        "source": "décret n° 2020-325",
        "certitude": "verifiee",
    }
    assert all(etape["calcul"] and etape["article"] for etape in ligne["trace"])
    assert "trace" not in json.dumps(poster(client, BOULANGERIE | {"trace": False}))


def test_un_total_n_est_pas_donne_si_un_mois_n_est_pas_connu(client: Client) -> None:
    """Avant 2018, le net ne s'estime pas : sa somme non plus."""
    lu = poster(client, avec(taux_horaire="12", periode={"du": "2016-04-01", "au": "2016-04-30"}))
    assert lu["groupes"][0]["mois"][0]["net"] is None
    assert lu["totaux"]["net"] is None
    assert lu["totaux"]["indemnite"]
    assert lu["reserves"]


@pytest.mark.parametrize(
    ("document", "pointeur", "phrase"),
    [
        ([], "#", "Un objet est attendu"),
        ("texte", "#", "Un objet est attendu"),
        (None, "#", "Un objet est attendu"),
        ({}, "#/groupes", "une liste d'au moins un groupe"),
        ({"groupes": []}, "#/groupes", "une liste d'au moins un groupe"),
        ({"groupes": GROUPE}, "#/groupes", "une liste d'au moins un groupe"),
        ({"groupes": [GROUPE] * 21}, "#/groupes", "20 groupes au plus ; celle-ci en a 21"),
        ({"groupes": [5]}, "#/groupes/0", "Un objet est attendu"),
        (BOULANGERIE | {"trace": "oui"}, "#/trace", "true ou false"),
        (BOULANGERIE | {"groupe": 1}, "#/groupe", "Vouliez-vous dire « groupes » ?"),
        (avec(salaire=3), "#/groupes/0/salaire", "Le champ « salaire » n'existe pas."),
        (avec(remunerasion=3), "#/groupes/0/remunerasion", "Vouliez-vous dire « remuneration » ?"),
        (avec(periode={"heure": 3}), "#/groupes/0/periodes/0/heure", "Vouliez-vous dire « heures » ?"),
        (avec(**{"a/b~c": 1}), "#/groupes/0/a~1b~0c", "n'existe pas"),
        (avec(periode={"heures": -1}), "#/groupes/0/periodes/0/heures", "négatif"),
        (avec(periode={"heures": "x"}), "#/groupes/0/periodes/0/heures", "n'est pas un nombre"),
        (avec(periode={"heures": 500}), "#/groupes/0/periodes", "le contrat prévoit au plus"),
        (avec(periode={"du": "31/02/2020"}), "#/groupes/0/periodes/0/du", "n'existe pas au calendrier"),
        (avec(periode={"au": "2099-01-01"}), "#/groupes/0/periodes/0/au", "vérifiez l'année"),
        (avec(taux_horaire="=1+1"), "#/groupes/0/taux_horaire", "formule"),
        (avec(taux_horaire=[12]), "#/groupes/0/taux_horaire", "une valeur seule"),
        (avec(nom={"a": 1}), "#/groupes/0/nom", "une valeur seule"),
        (avec(nom=5), "#/groupes/0/nom", "est un texte"),
        (avec(mayotte="peut-être"), "#/groupes/0/mayotte", "oui ou par non"),
        (avec(regime="martien"), "#/groupes/0/regime", "n'est pas un choix possible"),
        (avec(periodes=[]), "#/groupes/0/periodes", "au moins une période"),
        (avec(periodes="x"), "#/groupes/0/periodes", "liste de périodes"),
        (avec(periodes=[5]), "#/groupes/0/periodes/0", "un début, une fin et des heures"),
        (avec(taux_horaire=None), "#/groupes/0/remuneration", "Indiquez la rémunération brute"),
        (avec(taux_horaire=5), "#/groupes/0/taux_horaire", "moins que le SMIC"),
    ],
)
def test_chaque_faute_est_designee_par_son_pointeur(
    client: Client, document: object, pointeur: str, phrase: str
) -> None:
    lu = poster(client, json.dumps(document), 422)
    assert lu["title"] == "Des réponses sont à revoir"
    faute = next(f for f in lu["errors"] if f["pointer"] == pointeur)
    assert phrase in faute["detail"]


def test_toutes_les_fautes_se_disent_en_une_fois(client: Client) -> None:
    second = copy.deepcopy(GROUPE) | {"periodes": [GROUPE["periodes"][0], {"mois": "2020-05", "heures": "x"}]}
    lu = poster(client, {"groupes": [GROUPE | {"effectif": 0, "zzz": 1}, second]}, 422)
    assert set(pointeurs(lu)) == {"#/groupes/0/zzz", "#/groupes/0/effectif", "#/groupes/1/periodes/1/heures"}
    assert lu["detail"] == "3 réponses sont à revoir."


def test_un_refus_ne_grossit_pas_avec_ce_qu_on_envoie(client: Client) -> None:
    """60 Kio de champs inconnus rendaient 2,6 Mio de phrases : cent au plus, et le nombre de celles qui sont tues."""
    corps = json.dumps({"groupes": [GROUPE | {f"z{rang}": 1 for rang in range(4_000)}]})
    lu = poster(client, corps, 422)
    assert len(lu["errors"]) == simulations.ANOMALIES_DITES == 100
    assert lu["detail"] == "4000 réponses sont à revoir. Les 100 premières sont dites ici, 3900 sont tues."
    assert len(json.dumps(lu)) < 2 * len(corps)


def test_une_demande_trop_longue_dit_la_limite(client: Client) -> None:
    long = GROUPE | {"taux_horaire": "20", "periodes": [{"du": "2013-07-01", "au": "2026-06-30", "heures": 100}]}
    lu = poster(client, {"groupes": [long, long]}, 422)
    assert "240 au plus" in lu["detail"]


@pytest.mark.parametrize(
    ("corps", "ligne", "colonne", "phrase"),
    [
        ('{"groupes": [\n  {"nom" "x"}]}', 2, 10, "deux-points sont attendus"),
        ('{"groupes": }', 1, 13, "une valeur est attendue"),
        ('{"groupes": [] } x', 1, 18, "quelque chose suit la fin"),
        ('{"a": "b', 1, 7, "ce texte n'est pas refermé"),
        ('{\n "a": NaN}', 2, 7, "NaN n'est pas un nombre du JSON"),
        ('{"a": "NaN", "b": -Infinity}', 1, 19, "-Infinity n'est pas un nombre du JSON"),
        ('{"groupes": [{"nom": "\\ud800"}]}', 1, 23, "un signe coupé en deux"),
        ('{"\\ud800": 1, "\\ud800": 2}', 1, 3, "un signe coupé en deux"),
        ("{'a': 1}", 1, 2, "un nom de champ entre guillemets"),
    ],
)
def test_un_json_mal_forme_dit_ou(client: Client, corps: str, ligne: int, colonne: int, phrase: str) -> None:
    lu = poster(client, corps, 400)
    assert (lu["line"], lu["column"]) == (ligne, colonne)
    assert phrase in lu["detail"]


@pytest.mark.parametrize(
    ("corps", "phrase"),
    [
        ("  ", "il n'y a rien à lire"),
        ("[" * 100_000, "emboîtés"),
        ('{"a":' * 20_000, "emboîtés"),
        ('{"groupes": 1, "groupes": 2}', "« groupes » est écrit deux fois"),
        ('{"nom": "é"}'.encode("latin-1"), "n'est pas un texte en UTF-8 (octet 10)"),
    ],
)
def test_un_corps_illisible_est_refuse_avec_une_phrase(client: Client, corps: str | bytes, phrase: str) -> None:
    assert phrase in poster(client, corps, 400)["detail"]


@pytest.mark.parametrize("nombre", ["1e999999", "1e-999999", "9" * 4000, "-1e400", "1" + "0" * 30])
def test_un_nombre_demesure_est_une_faute_du_champ(client: Client, nombre: str) -> None:
    corps = json.dumps(BOULANGERIE).replace("105", nombre)
    assert pointeurs(poster(client, corps, 422)) == ["#/groupes/0/periodes/0/heures"]


@pytest.mark.parametrize("nombre", ["1.05e2", "105.0", '"105,00"', '"105h00"', '" 105 "'])
def test_un_nombre_s_ecrit_de_plusieurs_facons(client: Client, nombre: str) -> None:
    corps = json.dumps(BOULANGERIE).replace("105", nombre)
    assert poster(client, corps)["totaux"]["allocation"] == "2529.45"


@pytest.mark.parametrize("genre", ["text/plain", "application/x-www-form-urlencoded", "application/xml", ""])
def test_un_autre_genre_de_contenu_est_refuse(client: Client, genre: str) -> None:
    assert "application/json" in poster(client, "{}", 415, content_type=genre)["detail"]


def test_le_genre_peut_porter_son_encodage(client: Client) -> None:
    poster(client, BOULANGERIE, content_type="application/json; charset=utf-8")


def test_un_corps_compresse_ou_sans_longueur_est_refuse(client: Client) -> None:
    assert "Content-Encoding" in poster(client, "{}", 415, **{"Content-Encoding": "gzip"})["detail"]
    assert "Content-Length" in poster(client, "{}", 411, **{"Transfer-Encoding": "chunked"})["detail"]


def test_un_corps_trop_grand_dit_la_limite(client: Client) -> None:
    limite = settings.DATA_UPLOAD_MAX_MEMORY_SIZE
    lu = poster(client, " " * (limite + 1), 413)
    assert lu["limit"] == limite
    assert f"{limite} au plus" in lu["detail"]


@pytest.mark.parametrize("methode", ["get", "head", "put", "patch", "delete"])
def test_seul_post_simule(client: Client, methode: str) -> None:
    reponse = getattr(client, methode)(SIMULATIONS)
    assert (reponse.status_code, reponse.headers["Allow"]) == (405, "POST")


@pytest.mark.menace("T22")
def test_t22_trop_de_simulations_se_dit_avec_le_temps_d_attente(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(api, "SIMULATIONS", Limite("essai:simulations", 2, timedelta(hours=1)))
    for _ in range(2):
        poster(client, BOULANGERIE)
    reponse = client.post(SIMULATIONS, "{}", content_type="application/json")
    assert reponse.status_code == 429
    assert 0 < int(reponse.headers["Retry-After"]) <= 3600
    assert json.loads(reponse.content)["title"] == "Trop de demandes en peu de temps"
    assert client.get("/api/v1/bareme").status_code == 200, "lire se compte à part"


@pytest.mark.menace("T22")
def test_t22_trop_de_lectures_du_bareme_se_dit_de_meme(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(api, "LECTURES", Limite("essai:lectures", 2, timedelta(hours=1)))
    assert [client.get("/api/v1/bareme").status_code for _ in range(3)] == [200, 200, 429]
    reponse = client.get("/api/v1/bareme/smic.horaire_brut")
    assert reponse.status_code == 429
    assert reponse.headers["Content-Type"] == "application/problem+json"


@pytest.mark.jour
@pytest.mark.menace("T14")
def test_t14_aucun_cookie_n_est_lu_ni_pose_meme_d_une_personne_connectee(
    django_user_model: Any, django_assert_num_queries: Any
) -> None:
    """Un autre site ne peut donc rien y faire au nom de quelqu'un : pas de jeton CSRF à exiger."""
    client = Client(enforce_csrf_checks=True)
    client.force_login(django_user_model.objects.create(nom="A", prenom="B", courriel="a@b.fr"))
    with django_assert_num_queries(1):  # le compteur de la limite, et rien d'une session
        poster(client, BOULANGERIE, Origin="https://ailleurs.example")
    poster(client, "{", 400, Origin=settings.URL_PUBLIQUE)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=8),
    lambda suite: st.lists(suite, max_size=3) | st.dictionaries(st.sampled_from([*GROUPE, "mois", "x"]), suite),
    max_leaves=12,
)


class TestToutDocument(TestCase):
    @given(document=st.fixed_dictionaries({"groupes": st.lists(JSON, max_size=2)}) | JSON)
    def test_ce_qui_arrive_recoit_une_reponse_jamais_une_panne(self, document: Any) -> None:
        reponse = Client(raise_request_exception=False, REMOTE_ADDR="::1").post(
            SIMULATIONS, json.dumps(document), content_type="application/json"
        )
        assert reponse.status_code in {200, 422, 429}

    @given(champ=st.sampled_from([*GROUPE, "regime", "statut", "maintien", "net_mensuel", "accord_du"]), valeur=JSON)
    def test_un_champ_quelconque_ne_fait_pas_de_panne(self, champ: str, valeur: Any) -> None:
        document = json.dumps(avec(**{champ: valeur}))
        reponse = Client(raise_request_exception=False).post(SIMULATIONS, document, content_type="application/json")
        assert reponse.status_code in {200, 422, 429}


# --- Ce que le résultat a d'étonnant ---


def test_l_api_compare_les_deux_lectures_quand_structurelles_manque(client: Client) -> None:
    restaurant = {"remuneration": 2300, "duree_hebdomadaire": 39, "periodes": [{"mois": "2026-11", "heures": 152}]}
    (simule,) = poster(client, {"groupes": [restaurant]})["groupes"]
    assert simule["heures_payees"].startswith("152")
    assert [constat["sorte"] for constat in simule["constats"]] == ["structurelles"]
    (simule,) = poster(client, {"groupes": [{**restaurant, "structurelles": False}]})["groupes"]
    assert simule["constats"] == []


def test_l_api_dit_pourquoi_un_reste_a_charge_est_negatif(client: Client) -> None:
    boutique = {"remuneration": "1521.25", "periodes": [{"mois": "2019-05", "heures": 70}]}
    (simule,) = poster(client, {"groupes": [boutique]})["groupes"]
    assert simule["totaux"]["groupe"]["reste_a_charge"] == "-50.40"
    assert [constat["sorte"] for constat in simule["constats"]] == ["reste_negatif"]
