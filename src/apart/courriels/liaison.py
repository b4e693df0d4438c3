"""La connexion SMTP, et ce que ses réponses veulent dire pour un message."""

from __future__ import annotations

import re
import select
import smtplib
import socket
import ssl
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from time import monotonic

from django.conf import settings

from apart.courriels import adresses
from apart.courriels.models import Sort

# Refus définitifs qui tiennent à notre réglage, non au destinataire : le message attend qu'il soit corrigé.
NOTRE_REGLAGE = re.compile(
    r"^53\d|relay(?:ing)? (?:access )?denied|unable to relay|not permitted to relay", re.IGNORECASE
)
# Secondes laissées au serveur, phase par phase (RFC 5321, § 4.5.3.2). Un serveur qui filtre peut ne répondre qu'après
# de longues minutes : raccrocher avant lui donnerait un double. La connexion, elle, suit EMAIL_URL (?delai=) : un
# relais muet est une panne à voir en quelques secondes, et rien n'y est encore parti.
DELAI_COMMANDE, DELAI_DATA, DELAI_BLOC, DELAI_FIN = 300.0, 120.0, 180.0, 600.0
TRANCHE = 30.0  # secondes d'attente après lesquelles l'appelant prolonge son bail
ACCORD = 354  # le serveur attend le contenu
FERMETURE = 421  # le serveur ferme la connexion sans avoir rien pris


class Injoignable(Exception):
    """Notre serveur d'envoi ne répond pas, ou ne veut pas de nous : aucun message ne peut partir."""


@dataclass(frozen=True)
class Verdict:
    """Le sort d'un message (remis, différé ou refusé) et la réponse du serveur.

    ferme : le serveur a fermé avant d'avoir rien pris ; une connexion neuve suffit peut-être.
    incertain : il a tout reçu, puis n'a rien dit. Il l'a peut-être accepté.
    """

    sort: Sort
    reponse: str
    ferme: bool = False
    incertain: bool = False


class _Patient(smtplib.SMTP):
    """Attend chaque réponse jusqu'à la limite de sa phase, et le fait savoir de temps en temps."""

    limite: float | None = None  # secondes ; None pendant la connexion, où vaut le délai de la prise
    patienter: Callable[[], None]
    sock: socket.socket  # jamais None quand une réponse est attendue

    def getreply(self) -> tuple[int, bytes]:
        if self.limite is not None:
            self._guetter(self.limite)
        return super().getreply()

    def _guetter(self, secondes: float) -> None:
        fin = monotonic() + secondes
        while (reste := fin - monotonic()) > 0:
            if select.select([self.sock], [], [], min(TRANCHE, reste))[0]:
                return
            self.patienter()
        raise TimeoutError(f"pas de réponse en {secondes:.0f} s")


class _PatientChiffre(_Patient, smtplib.SMTP_SSL):
    """Le même, chiffré d'emblée."""


