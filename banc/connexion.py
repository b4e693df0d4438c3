"""Se connecter, contre la seule vérification du mot de passe par Argon2."""

from __future__ import annotations

import time
from concurrent.futures import ProcessPoolExecutor
from itertools import count
from statistics import median

from django.conf import settings
from django.contrib.auth.hashers import make_password

from apart.comptes.hachage import Argon2
from apart.comptes.models import Utilisateur
from banc.base import base_d_essai
from banc.charge import Envoi, poster
from banc.ligne import Ligne
from banc.serveurs import PROCESSUS, serveur_apart

CONNEXIONS = 200  # par passe, chacune d'une autre personne
PASSES = 5
MOT_DE_PASSE = "clairon brume ecureuil safran"
adresses = (f"10.{n >> 16 & 255}.{n >> 8 & 255}.{n & 255}" for n in count(1))  # une par visiteur, jamais deux fois


def mesurer() -> list[Ligne]:
    """Médianes de plusieurs passes, les deux mesures en alternance. Suppose Django prêt."""
    with base_d_essai(), serveur_apart() as port:
        identifiants = remplir()
        _passe(port, identifiants)  # à froid, non comptée
        passes = [_passe(port, identifiants) for _ in range(PASSES)]
    nous, argon2 = (median(valeurs) for valeurs in zip(*passes, strict=True))
    return [Ligne("connexion / Argon2 seul", nous, argon2, "connexions/s", 0.7)]


def _passe(port: int, identifiants: list[str]) -> tuple[float, float]:
    return poster(port, connexions(identifiants)), argon2_seul()


def remplir() -> list[str]:
    """Les identifiants de personnes nouvelles."""
    empreinte = make_password(MOT_DE_PASSE)
    personnes = Utilisateur.objects.bulk_create(
        Utilisateur(courriel=f"p{n}@exemple.fr", nom="Durand", prenom="Marie", password=empreinte)
        for n in range(CONNEXIONS)
    )
    return [personne.identifiant for personne in personnes]


def connexions(identifiants: list[str]) -> list[Envoi]:
    return [
        Envoi("/connexion/", {"identifiant": i, "mot_de_passe": MOT_DE_PASSE}, settings.CSRF_COOKIE_NAME, adresse)
        for i, adresse in zip(identifiants, adresses, strict=False)
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
