"""Changer de clé secrète ne fait rien perdre à personne : ce qui en dérive se retrouve sous les anciennes."""

from __future__ import annotations

import re

import pytest
from django.contrib.auth.models import AnonymousUser
from django.core import signing
from django.http import HttpRequest
from django.test import Client
from pytest_django.fixtures import Settings

from apart.comptes import appareils
from apart.comptes.actions import jetons
from apart.comptes.connexion import cles_compte
from apart.comptes.jetons import Demande
from apart.comptes.models import Usage, Utilisateur
from apart.courriels.actions import mettre_en_file
from apart.courriels.adresses import numero_du_retour, retour
from apart.socle.envois import Cle
from tests.comptes.fabriques import SECRET_TOTP, code_totp, entrer, equiper, est_connecte, personne

pytestmark = [pytest.mark.django_db, pytest.mark.jour]
ANCIENNE, NOUVELLE = "ancienne" * 8, "nouvelle" * 8


@pytest.fixture(autouse=True)
def _avant(settings: Settings) -> None:
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = ANCIENNE, []


def changer(settings: Settings, *, garder: bool = True) -> None:
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = NOUVELLE, [ANCIENNE] if garder else []


def requete(client: Client) -> HttpRequest:
    """Ce que ce navigateur envoie de ses cookies."""
    envoyee = HttpRequest()
    envoyee.user = AnonymousUser()
    envoyee.COOKIES = {nom: cookie.value for nom, cookie in client.cookies.items()}
    return envoyee


def reconnu(client: Client, qui: Utilisateur) -> str:
    return appareils.reconnu(requete(client), qui.identifiant)


@pytest.mark.menace("T5")
def test_t5_un_appareil_reconnu_le_reste_et_garde_ses_propres_compteurs(client: Client, settings: Settings) -> None:
    marie = personne()
    entrer(client, marie.identifiant)
    jeton = reconnu(client, marie)

    changer(settings)

    assert jeton
    assert reconnu(client, marie) == jeton
    assert appareils.ouvert_ici(marie.identifiant, appareils.connus(requete(client)))
    assert reconnu(client, personne("jean@garage.fr")) == ""


def test_une_connexion_reecrit_le_cookie_et_l_ancienne_cle_peut_partir(client: Client, settings: Settings) -> None:
    marie = personne()
    entrer(client, marie.identifiant)
    jeton = reconnu(client, marie)
    changer(settings)
    client.post("/deconnexion/")
    entrer(client, marie.identifiant)

    changer(settings, garder=False)

    assert reconnu(client, marie) == jeton
    gardes = signing.loads(client.cookies[appareils.NOM].value, salt=appareils.SEL)
    assert list(gardes) == [cles_compte(marie.identifiant)[0][:16]]  # pas deux fois le même compte


def test_la_session_ouverte_le_reste(client: Client, settings: Settings) -> None:
    entrer(client, personne().identifiant)
    changer(settings)
    assert est_connecte(client)


def test_le_second_facteur_se_relit(client: Client, settings: Settings) -> None:
    """Rien ne le rechiffre : l'ancienne clé se garde tant qu'il en dépend (docs/exploitation.md)."""
    marie = equiper(personne())
    changer(settings)
    entrer(client, marie.identifiant)
    client.post("/connexion/code/", {"code": code_totp(SECRET_TOTP)})
    assert est_connecte(client)


def test_un_code_recu_avant_vaut_encore(settings: Settings) -> None:
    demande = Demande.maintenant()
    emis = jetons.emettre(Usage.MOT_DE_PASSE, courriel="marie@exemple.fr", demande=demande)
    changer(settings)
    assert jetons.echanger_code(Usage.MOT_DE_PASSE, demande, emis.code)


@pytest.mark.menace("T41")
def test_t41_l_avis_de_non_remise_d_un_message_deja_parti_se_reconnait(settings: Settings) -> None:
    courriel = mettre_en_file("identifiant", a="marie@exemple.fr", contexte={"identifiant": "K7MP-2QXV"})
    adresse = retour(courriel)
    changer(settings)
    assert numero_du_retour(adresse) == courriel.numero
    assert numero_du_retour(re.sub(r"\.\w{16}@", ".0123456789abcdef@", adresse)) is None
    changer(settings, garder=False)
    assert numero_du_retour(adresse) is None


def test_un_envoi_refait_apres_le_changement_n_agit_toujours_qu_une_fois(settings: Settings) -> None:
    cle = Cle("cookie", "envoi")
    cle.garder({"vers": "/ici/"})
    changer(settings)
    assert cle.relire() == {"vers": "/ici/"}
    assert Cle("autre cookie", "envoi").relire() is None
