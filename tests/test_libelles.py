"""Les libellés de la note de 2020, page par page, au signe près : qui la suit des yeux les retrouve."""

from __future__ import annotations

import html
import re

import pytest
from django.test import Client

from tests.etablissements.parcours import donner_siret, fiche

pytestmark = pytest.mark.django_db

# Une étoile dit un champ à remplir. Les deux-points que la note met après certains mots ne sont pas des libellés.
LIBELLES = {
    "accueil": (
        "MA PREMIÈRE CONNEXION",
        "CRÉER MON ESPACE",
        "Vous êtes EXPERT-COMPTABLE et vous représentez un établissement ?",
        "CONTRAT DE PRESTATION",
        "MON ESPACE PERSONNEL",
        "Identifiant",
        "Mot de passe",
        "Annuler",
        "Connexion",
        "J'ai oublié mon identifiant",
        "J'ai oublié mon mot de passe",
        "Simulation de l'indemnisation de l'employeur en cas d'activité partielle",
        "Estimez le montant remboursé par l'État au titre d'une période d'activité partielle des salariés",
        "BESOIN D'AIDE ?",
        "Mentions légales",
        "Conditions générales d'utilisation",
        "Contacter le support technique",
    ),
    "siret": (
        "N° de Siret*",
        "Contrôle de sécurité*",
        "J'accepte les conditions générales d'utilisation*",
        "VALIDER",
        "ANNULER",
    ),
    "creation": (
        "Vos informations ont été renseignées, vous pouvez les modifier si besoin.",
        "Information établissement",
        "Dénomination de l'établissement*",
        "Numéro de voie",
        "Extension de voie",
        "Type de voie",
        "Libellé de la voie*",
        "Complément d'adresse",
        "Code postal*",
        "Ville*",
        "Téléphone fixe*",
        "Courriel établissement*",
        "Fax",
        "Confirmer courriel établissement*",
        "Compte utilisateur à créer",
        "Nom*",
        "Prénom*",
        "Téléphone*",
        "Courriel*",
        "Confirmer courriel*",
        "Question secrète",  # à remplir si l'installation le veut ; la réponse se tape après la preuve (décision 0014)
        "Contrôle de sécurité*",  # « Recopiez le code » : il n'y a plus rien à recopier (décision 0004)
        "VALIDER",
        "ANNULER",
    ),
    "aide": (
        "BESOIN D'AIDE ?",
        "Que voulez-vous faire ?",
        "Consulter la base documentaire",
        "Envoyer une demande d'assistance",
        "Contacter le support technique",
    ),
    "assistance": (
        "Formulaire de demande d'assistance",
        "N° de Siret*",
        "Dénomination établissement*",
        "Nom et prénom*",
        "N° de téléphone*",
        "Adresse électronique*",
        "Motif de la demande*",
        "Veuillez sélectionner un motif…",
        "Habilitation à l'extranet",
        "Fiche Etablissement",
        "Décision d'Autorisation",
        "Demande d'Indemnisation",
        "Certificat de signature",
        "Autres",
        "Description de la demande",
        "1 000 caractères maximum",
        "Contrôle de sécurité*",
        "ENVOYER",
        "ANNULER",
    ),
}
# Ce qui commence une phrase de la page, ou son titre, que la note met en capitales.
DEBUTS = {
    "accueil": (
        "Pour accéder à nos services en ligne, vous devez d'abord créer un espace pour l'entreprise que vous",
        "Ne pas saisir l'adresse de messagerie",
    ),
    "siret": (
        "Veuillez saisir le numéro de Siret de l'établissement pour lequel vous demandez une création de compte",
    ),
    "creation": ("CRÉATION DE COMPTE D'ACCÈS À L'EXTRANET ACTIVITÉ PARTIELLE",),
}


def textes(page: str) -> set[str]:
    """Chaque texte de la page, l'étoile collée à son libellé, les blancs réduits à une espace."""
    colle = re.sub(r'\s*<span class="apart-etoile">\s*\*\s*</span>', "*", page)
    return {re.sub(r"\s+", " ", html.unescape(texte)).strip() for texte in re.split(r"<[^>]*>", colle)}


@pytest.fixture
def pages(client: Client) -> dict[str, set[str]]:
    fiche()
    chemins = {
        "accueil": "/",
        "siret": "/espace/creer/",
        "creation": donner_siret(client)["Location"],
        "aide": "/aide/",
        "assistance": "/aide/assistance/",
    }
    return {nom: textes(client.get(chemin).content.decode()) for nom, chemin in chemins.items()}


@pytest.mark.parametrize("nom", LIBELLES)
def test_chaque_libelle_de_la_note_est_sur_sa_page(pages: dict[str, set[str]], nom: str) -> None:
    assert [libelle for libelle in LIBELLES[nom] if libelle not in pages[nom]] == []


@pytest.mark.parametrize("nom", DEBUTS)
def test_chaque_phrase_de_la_note_commence_comme_elle(pages: dict[str, set[str]], nom: str) -> None:
    en_minuscules = {texte.lower() for texte in pages[nom]}
    manquantes = [d for d in DEBUTS[nom] if not any(texte.startswith(d.lower()) for texte in en_minuscules)]
    assert manquantes == []
