"""docs/securite.md dit vrai : chaque menace promise a ses tests, et les limites annoncées sont celles du code."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path

import pytest

from apart.accueil.views.public import CONTRATS_PAR_ADRESSE
from apart.assistance.views.demande import DEPOTS_PAR_IP, LIENS_PAR_IP, MESSAGES_PAR_DEMANDE
from apart.comptes import connexion
from apart.comptes.actions import jetons
from apart.comptes.limites import CODE_DE_SECOURS, PAR_ADRESSE_IP
from apart.courriels.limites import PAR_JOUR, PAR_QUART_D_HEURE
from apart.etablissements.views.creation import DEMANDE_PAR_IP, SIRET_PAR_IP
from apart.socle.anti_robot import ENVOIS_EN_TOUT, SANS_JS_EN_TOUT, SANS_JS_PAR_ADRESSE
from apart.socle.limites import Limite

RACINE = Path(__file__).resolve().parent.parent
PAGE = (RACINE / "docs" / "securite.md").read_text()
LIGNES = dict(re.findall(r"^\| (T\d+) \|.*\| ([^|]+) \|$", PAGE, re.MULTILINE))
# Les menaces de cette livraison : les autres viennent avec la reprise d'accès, les pièces et les exports.
PROMISES = [f"T{n}" for n in (*range(1, 18), 22, *range(25, 37), 39, 40)]


@pytest.mark.parametrize("menace", PROMISES)
def test_chaque_menace_promise_a_un_test_qui_porte_son_numero(menace: str) -> None:
    fichiers = re.findall(r"`(tests/[^`]+)`", LIGNES[menace])

    assert fichiers, f"{menace} n'a pas de test dans docs/securite.md"
    for fichier in fichiers:
        texte = (RACINE / fichier).read_text()
        assert f'menace("{menace}")' in texte, f"{fichier} ne marque aucun test {menace}"
        assert f"def test_{menace.lower()}_" in texte, f"{fichier} ne nomme aucun test {menace}"


def test_aucun_test_de_menace_n_est_oublie_par_la_page() -> None:
    marques = {
        menace
        for fichier in (RACINE / "tests").rglob("test_*.py")
        for menace in re.findall(r'menace\("(T\d+)"\)', fichier.read_text())
    }

    assert {menace for menace in marques if "tests/" not in LIGNES[menace]} == set()


@pytest.mark.parametrize(
    ("libelle", "limite"),
    [
        ("SIRET vérifiés, par adresse", SIRET_PAR_IP),
        ("Formulaires avant que le contrôle de sécurité coûte plus à tous", ENVOIS_EN_TOUT),
        ("Demandes de récupération, par adresse", PAR_ADRESSE_IP),
        ("Messages vers une adresse", PAR_QUART_D_HEURE),
        ("Messages vers une adresse, par jour", PAR_JOUR),
        ("Essais d'un code reçu", jetons.ESSAIS_PAR_CODE),
        ("Essais d'un code de secours, par adresse et identifiant", CODE_DE_SECOURS),
        ("Connexions, par adresse", connexion.PAR_ADRESSE),
        ("Comptes visés, par adresse", connexion.COMPTES_PAR_ADRESSE),
        ("Formulaires sans JavaScript, par adresse", SANS_JS_PAR_ADRESSE),
        ("Formulaires sans JavaScript, en tout", SANS_JS_EN_TOUT),
        ("Ouvertures d'espace demandées ou renvoyées, par adresse", DEMANDE_PAR_IP),
        ("Demandes d'assistance, par adresse", DEPOTS_PAR_IP),
        ("Liens de suivi redemandés, par adresse", LIENS_PAR_IP),
        ("Messages écrits, par demande d'assistance", MESSAGES_PAR_DEMANDE),
        ("Contrats composés, par adresse", CONTRATS_PAR_ADRESSE),
    ],
)
def test_les_limites_annoncees_sont_celles_du_code(libelle: str, limite: Limite) -> None:
    periodes = {timedelta(hours=1): "1 heure", timedelta(minutes=15): "15 minutes", timedelta(minutes=1): "1 minute"}
    periodes |= {timedelta(days=1): "1 jour", timedelta(days=7): "la vie du code"}
    nombre = f"{limite.nombre:,}".replace(",", " ")

    assert f"| {libelle} | {nombre} | {periodes[limite.periode]} |" in PAGE
