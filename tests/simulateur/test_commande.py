"""« apart bareme calculer » : chaque type de cas, chaque fichier qu'on lui tend, et jamais de base de données."""

from __future__ import annotations

import csv
import json
import subprocess
from decimal import Decimal
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from apart.regles.cas import TYPES
from tests.installation.lanceur import APART
from tests.processus import environnement

OFFICIELS = Path(__file__).parents[1] / "regles" / "cas_officiels.json"
PLAFOND = {"id": "P", "type": "plafond", "date": "2020-04-01", "entrees": {"taux": 0.7}}


def calculer(fichier: Path, *options: str) -> tuple[str, str]:
    sortie, refus = StringIO(), StringIO()
    call_command("bareme", "calculer", str(fichier), *options, stdout=sortie, stderr=refus)
    return sortie.getvalue(), refus.getvalue()


def ecrire(dossier: Path, contenu: object) -> Path:
    fichier = dossier / "cas.json"
    fichier.write_text(contenu if isinstance(contenu, str) else json.dumps(contenu), encoding="utf-8")
    return fichier


def test_les_cas_officiels_gardent_leur_forme_et_gagnent_leurs_resultats() -> None:
    sortie, refus = calculer(OFFICIELS)
    donne, rendu = json.loads(OFFICIELS.read_text()), json.loads(sortie)
    assert not refus
    assert rendu["meta"] == donne["meta"]
    assert [c["id"] for c in rendu["cas"]] == [c["id"] for c in donne["cas"]]
    for cas, demande in zip(rendu["cas"], donne["cas"], strict=True):
        assert {nom: cas[nom] for nom in demande} == demande
        assert cas["trace"]
        if cas["accord_avec_regles"]:
            assert {nom: cas["resultats"][nom] for nom in cas["attendus"]} == cas["attendus"]


CHAQUE_TYPE: dict[str, tuple[dict[str, Any], str, object]] = {
    "montant": ({"taux_horaire_brut": 10.15, "heures_indemnisables": 105}, "allocation_totale", 843.15),
    "complement": ({"taux_horaire_brut": 40.6, "maintien": 1}, "complement", 12.18),
    "reference": ({"salaire_mensuel": 2700, "heures_travaillees": 77}, "heures_indemnisables", 74.67),
    "heures": ({"duree_hebdo": 39, "travaillees": 20}, "heures_indemnisables", 15),
    "plafond": ({"taux": 0.7}, "plafond_horaire", 31.97),
    "forfait": ({"effectif": 250}, "allocation_horaire", 7.74),
    "ecretement": ({"net_activite": 842.82, "indemnite": 709.09}, "seuil", 1539.42),
    "apld_reduction": ({"duree_hebdo": 35, "taux": 0.4}, "heures", 14),
    "duree_autorisation": ({"autorisations": [["2021-07-01", "2021-08-31"]]}, "mois_restants", 4),
    "delai_demande": ({"placement": "2020-04-20"}, "limite", "2020-05-20"),
    "contingent": ({"heures_consommees": 607}, "heures_restantes", 1000),
    "duree_apld": ({"mois_consommes": 10}, "mois_restants", 26),
    "minimum_mensuel": ({"net_activite": 600, "indemnite_nette": 500}, "complement", 117.91),
    "taux_moyen": ({"remunerations": [8400], "cadre_dirigeant": True}, "taux_horaire", 40),
    "totaux": (
        {"taux_horaire_brut": 10.15, "periodes": [["2020-04-01", "2020-04-30", 151.67]]},
        "indemnite_totale",
        1217.91,
    ),
}
DATES = {
    "forfait": "2019-06-15",
    "apld_reduction": "2023-05-31",
    "duree_apld": "2023-05-31",
    "duree_autorisation": "2021-12-01",
    "complement": "2020-11-15",
}


def test_chaque_type_a_son_exemple() -> None:
    assert set(CHAQUE_TYPE) == set(TYPES)


