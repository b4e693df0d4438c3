"""Se connecter et demander un nouveau mot de passe : contre Argon2 seul, et contre django-allauth tel quel."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import timedelta
from itertools import count
from statistics import median

import altcha
import psycopg
from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.utils import timezone

from apart.comptes.hachage import Argon2
from apart.comptes.models import Utilisateur
from apart.socle import anti_robot
from banc.base import base_d_essai
from banc.charge import Envoi, poster
from banc.courriels import puits
from banc.ligne import Ligne
from banc.serveurs import PROCESSUS, adresse_base, port_libre, processus, serveur_apart

PERSONNES = 200
CONNEXIONS = 200  # par passe
DEMANDES = 200
PASSES = 5
MOT_DE_PASSE = "clairon brume ecureuil safran"
BASE_NUE = "banc_allauth_nu"
adresses = (f"10.{n >> 16 & 255}.{n >> 8 & 255}.{n & 255}" for n in count(1))  # une par visiteur, jamais deux fois


@dataclass(frozen=True)
class Serveurs:
    nous: int
    nu: int


def mesurer() -> list[Ligne]:
    """Médianes de plusieurs passes, toutes les mesures en alternance. Suppose Django prêt."""
    with ExitStack() as pile:
        serveurs = _preparer(pile)
        _passe(serveurs)  # à froid, non comptée
        passes = [_passe(serveurs) for _ in range(PASSES)]
    nous, argon2, nu, demandes, demandes_nu = (median(valeurs) for valeurs in zip(*passes, strict=True))
    return [
        Ligne("connexion / Argon2 seul", nous, argon2, "connexions/s", 0.9),
        Ligne("connexion / django-allauth", nous, nu, "connexions/s", 1.0),
        Ligne("demande de mot de passe / django-allauth", demandes, demandes_nu, "demandes/s", 1.0),
    ]


def _passe(serveurs: Serveurs) -> tuple[float, float, float, float, float]:
    return (
        poster(serveurs.nous, connexions()),
        argon2_seul(),
        poster(serveurs.nu, connexions_nues()),
        poster(serveurs.nous, demandes()),
        poster(serveurs.nu, demandes_nues()),
    )


def connexions() -> list[Envoi]:
    identifiants = list(Utilisateur.objects.values_list("identifiant", flat=True)[:CONNEXIONS])
    return [
        Envoi("/connexion/", {"identifiant": i, "mot_de_passe": MOT_DE_PASSE}, settings.CSRF_COOKIE_NAME, adresse)
        for i, adresse in zip(identifiants, adresses, strict=False)
    ]


def connexions_nues() -> list[Envoi]:
    return [
        Envoi("/accounts/login/", {"login": f"p{n}", "password": MOT_DE_PASSE}, "csrftoken", adresse)
        for n, adresse in zip(range(CONNEXIONS), adresses, strict=False)
    ]


def demandes() -> list[Envoi]:
    """Le défi anti-robot est résolu d'avance, comme un navigateur le fait pendant que la personne tape."""
    nom = "mot-de-passe-oublie"
    ouvert = anti_robot.signer_instant(nom, timezone.now() - timedelta(seconds=5))
    envois = []
    for identifiant, adresse in zip(
        Utilisateur.objects.values_list("identifiant", flat=True)[:DEMANDES], adresses, strict=False
    ):
        defi = anti_robot.creer_defi(nom, effort=2)
        preuve = altcha.Payload(defi, altcha.solve_challenge(defi)).to_base64()
        champs = {"identifiant": identifiant, "altcha": preuve, "ouvert": ouvert, "precision": ""}
        envois.append(Envoi("/mot-de-passe-oublie/", champs, settings.CSRF_COOKIE_NAME, adresse))
    return envois


def demandes_nues() -> list[Envoi]:
    return [
        Envoi("/accounts/password/reset/", {"email": f"p{n}@exemple.fr"}, "csrftoken", adresse)
        for n, adresse in zip(range(DEMANDES), adresses, strict=False)
    ]


def argon2_seul() -> float:
    """Autant de vérifications que de connexions, un processus par cœur, rien d'autre."""
    empreinte = make_password(MOT_DE_PASSE)
    with ProcessPoolExecutor(PROCESSUS) as bassin:
        list(bassin.map(_verifier, [empreinte] * PROCESSUS, [1] * PROCESSUS))  # démarre les processus
        debut = time.perf_counter()
        list(bassin.map(_verifier, [empreinte] * PROCESSUS, [CONNEXIONS // PROCESSUS] * PROCESSUS))
        return CONNEXIONS / (time.perf_counter() - debut)


def _verifier(empreinte: str, fois: int) -> None:
    for _ in range(fois):
        assert Argon2().verify(MOT_DE_PASSE, empreinte)


# --- Les deux serveurs ---


def _preparer(pile: ExitStack) -> Serveurs:
    pile.enter_context(base_d_essai())
    pile.enter_context(_base_nue())
    _remplir()
    smtp = pile.enter_context(puits())
    return Serveurs(nous=pile.enter_context(serveur_apart()), nu=pile.enter_context(_serveur_nu(smtp)))


def _remplir() -> None:
    empreinte = make_password(MOT_DE_PASSE)
    Utilisateur.objects.bulk_create(
        Utilisateur(courriel=f"p{n}@exemple.fr", nom="Durand", prenom="Marie", password=empreinte)
        for n in range(PERSONNES)
    )
    _django_nu("migrate", "-v0")
    with psycopg.connect(adresse_base(BASE_NUE)) as base, base.cursor() as curseur:
        curseur.executemany(
            "INSERT INTO auth_user (username, email, password, first_name, last_name, is_active, is_staff,"
            " is_superuser, date_joined) VALUES (%s, %s, %s, '', '', true, false, false, now())",
            [(f"p{n}", f"p{n}@exemple.fr", empreinte) for n in range(PERSONNES)],
        )
        curseur.execute(
            'INSERT INTO account_emailaddress (email, verified, "primary", user_id)'
            " SELECT email, true, true, id FROM auth_user"
        )


@contextmanager
def _base_nue() -> Iterator[None]:
    with psycopg.connect(adresse_base("postgres"), autocommit=True) as base:
        base.execute(f"DROP DATABASE IF EXISTS {BASE_NUE} WITH (FORCE)")
        base.execute(f"CREATE DATABASE {BASE_NUE}")
        yield
        base.execute(f"DROP DATABASE IF EXISTS {BASE_NUE} WITH (FORCE)")


@contextmanager
def _serveur_nu(smtp: int) -> Iterator[int]:
    """Le même gunicorn : mêmes processus, mêmes fils."""
    port = port_libre()
    commande = ["-m", "gunicorn", "banc.allauth_nu.wsgi", "-b", f"127.0.0.1:{port}", "-w", str(PROCESSUS)]
    options = ["-k", "gthread", "--threads", "8", "--preload", "--no-control-socket", "--log-level", "error"]
    with processus([*commande, *options], {"DATABASE_URL": adresse_base(BASE_NUE), "PORT_SMTP": str(smtp)}, port):
        yield port


def _django_nu(*arguments: str) -> None:
    environnement = {**os.environ, "DATABASE_URL": adresse_base(BASE_NUE)}
    commande = [sys.executable, "-m", "django", *arguments, "--settings", "banc.allauth_nu.settings"]
    subprocess.run(commande, env=environnement, check=True)
