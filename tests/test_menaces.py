"""docs/securite.md dit vrai : chaque menace promise a ses tests, et les limites annoncées sont celles du code."""

from __future__ import annotations

import re
import sys
from datetime import timedelta
from pathlib import Path

import pytest

from apart.accueil.views import public
from apart.assistance.views import demande
from apart.comptes import connexion, second_facteur
from apart.comptes import limites as comptes
from apart.comptes.actions import jetons
from apart.courriels import limites as courriels
from apart.etablissements import echelle
from apart.etablissements.views import creation
from apart.pieces import reception
from apart.reprises.views import retrouver, suivi
from apart.simulateur.views import api, fichier, simulation
from apart.socle import anti_robot, depense
from apart.socle.limites import Limite

RACINE = Path(__file__).resolve().parent.parent
PAGE = (RACINE / "docs" / "securite.md").read_text()
LIGNES = dict(re.findall(r"^\| (T\d+) \|.*\| ([^|]+) \|$", PAGE, re.MULTILINE))
PROMISES = [f"T{n}" for n in range(1, 43)]


@pytest.mark.parametrize("menace", PROMISES)
def test_chaque_menace_promise_a_un_test_qui_porte_son_numero(menace: str) -> None:
    fichiers = re.findall(r"`(tests/[^`]+)`", LIGNES[menace])

    assert fichiers, f"{menace} n'a pas de test dans docs/securite.md"
    for nom in fichiers:
        texte = (RACINE / nom).read_text()
        assert f'menace("{menace}")' in texte, f"{nom} ne marque aucun test {menace}"
        assert f"def test_{menace.lower()}_" in texte, f"{nom} ne nomme aucun test {menace}"


@pytest.mark.parametrize("nom", sorted(set(re.findall(r"`(tests/[^`]+)`", PAGE))))
def test_chaque_fichier_cite_existe(nom: str) -> None:
    assert (RACINE / nom).is_file()


def test_aucun_test_de_menace_n_est_oublie_par_la_page() -> None:
    marques = {
        menace
        for fichier in (RACINE / "tests").rglob("test_*.py")
        for menace in re.findall(r'menace\("(T\d+)"\)', fichier.read_text())
    }

    assert {menace for menace in marques if "tests/" not in LIGNES[menace]} == set()


LIBELLES = {
    creation.SIRET_PAR_IP: "SIRET vérifiés, par adresse",
    creation.SIRET_PAR_PERSONNE: "SIRET vérifiés, par personne connectée",
    creation.SIRET_REFUSES: "SIRET refusés (mal tapés, fermés), par adresse ou par personne",
    creation.DEMANDE_PAR_PERSONNE: "Ouvertures d'espace demandées ou renvoyées, par personne connectée",
    creation.DEMANDE_PAR_IP: "Ouvertures d'espace demandées ou renvoyées, par adresse",
    comptes.PAR_ADRESSE_IP: "Demandes de récupération, par adresse",
    comptes.FACTEURS_PERDUS: "Seconds facteurs dits perdus, par mot de passe",
    comptes.CHANGEMENTS: "Changements d'adresse demandés ou renvoyés, par personne",
    comptes.CODE_DE_SECOURS: "Essais d'un code de secours, par adresse et identifiant",
    courriels.PAR_QUART_D_HEURE: "Messages vers une adresse, par objet, demandeur et établissement ou demande",
    courriels.PAR_JOUR: "Messages vers une adresse, par objet, demandeur et établissement ou demande, par jour",
    courriels.EN_TOUT: "Messages vers une adresse, par objet et par demandeur, tous établissements ou demandes",
    jetons.ESSAIS_PAR_CODE: "Essais d'un code reçu",
    connexion.PAR_ADRESSE: "Connexions, par adresse",
    connexion.PAR_APPAREIL: "Connexions, par appareil reconnu",
    connexion.COMPTES_PAR_ADRESSE: "Comptes visés, par adresse",
    connexion.ALARME: "Refus de connexion avant l'alarme au journal, sur tout le site",
    echelle.DEMANDES: "Preuves demandées ou codes renvoyés, par habilitation",
    second_facteur.ESSAIS: "Codes de second facteur, par appareil reconnu ou mot de passe",
    second_facteur.ESSAIS_PAR_JOUR: "Codes de second facteur, par appareil reconnu ou mot de passe, par jour",
    anti_robot.ENVOIS_PAR_ADRESSE: "Formulaires avant que le contrôle de sécurité coûte plus à une adresse",
    anti_robot.ENVOIS_EN_TOUT: "Formulaires avant que le contrôle de sécurité coûte plus à tous",
    anti_robot.SANS_JS_PAR_ADRESSE: "Formulaires sans JavaScript, par adresse",
    anti_robot.SANS_JS_EN_TOUT: "Formulaires sans JavaScript, en tout",
    anti_robot.SANS_JS_ESSAIS: "Envois sans JavaScript, réussis ou non, par adresse",
    demande.DEPOTS_PAR_IP: "Demandes d'assistance, par adresse",
    demande.LIENS_PAR_IP: "Liens de suivi redemandés, par adresse",
    demande.MESSAGES_PAR_DEMANDE: "Messages écrits, par demande d'assistance",
    public.CONTRATS_PAR_ADRESSE: "Contrats composés, par adresse",
    fichier.FICHIERS_PAR_ADRESSE: "Fichiers de salaires calculés, par adresse",
    depense.CALCUL_PAR_ADRESSE: "Calcul, en millisecondes de processeur, par adresse",
    simulation.PDF_PAR_ADRESSE: "Simulations en PDF, par adresse",
    retrouver.SUIVIS_PAR_IP: "Liens de suivi d'une reprise redemandés, par adresse",
    suivi.GESTES_PAR_REPRISE: "Gestes depuis une page de suivi, par reprise d'accès",
    reception.MEBIOCTETS: "Mébioctets de pièces jointes reçus, par adresse",
    api.LECTURES: "Lectures du barème par l'interface pour les programmes, par adresse",
    api.SIMULATIONS: "Simulations par l'interface pour les programmes, par adresse",
}
PERIODES = {
    timedelta(minutes=1): "1 minute",
    timedelta(minutes=5): "5 minutes",
    timedelta(minutes=15): "15 minutes",
    timedelta(hours=1): "1 heure",
    timedelta(hours=12): "12 heures",
    timedelta(days=1): "1 jour",
    timedelta(days=7): "la vie du code",
    timedelta(days=30): "30 jours",
}


def test_les_limites_annoncees_sont_celles_du_code_et_aucune_n_est_tue() -> None:
    modules = [module for nom, module in sorted(sys.modules.items()) if nom.startswith("apart.")]
    limites = {valeur for module in modules for valeur in vars(module).values() if isinstance(valeur, Limite)}
    assert {limite.nom for limite in limites - set(LIBELLES)} == set()

    annoncees = PAGE.partition("## Limites")[2].partition("## ")[0]
    assert set(re.findall(r"^\| (.*) \| ([\d ]+) \| (.*) \|$", annoncees, re.MULTILINE)) == {
        (LIBELLES[limite], f"{limite.nombre:,}".replace(",", " "), PERIODES[limite.periode]) for limite in LIBELLES
    }
