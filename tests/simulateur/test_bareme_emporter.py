"""Le barème à emporter : complet, avec ses sources et ses doutes, sûr dans un tableur, gardé et revalidé."""

from __future__ import annotations

import csv
import json
from io import StringIO

import pytest
import yaml
from django.test import Client

from apart.regles.bareme import bareme
from apart.simulateur.telechargements import COLONNES, FORMATS
from apart.tableaux.tableur import en_csv

NOMBRE = sum(len(p.valeurs) for p in bareme().parametres.values())


def test_le_csv_est_complet_et_s_ouvre_dans_un_tableur_francais(client: Client) -> None:
    contenu = client.get("/bareme/bareme.csv").content
    assert contenu.startswith(b"\xef\xbb\xbf")
    lignes = list(csv.DictReader(StringIO(contenu.decode("utf-8-sig"), newline=""), delimiter=";"))
    assert tuple(lignes[0]) == COLONNES
    assert len(lignes) == NOMBRE
    plancher = next(
        x for x in lignes if x["cle"] == "droit_commun.allocation_plancher" and x["depuis"] == "2020-03-01"
    )
    assert plancher["valeur"] == "8,03"
    assert plancher["source"] == "décret n° 2020-325"
    assert plancher["certitude"] == "verifiee"
    assert plancher["au"] == "2020-12-31"
    assert all(ligne["source"] and ligne["certitude"] and ligne["etat"] for ligne in lignes)


def test_sans_note_ni_lien_la_valeur_est_nulle_jamais_un_texte_vide(client: Client) -> None:
    parametres = json.loads(client.get("/bareme/bareme.json").content)["parametres"]
    for nom in ("note", "lien", "au"):
        lus = {valeur[nom] for parametre in parametres for valeur in parametre["valeurs"]}
        assert None in lus
        assert "" not in lus


@pytest.mark.parametrize("texte", ["=1+1", "+1", "-1", "@A1", "\tx", "\rx", "＝1+1", "＋1", "－1", "＠x"])
def test_aucun_texte_n_est_une_formule(texte: str) -> None:
    assert en_csv([[texte, None]]).lstrip('"').startswith(f"'{texte}")


@pytest.mark.parametrize("forme", ["json", "yaml"])
def test_les_donnees_sont_completes_et_les_nombres_exacts(client: Client, forme: str) -> None:
    contenu = client.get(f"/bareme/bareme.{forme}").content.decode()
    lu = json.loads(contenu) if forme == "json" else yaml.safe_load(contenu)
    assert lu["etabli_le"] == bareme().etabli_le.isoformat()
    assert sum(len(p["valeurs"]) for p in lu["parametres"]) == NOMBRE
    plancher = next(p for p in lu["parametres"] if p["cle"] == "droit_commun.allocation_plancher")
    valeur = next(v for v in plancher["valeurs"] if v["depuis"] == "2020-03-01")
    assert valeur["valeur"] == "8.03"
    assert valeur["source"] == "décret n° 2020-325"
    assert {v["certitude"] for p in lu["parametres"] for v in p["valeurs"]} == {"verifiee", "secondaire", "incertaine"}


@pytest.mark.parametrize("forme", FORMATS)
def test_le_fichier_se_nomme_se_garde_et_se_revalide(client: Client, forme: str) -> None:
    premiere = client.get(f"/bareme/bareme.{forme}")
    nom = f'attachment; filename="bareme-activite-partielle-{bareme().etabli_le}.{forme}"'
    assert premiere.headers["Content-Disposition"] == nom
    assert premiere.headers["Cache-Control"] == "public, max-age=3600"
    seconde = client.get(f"/bareme/bareme.{forme}", headers={"If-None-Match": premiere.headers["ETag"]})
    assert seconde.status_code == 304
    assert not seconde.content
    assert seconde.headers["ETag"] == premiere.headers["ETag"]
    assert client.get(f"/bareme/bareme.{forme}", headers={"If-None-Match": '"autre"'}).status_code == 200
