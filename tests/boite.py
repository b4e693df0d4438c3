"""Une vraie boîte aux lettres pour les tests : un serveur SMTP local, qui garde, retarde, refuse ou coupe.

def test_…(boite: Boite) -> None:
    …un geste qui met un message en file…
    lettre = boite.recevoir_une()
    assert lettre.objet == "…" and lettre.lien.startswith("…")
    client.get(lettre.chemin)
"""

from __future__ import annotations

import asyncio
import logging
import re
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser
from urllib.parse import urlsplit

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from django.utils import timezone

from apart.config.environnement import ServeurCourriel
from apart.courriels.actions import perimer
from apart.courriels.envoi import vider_la_file

logging.getLogger("mail.log").setLevel(logging.WARNING)  # aiosmtpd raconte chaque ligne

CODE = re.compile(r"\b(?:[0-9A-HJKMNP-TV-Z]{4}-){1,3}[0-9A-HJKMNP-TV-Z]{4}\b")


@dataclass(frozen=True)
class Lettre:
    """Un message reçu, décodé."""

    message: EmailMessage
    enveloppe_de: str
    enveloppe_a: list[str]

    @property
    def objet(self) -> str:
        return str(self.message["Subject"])

    @property
    def a(self) -> str:
        return str(self.message["To"])

    @property
    def texte(self) -> str:
        return self._corps("plain")

    @property
    def html(self) -> str:
        return self._corps("html")

    @property
    def lien(self) -> str:
        """La première adresse seule sur sa ligne."""
        trouve = re.search(r"^https?://\S+$", self.texte, re.MULTILINE)
        assert trouve, f"Aucun lien seul sur sa ligne :\n{self.texte}"
        return trouve.group()

    @property
    def chemin(self) -> str:
        """Le lien sans l'hôte, pour django.test.Client."""
        morceaux = urlsplit(self.lien)
        return morceaux.path + (f"?{morceaux.query}" if morceaux.query else "")

    @property
    def code(self) -> str:
        """Le premier code du message, tel qu'il se lit (K7MP-2QXV)."""
        trouve = CODE.search(self.texte)
        assert trouve, f"Aucun code :\n{self.texte}"
        return trouve.group()

    def _corps(self, genre: str) -> str:
        partie = self.message.get_body((genre,))
        assert partie is not None
        return str(partie.get_content()).replace("\r\n", "\n")


@dataclass
class Humeur:
    """Comment le serveur répond, « fois » fois (toujours si None), à « a » seulement si donné."""

    reponse: str
    etape: str  # « RCPT », « DATA », « COUPER » ou « GARDER »
    a: str | None = None
    fois: int | None = None

    def s_applique(self, etape: str, a: str) -> bool:
        if self.etape != etape or self.fois == 0 or (self.a is not None and self.a != a):
            return False
        if self.fois is not None:
            self.fois -= 1
        return True


@dataclass
class Boite:
    """Le serveur et ce qu'il a reçu."""

    port: int
    lettres: list[Lettre] = field(default_factory=list)
    humeurs: list[Humeur] = field(default_factory=list)
    retard: float = 0.0
    patience: timedelta | None = None  # d'une liste grise
    vus: dict[tuple[str, str], datetime] = field(default_factory=dict)
    lues: int = 0
    controleur: Controller | None = None

    # --- ce que font les tests ---
    @property
    def serveur(self) -> ServeurCourriel:
        return ServeurCourriel("127.0.0.1", self.port, "", "", "aucun", 5.0)

    def recevoir(self) -> list[Lettre]:
        """Envoie tout ce qui est dû maintenant ; rend les lettres arrivées depuis la dernière fois."""
        perimer()
        vider_la_file()
        return self.nouvelles()

    def recevoir_une(self) -> Lettre:
        """Comme recevoir, quand il doit en arriver exactement une."""
        lettres = self.recevoir()
        assert len(lettres) == 1, f"{len(lettres)} lettres : {[(x.a, x.objet) for x in lettres]}"
        return lettres[0]

    def nouvelles(self) -> list[Lettre]:
        neuves = self.lettres[self.lues :]
        self.lues = len(self.lettres)
        return neuves

    def differer(
        self, reponse: str = "451 4.7.1 Greylisted", *, a: str | None = None, fois: int | None = None
    ) -> None:
        self.humeurs.append(Humeur(reponse, "RCPT", a, fois))

    def refuser(
        self, reponse: str = "550 5.1.1 User unknown", *, a: str | None = None, fois: int | None = None
    ) -> None:
        self.humeurs.append(Humeur(reponse, "RCPT", a, fois))

    def refuser_contenu(self, reponse: str = "554 5.7.1 Blocked", *, fois: int | None = None) -> None:
        self.humeurs.append(Humeur(reponse, "DATA", None, fois))

    def couper(self, *, fois: int | None = 1) -> None:
        """Coupe la connexion au moment de recevoir le contenu."""
        self.humeurs.append(Humeur("", "COUPER", None, fois))

    def faire_patienter(self, duree: timedelta) -> None:
        """Une liste grise : n'accepte un expéditeur, pour un destinataire, que cette durée après son premier essai."""
        self.patience = duree

    def garder_et_couper(self) -> None:
        """Garde le message entier, puis coupe sans répondre, chaque fois."""
        self.humeurs.append(Humeur("", "GARDER", None, None))

    def se_calmer(self) -> None:
        self.humeurs.clear()
        self.retard, self.patience = 0.0, None

    def eteindre(self) -> None:
        if self.controleur is not None:
            self.controleur.stop()
            self.controleur = None

    def rallumer(self) -> None:
        self.controleur = Controller(self, hostname="127.0.0.1", port=self.port)
        self.controleur.start()

    # --- ce qu'appelle aiosmtpd ---
    async def handle_RCPT(  # noqa: N802 # nom voulu par aiosmtpd
        self, server: SMTP, session: Session, envelope: Envelope, address: str, rcpt_options: list[str]
    ) -> str:
        if humeur := self._humeur("RCPT", address):
            return humeur.reponse
        vu = self.vus.setdefault((envelope.mail_from or "", address), timezone.now())
        if self.patience and timezone.now() < vu + self.patience:
            return "451 4.7.1 Greylisted, try again later"
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802 # idem
        await asyncio.sleep(self.retard)
        destinataire = envelope.rcpt_tos[0]
        if self._humeur("COUPER", destinataire):
            return _couper(server)
        if humeur := self._humeur("DATA", destinataire):
            return humeur.reponse
        assert isinstance(envelope.content, bytes)
        message = BytesParser(EmailMessage, policy=policy.default).parsebytes(envelope.content)
        self.lettres.append(Lettre(message, envelope.mail_from or "", list(envelope.rcpt_tos)))
        if self._humeur("GARDER", destinataire):
            return _couper(server)
        return f"250 2.0.0 OK {len(self.lettres)}"

    def _humeur(self, etape: str, a: str) -> Humeur | None:
        return next((h for h in self.humeurs if h.s_applique(etape, a)), None)


def _couper(server: SMTP) -> str:
    assert isinstance(server.transport, asyncio.Transport)
    server.transport.abort()
    return "421 coupé"


def port_libre() -> int:
    with socket.socket() as prise:
        prise.bind(("127.0.0.1", 0))
        port: int = prise.getsockname()[1]
    return port


@contextmanager
def ouvrir_boite() -> Iterator[Boite]:
    boite = Boite(port_libre())
    boite.rallumer()
    try:
        yield boite
    finally:
        boite.eteindre()
