"""Des personnes et des gestes, pour les tests des comptes."""

from __future__ import annotations

import base64
import hashlib
import hmac
import html
import struct
import time
from typing import TYPE_CHECKING

from allauth.mfa.totp.internal.auth import TOTP
from django.test import Client

from apart.comptes.models import Utilisateur
from tests.administrations.fabriques import affecter

if TYPE_CHECKING:
    from django.test.client import _MonkeyPatchedWSGIResponse as Reponse

SECRET_TOTP = "JBSWY3DPEHPK3PXP"
MOT_DE_PASSE = "les vaches paissent au bord du lac"


def personne(courriel: str = "marie.durand@boulangerie.fr", mot_de_passe: str = MOT_DE_PASSE) -> Utilisateur:
    utilisateur = Utilisateur(courriel=courriel, nom="Durand", prenom="Marie")
    utilisateur.set_password(mot_de_passe)
    utilisateur.save()
    return utilisateur


def agent(courriel: str = "paul.martin@asp.fr") -> Utilisateur:
    """Un agent au travail : il a son second facteur, sans quoi il ne verrait que la page qui lui en donne un."""
    return equiper(nouvel_agent(courriel))


def nouvel_agent(courriel: str = "paul.martin@asp.fr") -> Utilisateur:
    """Affecté à l'assistance de tout le territoire."""
    return affecter(personne(courriel))


def equiper(utilisateur: Utilisateur) -> Utilisateur:
    """Donne à une personne une application d'authentification."""
    TOTP.activate(utilisateur, SECRET_TOTP)
    return utilisateur


def entrer(
    client: Client, identifiant: str, mot_de_passe: str = MOT_DE_PASSE, *, ip: str = "192.0.2.1", suite: str = ""
) -> Reponse:
    """Envoie le formulaire de connexion."""
    champs = {"identifiant": identifiant, "mot_de_passe": mot_de_passe, **({"next": suite} if suite else {})}
    return client.post("/connexion/", champs, REMOTE_ADDR=ip)


def connue(client: Client) -> Utilisateur:
    """Une personne qui s'est déjà connectée depuis cet appareil, puis en est partie."""
    sienne = personne()
    entrer(client, sienne.identifiant)
    client.post("/deconnexion/")
    return sienne


def lu(reponse: Reponse) -> str:
    """Ce que la page donne à lire : apostrophes et guillemets en clair, espaces insécables rendues ordinaires."""
    return html.unescape(reponse.content.decode()).replace("\u00a0", " ")


def est_connecte(client: Client) -> bool:
    return client.get("/connexion/").status_code == 302


def code_totp(secret: str, instant: float | None = None) -> str:
    """Le code qu'affiche une application d'authentification (RFC 6238)."""
    compteur = struct.pack(">Q", int(time.time() if instant is None else instant) // 30)
    empreinte = hmac.new(base64.b32decode(secret), compteur, hashlib.sha1).digest()
    debut = empreinte[-1] & 0x0F
    return f"{(int.from_bytes(empreinte[debut : debut + 4], 'big') & 0x7FFFFFFF) % 10**6:06d}"


def activer_application(client: Client) -> str:
    """Ajoute une application d'authentification à la personne connectée ; rend son secret."""
    client.get("/mon-espace/securite/application/activer/")
    secret = str(client.session["mfa.totp.secret"])
    client.post("/mon-espace/securite/application/activer/", {"code": code_totp(secret)})
    return secret
