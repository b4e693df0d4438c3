"""Les gestes d'une personne qui ouvre un espace, pour raconter les histoires en peu de lignes."""

from __future__ import annotations

import html
import re
from typing import Any

from django.test import Client

from apart.comptes.models import Utilisateur
from apart.repertoire.models import Fiche
from tests.boite import Boite, Lettre
from tests.preuves import preuve
from tests.travail import travailler

SIRET = "73282932000074"
MOT_DE_PASSE = "les vaches paissent au bord du lac"

SAISIE = {
    "denomination": "Boulangerie Durand",
    "numero_voie": "12",
    "type_voie": "rue",
    "libelle_voie": "des Lilas",
    "code_postal": "75011",
    "ville": "Paris",
    "telephone_fixe": "01 02 03 04 05",
    "courriel": "contact@boulangerie-durand.fr",
    "confirmer_courriel": "contact@boulangerie-durand.fr",
    "nom": "Durand",
    "prenom": "Marie",
    "telephone": "06 02 03 04 05",
    "courriel_utilisateur": "marie@boulangerie-durand.fr",
    "confirmer_courriel_utilisateur": "marie@boulangerie-durand.fr",
}


def fiche(siret: str = SIRET, **champs: Any) -> Fiche:
    valeurs = {
        "enseigne": "BOULANGERIE DURAND",
        "libelle_voie": "DES LILAS",
        "code_postal": "75011",
        "ville": "PARIS",
    }
    return Fiche.objects.create(siret=siret, **(valeurs | champs))


def donner_siret(client: Client, siret: str = SIRET, **reste: str) -> Any:
    saisie = {"siret": siret, "cgu": "on"} | reste
    return client.post("/espace/creer/", saisie | preuve("creer-espace"))


def remplir(client: Client, siret: str = SIRET, **changements: str) -> Any:
    """Du SIRET à « Consultez votre messagerie » ; rend la dernière réponse."""
    formulaire = donner_siret(client, siret)["Location"]
    return client.post(formulaire, SAISIE | changements | preuve("creation-espace"))


def recevoir_lien(client: Client, boite: Boite, siret: str = SIRET, **changements: str) -> Lettre:
    remplir(client, siret, **changements)
    travailler()
    return boite.recevoir_une()


def secret(lettre: Lettre) -> str:
    return lettre.chemin.rstrip("/").rsplit("/", 1)[1]


def lus(page: Any) -> dict[str, str]:
    """Ce que les champs d'une page portent déjà. Sans leur clé d'envoi : tests/test_envoyer_deux_fois.py l'éprouve."""
    champs = re.findall(r'<input[^>]*? name="(\w+)" value="([^"]*)"', page.content.decode())
    return {nom: html.unescape(valeur) for nom, valeur in champs if nom != "csrfmiddlewaretoken"}


def relire(client: Client, lettre: Lettre) -> Any:
    """Du lien à la page où se relit ce qui a été saisi avant la preuve."""
    return client.post("/espace/ouvrir/", {"jeton": secret(lettre)})


def ouvrir(client: Client, lettre: Lettre, mot_de_passe: str | None = MOT_DE_PASSE, **changements: str) -> Any:
    """Du lien à l'espace ouvert, en validant ce qui se relit ; rend la dernière réponse."""
    page = relire(client, lettre)
    if page.status_code != 200:
        return page
    choix = {"etape": "ouvrir"} | ({"mot_de_passe": mot_de_passe} if mot_de_passe else {})
    return client.post("/espace/ouvrir/", lus(page) | choix | changements)


def transmettre(client: Client, lettre: Lettre, **changements: str) -> Any:
    """Du lien d'une demande à rejoindre à la demande transmise, après l'avoir relue."""
    page = client.post("/espace/rejoindre/confirmer/", {"jeton": secret(lettre)})
    return client.post("/espace/rejoindre/confirmer/", lus(page) | changements)


def ouvrir_directement(boite: Boite) -> Utilisateur:
    """L'espace ouvert par Marie, tous ses messages déjà arrivés."""
    ouvrir(Client(), recevoir_lien(Client(), boite))
    boite.recevoir()
    return Utilisateur.objects.get(courriel=SAISIE["courriel_utilisateur"])
