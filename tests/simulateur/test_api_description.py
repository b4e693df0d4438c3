"""La description OpenAPI : correcte, complète, et vraie. Ses exemples sont joués, ses réponses sont vérifiées."""

from __future__ import annotations

import html
import json
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from enum import StrEnum
from typing import Any

import pytest
from django.test import Client
from django.urls import get_resolver
from jsonschema import Draft202012Validator, FormatChecker
from openapi_spec_validator import validate
from pytest_django.live_server_helper import LiveServer

from apart.regles.bareme import Certitude, Presence, bareme
from apart.regles.prelevements import Residence
from apart.regles.situations import Dispositif, Secteur, Statut
from apart.simulateur import saisie
from apart.simulateur.api import simulations
from apart.simulateur.api.description import lire
from tests.processus import environnement

pytestmark = pytest.mark.django_db
DESCRIPTION = lire()
SCHEMAS = DESCRIPTION["components"]["schemas"]
EXEMPLES = DESCRIPTION["paths"]["/api/v1/simulations"]["post"]["requestBody"]["content"]["application/json"][
    "examples"
]


def exemple(nom: str) -> Any:
    return DESCRIPTION["components"]["examples"][nom]["value"]


def verifier(document: Any, schema: str) -> None:
    """Le document suit le schéma nommé, références comprises."""
    entier = {"$ref": f"#/components/schemas/{schema}", "components": {"schemas": SCHEMAS}}
    fautes = [f"{f.json_path} : {f.message}" for f in Draft202012Validator(
        entier, format_checker=FormatChecker()
    ).iter_errors(document)]  # fmt: skip
    assert not fautes, fautes[:5]


def reponses() -> Iterator[tuple[str, str, str, dict[str, Any]]]:
    for chemin, actions in DESCRIPTION["paths"].items():
        for methode, action in actions.items():
            for statut, reponse in action["responses"].items():
                yield chemin, methode, statut, reponse


def test_la_description_est_un_openapi_correct(client: Client) -> None:
    servie = json.loads(client.get("/api/v1/openapi.json").content)
    assert servie["openapi"] == "3.1.0"
    validate(servie)


def test_chaque_adresse_de_l_api_est_decrite_et_rien_de_plus() -> None:
    servies = {
        "/" + re.sub(r"<str:(\w+)>", r"{\1}", str(motif.pattern))
        for inclus in get_resolver().url_patterns
        for motif in getattr(inclus, "url_patterns", [])
        if str(motif.pattern).startswith("api/v1/")
    }
    assert servies == set(DESCRIPTION["paths"])


@pytest.mark.parametrize(
    ("schema", "champ", "choix"),
    [
        ("Groupe", "regime", Dispositif),
        ("Groupe", "secteur", Secteur),
        ("Groupe", "statut", Statut),
        ("Groupe", "residence", Residence),
        ("Valeur", "etat", Presence),
    ],
)
def test_les_choix_decrits_sont_ceux_du_code(schema: str, champ: str, choix: type[StrEnum]) -> None:
    assert SCHEMAS[schema]["properties"][champ]["enum"] == [membre.value for membre in choix]


def test_les_champs_et_les_limites_decrits_sont_ceux_du_code() -> None:
    assert SCHEMAS["Certitude"]["enum"] == [c.value for c in Certitude]
    assert set(SCHEMAS["Groupe"]["properties"]) == {*saisie.CHAMPS, "periodes"}
    assert set(SCHEMAS["Periode"]["properties"]) == set(saisie.CHAMPS_PERIODE)
    groupes = SCHEMAS["DemandeDeSimulation"]["properties"]["groupes"]
    assert groupes["maxItems"] == simulations.GROUPES_PERMIS
    assert SCHEMAS["Probleme"]["properties"]["errors"]["maxItems"] == simulations.ANOMALIES_DITES
    assert f"{simulations.MOIS_PERMIS} mois" in groupes["description"]
    assert SCHEMAS["Groupe"]["properties"]["periodes"]["maxItems"] == saisie.PERIODES_PERMISES


def test_chaque_champ_a_sa_phrase() -> None:
    def phrase(decrit: dict[str, Any]) -> str:
        reference = decrit.get("$ref", "").rsplit("/", 1)[-1]
        return str(decrit.get("description") or SCHEMAS.get(reference, {}).get("description", ""))

    muets = {"ValeurEmployee", "ParametreDate"}  # les mêmes champs que Valeur et Parametre
    sans = [
        f"{nom}.{champ}"
        for nom, schema in SCHEMAS.items()
        for champ, decrit in schema.get("properties", {}).items()
        if nom not in muets and not phrase(decrit)
    ]
    assert not sans


@pytest.mark.parametrize("nom", EXEMPLES)
def test_chaque_exemple_se_joue_et_sa_reponse_suit_son_schema(client: Client, nom: str) -> None:
    demande = exemple(EXEMPLES[nom]["$ref"].rsplit("/", 1)[-1])
    verifier(demande, "DemandeDeSimulation")
    reponse = client.post("/api/v1/simulations", json.dumps(demande), content_type="application/json")
    assert reponse.status_code == 200
    verifier(json.loads(reponse.content), "Simulation")