@pytest.mark.parametrize("genre", CHAQUE_TYPE)
def test_chaque_type_se_calcule(genre: str, tmp_path: Path) -> None:
    entrees, nom, attendu = CHAQUE_TYPE[genre]
    regime = "apld" if "apld" in genre else "droit_commun"
    cas = {"type": genre, "date": DATES.get(genre, "2020-04-15"), "regime": regime, "entrees": entrees}
    rendu = json.loads(calculer(ecrire(tmp_path, {"cas": [cas]}))[0])["cas"][0]
    assert rendu["resultats"][nom] == attendu


FAUX: list[Any] = [
    5,
    None,
    "texte",
    {},
    {"type": [], "entrees": {}},
    {"type": "martien", "entrees": {}},
    {"type": "montant", "date": "2020-04-15"},
    {"type": "montant", "date": "31/02/2020", "entrees": {"taux_horaire_brut": 12}},
    {"type": "montant", "date": "2020-04-15", "regime": {}, "entrees": {"taux_horaire_brut": 12}},
    {"type": "montant", "date": "2020-04-15", "entrees": {"taux_horaire_brut": -1}},
    {"type": "montant", "date": "2020-04-15", "entrees": {"taux_horaire_brut": 1e99}},
    {"type": "montant", "date": "2206-04-15", "entrees": {"taux_horaire_brut": 12}},
    {"type": "reference", "date": "2020-04-15", "entrees": {"salaire_mensuel": 2000, "diviseur": 1e-30}},
    {"type": "delai_demande", "date": "2020-03-20", "entrees": {"placement": "2020-03-20", "delai_jours": 10**8}},
    {"type": "duree_autorisation", "date": "2024-12-20", "entrees": {"autorisations": [["2021-05-31", "9999-12-31"]]}},
    {"type": "duree_autorisation", "date": "2021-12-01", "entrees": {"autorisations": 5}},
]


@pytest.mark.parametrize("rang", range(len(FAUX)))
def test_un_cas_faux_porte_sa_phrase_et_les_autres_sont_calcules(rang: int, tmp_path: Path) -> None:
    sortie, refus = calculer(ecrire(tmp_path, [PLAFOND, FAUX[rang], PLAFOND]))
    avant, faux, apres = json.loads(sortie)
    assert avant["resultats"] == apres["resultats"] == {"plafond_horaire": 31.97}
    assert faux["erreur"].endswith(".")
    assert "resultats" not in faux
    assert f"Cas 2 : {faux['erreur']}" in refus
    assert "1 cas sur 3 n'ont pas pu être calculés." in refus


@pytest.mark.parametrize("nombre", ["NaN", "Infinity", "-Infinity", "1e99999", "9" * 5000])
def test_un_nombre_sans_mesure_ne_perd_que_son_cas(nombre: str, tmp_path: Path) -> None:
    cas = f'{{"type": "montant", "date": "2020-04-15", "entrees": {{"taux_horaire_brut": {nombre}}}}}'
    sortie, _ = calculer(ecrire(tmp_path, f"[{json.dumps(PLAFOND)}, {cas}]"))
    juste, faux = json.loads(sortie, parse_constant=lambda mot: pytest.fail(f"{mot} n'est pas du JSON"))
    assert juste["resultats"]
    assert "hors de toute mesure" in faux["erreur"] or "est un nombre" in faux["erreur"]


def test_le_tableau_a_une_ligne_par_cas_et_aucune_formule(tmp_path: Path) -> None:
    sortie, _ = calculer(ecrire(tmp_path, [PLAFOND | {"id": "=1+1"}, {"id": "x", "type": "martien"}]), "--csv")
    lignes = list(csv.DictReader(StringIO(sortie), delimiter=";"))
    assert lignes[0]["id"] == "'=1+1"
    assert lignes[0]["plafond_horaire"] == "31,97"
    assert lignes[1]["erreur"].startswith("Le type « martien » n'existe pas.")
    assert lignes[1]["plafond_horaire"] == ""