class Liaison:
    """Une connexion au serveur d'envoi, ouverte au premier message et rouverte si le serveur la ferme."""

    client: _Patient | None = None

    def close(self) -> None:
        if self.client is not None:
            self.client.limite = settings.SERVEUR_COURRIEL.delai
            with suppress(smtplib.SMTPException, OSError):  # déjà coupée : rien à perdre
                self.client.quit()
            self.client.close()
            self.client = None

    def saluer(self) -> None:
        """Ouvre la connexion, chiffrée et identifiée comme pour un envoi. Lève Injoignable."""
        self._ouvrir()

    def envoyer(self, de: str, a: str, message: bytes, *, patienter: Callable[[], None]) -> Verdict:
        """Remet un message au serveur, sur une seconde connexion s'il ferme la première. Lève Injoignable.

        patienter : appelé toutes les TRANCHE secondes tant que le serveur se tait.
        """
        verdict = self._essayer(de, a, message, patienter)
        return self._essayer(de, a, message, patienter) if verdict.ferme else verdict

    def _essayer(self, de: str, a: str, message: bytes, patienter: Callable[[], None]) -> Verdict:
        client, etape = self._ouvrir(), "MAIL"
        client.limite, client.patienter = DELAI_COMMANDE, patienter
        etapes = {
            etape: partial(client.mail, de),
            "RCPT": partial(client.rcpt, a),
            "DATA": partial(_deposer, client, message),
            "FIN": partial(_conclure, client),
        }
        try:
            for etape, demander in etapes.items():
                code, texte = demander()
                if not 200 <= code < 300 and (etape, code) != ("DATA", ACCORD):
                    return self._refus(code, texte, etape=etape)
        except (smtplib.SMTPException, OSError) as panne:
            self.close()
            ferme = etape in {"MAIL", "RCPT"} and not isinstance(panne, TimeoutError)
            return Verdict(Sort.DIFFERE, f"Connexion coupée : {panne}", ferme=ferme, incertain=etape == "FIN")
        return Verdict(Sort.REMIS, _mots(code, texte))

    def _refus(self, code: int, texte: bytes | str, *, etape: str) -> Verdict:
        mots = _mots(code, texte)
        if code == FERMETURE:
            self.close()
            return Verdict(Sort.DIFFERE, mots, ferme=True)
        self._remettre_a_zero()
        if NOTRE_REGLAGE.search(mots) or (etape == "MAIL" and code >= 500):
            return Verdict(Sort.DIFFERE, f"Expéditeur refusé : {mots}")
        return Verdict(Sort.REFUSE if code >= 500 else Sort.DIFFERE, mots)

    def _remettre_a_zero(self) -> None:
        try:
            self._ouvrir().rset()
        except (smtplib.SMTPException, OSError):
            self.close()

    def _ouvrir(self) -> _Patient:
        """La connexion ouverte. Lève Injoignable."""
        if self.client is None:
            try:
                self.client = _connecter()
            except smtplib.SMTPAuthenticationError as refus:
                raise Injoignable(f"Identification refusée : {_mots(refus.smtp_code, refus.smtp_error)}") from refus
            except smtplib.SMTPNotSupportedError as manque:
                sujet = "TLS" if "STARTTLS" in str(manque) else "Identification refusée"
                raise Injoignable(f"{sujet} : {manque}") from manque
            except ssl.SSLError as refus:
                raise Injoignable(f"TLS : {refus}") from refus
            except (smtplib.SMTPException, OSError) as panne:
                raise Injoignable(f"Serveur injoignable : {panne}") from panne
        return self.client


def _deposer(client: _Patient, message: bytes) -> tuple[int, bytes]:
    """Demande à déposer le contenu, puis le dépose jusqu'au point final ; rend la réponse à la demande."""
    client.limite = DELAI_DATA
    code, texte = client.docmd("DATA")
    if code == ACCORD:
        client.sock.settimeout(DELAI_BLOC)
        client.send(message.replace(b"\n.", b"\n..") + b".\r\n")
    return code, texte


def _conclure(client: _Patient) -> tuple[int, bytes]:
    """Ce que le serveur dit du message entier."""
    client.limite = DELAI_FIN
    return client.getreply()


def _connecter() -> _Patient:
    serveur = settings.SERVEUR_COURRIEL
    contexte = None if serveur.chiffrement == "aucun" else ssl.create_default_context()
    ouvrir = partial(_PatientChiffre, context=contexte) if serveur.chiffrement == "tls" else _Patient
    client = ouvrir(serveur.hote, serveur.port, local_hostname=_nom_ehlo(), timeout=serveur.delai)
    try:
        if serveur.chiffrement == "starttls":
            client.starttls(context=contexte)
        if serveur.utilisateur:
            client.login(serveur.utilisateur, serveur.mot_de_passe)
        client.ehlo_or_helo_if_needed()
    except BaseException:
        client.close()
        raise
    return client


def _nom_ehlo() -> str:
    nom = adresses.domaine()
    return f"[{nom}]" if nom.replace(".", "").isdigit() else nom


def _mots(code: int, texte: bytes | str) -> str:
    mots = texte.decode("utf-8", "replace") if isinstance(texte, bytes) else texte
    return f"{code} {' '.join(mots.split())}"