def test_l_exemple_de_refus_est_celui_que_l_on_recoit(client: Client) -> None:
    attendu = exemple("saisieARevoir")
    verifier(attendu, "Probleme")
    periodes = [{"mois": "2020-04", "heures": 10}, {"mois": "2020-05", "heures": -1}]
    demande = {"groupes": [{"taux_horaire": 12, "periodes": periodes}]}
    recu = json.loads(client.post("/api/v1/simulations", demande, content_type="application/json").content)
    assert recu | {"type": attendu["type"]} == attendu


@pytest.mark.parametrize(
    ("adresse", "schema"),
    [
        ("/api/v1/bareme", "Bareme"),
        ("/api/v1/bareme?le=2020-04-15", "Bareme"),
        ("/api/v1/bareme?cle=droit_commun", "Bareme"),
        ("/api/v1/bareme?cle=droit_commun.allocation_plancher", "Bareme"),
        ("/api/v1/bareme/droit_commun.allocation_plancher", "ParametreDate"),
        ("/api/v1/bareme/droit_commun.allocation_plancher?le=2020-04-15", "ParametreDate"),
        ("/api/v1/bareme/zz", "Probleme"),
        ("/api/v1/bareme?le=zz", "Probleme"),
        ("/api/v1/simulations", "Probleme"),
        ("/api/v1/rien", "Probleme"),
    ],
)
def test_chaque_reponse_suit_son_schema(client: Client, adresse: str, schema: str) -> None:
    verifier(json.loads(client.get(adresse).content), schema)


def test_les_exemples_de_criteres_existent() -> None:
    criteres = DESCRIPTION["paths"]["/api/v1/bareme"]["get"]["parameters"][1]["examples"]
    assert criteres["cle"]["value"] in bareme().parametres
    assert any(cle.startswith(f"{criteres['sujet']['value']}.") for cle in bareme().parametres)
    assert DESCRIPTION["paths"]["/api/v1/bareme/{cle}"]["get"]["parameters"][0]["example"] in bareme().parametres


def test_chaque_reponse_decrite_a_une_phrase() -> None:
    partagees = DESCRIPTION["components"]["responses"]
    for chemin, methode, statut, reponse in reponses():
        decrite = partagees[reponse["$ref"].rsplit("/", 1)[-1]] if "$ref" in reponse else reponse
        assert decrite["description"].endswith("."), (chemin, methode, statut)


# --- La page /api/ : ce qu'elle donne à copier marche ---


def a_copier(client: Client, repere: str) -> str:
    trouve = re.search(rf'<code id="{repere}">(.*?)</code>', client.get("/api/").content.decode(), re.DOTALL)
    assert trouve
    return html.unescape(trouve[1]).strip()


def test_la_page_nomme_chaque_adresse_et_chaque_champ(client: Client) -> None:
    page = client.get("/api/").content.decode()
    for chemin in DESCRIPTION["paths"]:
        assert html.escape(chemin) in page
    for champ in (*saisie.CHAMPS, *saisie.CHAMPS_PERIODE):
        assert f"<code>{champ}</code>" in page
    assert "60 simulations et 600 lectures du barème par minute" in page
    assert page.count("<script") == 1, "aucun script que celui de toutes les pages"


def test_la_reponse_montree_est_la_vraie(client: Client) -> None:
    demande = exemple("boulangerie") | {"trace": False}
    recue = client.post("/api/v1/simulations", demande, content_type="application/json")
    assert json.loads(a_copier(client, "exemple-reponse")) == json.loads(recue.content)


def test_l_exemple_en_python_s_execute(client: Client, live_server: LiveServer, settings: Any) -> None:
    settings.URL_PUBLIQUE = live_server.url
    programme = a_copier(client, "exemple-python")
    fini = subprocess.run(
        [sys.executable, "-c", programme], env=environnement(), capture_output=True, text=True, check=False
    )
    assert fini.returncode == 0, fini.stderr
    assert fini.stdout.split() == ["Vendeuses", "2020-04", "843.15", "843.15"]


@pytest.mark.skipif(shutil.which("curl") is None, reason="curl est absent de cette machine")
@pytest.mark.parametrize(("repere", "attendu"), [("exemple-curl", '"2529.45"'), ("exemple-bareme", '"8.03"')])
def test_les_exemples_avec_curl_s_executent(
    client: Client, live_server: LiveServer, settings: Any, repere: str, attendu: str
) -> None:
    settings.URL_PUBLIQUE = live_server.url
    ligne = a_copier(client, repere).replace("curl ", "curl -sS --noproxy '*' ", 1)
    fini = subprocess.run(["bash", "-c", ligne], env=environnement(), capture_output=True, text=True, check=False)
    assert fini.returncode == 0, fini.stderr
    assert attendu in fini.stdout