@pytest.mark.parametrize(
    ("contenu", "phrase"),
    [
        (b"", "il n'y a rien à lire"),
        (b"  \n", "il n'y a rien à lire"),
        (b'{"cas": [', "ligne 1, colonne 10 : une valeur est attendue"),
        (b'{"cas": []}\n{', "ligne 2, colonne 1 : quelque chose suit la fin du document"),
        (b"id;type\n", "n'est pas du JSON lisible"),
        ('{"cas": ["é"]}'.encode("latin-1"), "n'est pas un texte en UTF-8 (octet 11)"),
        (b"[" * 100_000, "emboîtés"),
        (b'[{"id": "\\ud800"}]', "ligne 1, colonne 10 : un signe coupé en deux"),
        (b'"texte"', "Le fichier doit contenir une liste de cas"),
        (b'{"autre": []}', "Le fichier doit contenir une liste de cas"),
        (b'{"cas": {}}', "Le fichier doit contenir une liste de cas"),
        (b"5", "Le fichier doit contenir une liste de cas"),
    ],
)
def test_un_fichier_qui_ne_se_lit_pas_se_dit(contenu: bytes, phrase: str, tmp_path: Path) -> None:
    fichier = tmp_path / "cas.json"
    fichier.write_bytes(contenu)
    with pytest.raises(CommandError) as refus:
        calculer(fichier)
    assert phrase in str(refus.value)


def test_un_fichier_absent_ou_un_dossier_se_dit(tmp_path: Path) -> None:
    for chemin in (tmp_path / "absent.json", tmp_path):
        with pytest.raises(CommandError, match="ne se lit pas"):
            calculer(chemin)


def test_une_liste_vide_rend_une_liste_vide(tmp_path: Path) -> None:
    assert calculer(ecrire(tmp_path, []))[0].strip() == "[]"
    assert json.loads(calculer(ecrire(tmp_path, {"cas": []}))[0]) == {"cas": []}


def test_une_marque_d_ordre_des_octets_ne_gene_pas(tmp_path: Path) -> None:
    fichier = tmp_path / "cas.json"
    fichier.write_bytes(b"\xef\xbb\xbf" + json.dumps([PLAFOND]).encode())
    assert json.loads(calculer(fichier)[0])[0]["resultats"]


# --- La vraie commande, dans un vrai processus ---


def lancer(*arguments: str, var: Path, entree: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    """Sans réglage hérité, avec une base injoignable : la commande ne doit pas s'en apercevoir."""
    return subprocess.run(
        [APART, "bareme", "calculer", *arguments],
        env=environnement(APART_VAR=str(var)),
        input=entree,
        capture_output=True,
        check=False,
    )


def test_la_commande_calcule_sans_demarrer_de_base(tmp_path: Path) -> None:
    fini = lancer(str(OFFICIELS), var=tmp_path / "var")
    assert fini.returncode == 0, fini.stderr
    assert len(json.loads(fini.stdout, parse_float=Decimal)["cas"]) == len(json.loads(OFFICIELS.read_text())["cas"])
    assert not (tmp_path / "var" / "postgres").exists()


def test_un_tiret_lit_l_entree_standard(tmp_path: Path) -> None:
    fini = lancer("-", "--csv", var=tmp_path, entree=json.dumps([PLAFOND, 5]).encode())
    assert fini.returncode == 0
    assert "31,97" in fini.stdout.decode()
    assert "1 cas sur 2 n'ont pas pu être calculés." in fini.stderr.decode()


@pytest.mark.parametrize("entree", [b"", b"{", b"\xff\xfe"])
def test_une_entree_standard_illisible_se_dit_en_une_phrase(entree: bytes, tmp_path: Path) -> None:
    fini = lancer("-", var=tmp_path, entree=entree)
    assert fini.returncode == 1
    assert not fini.stdout
    assert "L'entrée standard" in fini.stderr.decode()
    assert b"Traceback" not in fini.stderr
