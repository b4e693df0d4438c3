"""Un envoi : un navigateur arrivé au bouton d'un formulaire, et ce qui y est tapé. La table : tests/envois.py."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.middleware.csrf import get_token
from django.test import Client
from django.urls import reverse

from apart.comptes.jetons import Demande
from apart.comptes.messagerie import Attente
from apart.comptes.models import Usage, Utilisateur
from tests.comptes.fabriques import equiper
from tests.preuves import preuve
from tests.scene import PHRASE, Scene

ORIGINE = "https://apart.exemple.fr"


@dataclass(frozen=True)
class Clic:
    """Un navigateur arrivé au bouton : tout ce qu'il faut pour l'envoyer, autant de fois qu'on veut."""

    chemin: str
    saisie: dict[str, Any]
    cookies: dict[str, str]
    adresse: str

    def envoyer(self) -> Client:
        """Le même envoi, des mêmes cookies ; le client rendu a reçu la réponse (client.reponse)."""
        client = Client(enforce_csrf_checks=True, REMOTE_ADDR=self.adresse)
        client.cookies.load(self.cookies)
        client.reponse = client.post(self.chemin, self.saisie)  # type: ignore[attr-defined]  # lue par les tests
        return client


@dataclass(frozen=True)
class Envoi:
    """preparer : rend l'adresse et ce qui est tapé, une fois « par » connecté (personne sinon)."""

    preparer: Callable[[Scene, Client], tuple[str, dict[str, Any]]]
    par: str | None = None

    def pret(self, scene: Scene) -> Clic:
        client = Client(REMOTE_ADDR=f"192.0.2.{scene.rang % 250}")
        if self.par:
            entrer(client, scene, self.par)
        chemin, saisie = self.preparer(scene, client)
        jeton = jeton_de_page(client)
        cookies = {nom: cookie.value for nom, cookie in client.cookies.items()}
        return Clic(chemin, saisie | {"csrfmiddlewaretoken": jeton}, cookies, f"192.0.2.{scene.rang % 250}")


def entrer(client: Client, scene: Scene, nom: str, *, a_l_instant: bool = True) -> None:
    """Connectée, et qui vient à l'instant de confirmer que c'est elle ; un agent a son second facteur."""
    qui = scene.qui(nom)
    if qui.est_agent:
        equiper(qui)
    mot_de_passe(qui)
    client.force_login(qui)
    confirmer(client, qui, a_l_instant=a_l_instant)


def confirmer(client: Client, qui: Utilisateur, *, a_l_instant: bool = True) -> None:
    """Elle vient de prouver que c'est elle ; ou il y a longtemps."""
    session = client.session
    session["account_authentication_methods_user"] = str(qui.pk)
    confirmee = {"method": "password", "at": time.time(), "reauthenticated": True}
    session["account_authentication_methods"] = [confirmee] if a_l_instant else []
    session.save()


def mot_de_passe(qui: Utilisateur) -> None:
    qui.set_password(PHRASE)
    qui.save(update_fields=["password"])


def jeton_de_page(client: Client) -> str:
    """Le jeton qu'une page affichée à ce navigateur porterait, tiré pour elle."""
    requete = HttpRequest()
    if settings.CSRF_COOKIE_NAME in client.cookies:
        requete.META["CSRF_COOKIE"] = client.cookies[settings.CSRF_COOKIE_NAME].value
    jeton = get_token(requete)
    client.cookies[settings.CSRF_COOKIE_NAME] = requete.META["CSRF_COOKIE"]
    return jeton


Preparer = Callable[[Scene, Client], tuple[str, dict[str, Any]]]


def simple(nom: str, /, *cibles: Callable[[Scene], object], **saisie: str) -> Preparer:
    """L'adresse de ce nom, dont les cibles viennent de la scène ; et ce qui est tapé."""
    return lambda s, client: (reverse(nom, args=[cible(s) for cible in cibles]), dict(saisie))


def protege(nom: str, controle: str, saisie: Callable[[Scene], dict[str, str]]) -> Preparer:
    """Un formulaire derrière le contrôle de sécurité."""
    return lambda s, client: (reverse(nom), saisie(s) | preuve(controle))


def renvoyer(nom: str, cible: Callable[[Scene], object]) -> Preparer:
    """« Renvoyer le message », depuis « Consultez votre messagerie »."""
    return lambda s, client: (reverse(nom, args=[cible(s)]), preuve("renvoyer"))


def du_lien(nom: str, usage: Usage, qui: str, /, **saisie: str) -> Preparer:
    """Une étape d'un lien reçu par courriel : son secret est dans le formulaire."""
    return lambda s, client: (reverse(nom), {"jeton": s.lien(usage, qui), **saisie})


def du_code(nom: str, usage: Usage, qui: str, *etape: Callable[[Scene], object]) -> Preparer:
    """« Consultez votre messagerie » : le code tapé à la place du lien."""

    def preparer(s: Scene, client: Client) -> tuple[str, dict[str, str]]:
        demande = Demande.maintenant()
        code = s.message(usage, qui, demande=demande).code
        return reverse(nom, args=[*(cible(s) for cible in etape), Attente(demande).sceller()]), {"code": code}

    return preparer
