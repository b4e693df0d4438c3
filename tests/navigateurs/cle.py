"""La clé d'accès que chaque navigateur simule pour les essais : un vrai WebAuthn, sans matériel ni personne.

Chromium la donne par son protocole de mise au point, page par page. Firefox la donne par Marionette, pour tout le
navigateur, à qui l'a lancé avec ces préférences.
"""

from __future__ import annotations

import json
import socket
from collections.abc import Callable
from typing import Any, Self

from playwright.sync_api import Page

COMMUN = {"protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True}
PREFERENCES: dict[str, bool | float | str] = {
    "security.webauth.webauthn_enable_softtoken": True,
    "security.webauth.webauthn_enable_usbtoken": False,
}


def brancher_a_chromium(page: Page) -> Callable[[], None]:
    """Rend de quoi débrancher cette clé pour en brancher une autre."""
    session = page.context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    options = COMMUN | {"isUserVerified": True, "automaticPresenceSimulation": True}
    branchee = session.send("WebAuthn.addVirtualAuthenticator", {"options": options})

    def changer() -> None:
        session.send("WebAuthn.removeVirtualAuthenticator", branchee)
        session.send("WebAuthn.addVirtualAuthenticator", {"options": options})

    return changer


class Marionette:
    """Le canal de Firefox, tenu ouvert le temps des essais : le fermer ferme le navigateur."""

    def __init__(self, port: int) -> None:
        self.prise = socket.create_connection(("127.0.0.1", port), timeout=30)
        self.flux = self.prise.makefile("rb")
        self.branchee = ""
        self.lire()  # la présentation du serveur

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *refus: object) -> None:
        self.flux.close()
        self.prise.close()

    def lire(self) -> Any:
        longueur = b""
        while (signe := self.flux.read(1)) != b":":
            longueur += signe
        return json.loads(self.flux.read(int(longueur)))

    def brancher(self) -> None:
        """Une clé neuve, à la place de celle qui y était."""
        self.debrancher()
        options = COMMUN | {"isUserVerified": True, "isUserConsenting": True}
        self.branchee = self.demander("WebAuthn:AddVirtualAuthenticator", options)["value"]

    def debrancher(self) -> None:
        if self.branchee:
            self.demander("WebAuthn:RemoveVirtualAuthenticator", {"authenticatorId": self.branchee})
        self.branchee = ""

    def demander(self, commande: str, parametres: dict[str, Any]) -> Any:
        message = json.dumps([0, 1, commande, parametres]).encode()
        self.prise.sendall(b"%d:%b" % (len(message), message))
        _, _, refus, reponse = self.lire()
        assert not refus, refus
        return reponse
