"""La connexion SMTP, et ce que ses réponses veulent dire pour un message."""

from __future__ import annotations

import smtplib
import ssl
from dataclasses import dataclass
from types import TracebackType
from typing import TYPE_CHECKING

from django.conf import settings

from apart.courriels import adresses
from apart.courriels.models import Sort

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer


class Injoignable(Exception):
    """Notre serveur d'envoi ne répond pas, ou ne veut pas de nous : aucun message ne peut partir."""


@dataclass(frozen=True)
class Verdict:
    """Le sort d'un message (remis, différé ou refusé) et la réponse du serveur."""

    sort: Sort
    reponse: str


class _Client(smtplib.SMTP):
    """smtplib, dont on garde la réponse à DATA."""

    accuse = ""

    def data(self, msg: ReadableBuffer | str) -> tuple[int, bytes]:
        code, texte = super().data(msg)
        self.accuse = _mots(code, texte)
        return code, texte


class _ClientTls(_Client, smtplib.SMTP_SSL):
    pass


class Liaison:
    """Une connexion au serveur d'envoi, ouverte au premier message. Lève Injoignable."""

    def __init__(self) -> None:
        self.client: _Client | None = None

    def __enter__(self) -> Liaison:
        return self

    def __exit__(
        self, genre: type[BaseException] | None, erreur: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.fermer()

    def fermer(self) -> None:
        if self.client is not None:
            try:
                self.client.quit()
            except (smtplib.SMTPException, OSError):
                self.client.close()
            self.client = None

    def ouvrir(self) -> _Client:
        if self.client is None:
            try:
                self.client = _connecter()
            except smtplib.SMTPAuthenticationError as refus:
                raise Injoignable(f"Identification refusée : {_mots(refus.smtp_code, refus.smtp_error)}") from refus
            except ssl.SSLError as refus:
                raise Injoignable(f"TLS : {refus}") from refus
            except (smtplib.SMTPException, OSError) as panne:
                raise Injoignable(f"Serveur injoignable : {panne}") from panne
        return self.client

    def envoyer(self, de: str, a: str, message: bytes) -> Verdict:
        """Remet un message au serveur. Lève Injoignable si la connexion ne s'ouvre pas."""
        client = self.ouvrir()
        try:
            client.sendmail(de, [a], message)
        except smtplib.SMTPRecipientsRefused as refus:
            return self._refus(*refus.recipients[a])
        except smtplib.SMTPSenderRefused as refus:
            # Ce n'est pas la faute du destinataire : le réglage sera corrigé, le message attend.
            return self._verdict(Sort.DIFFERE, f"Expéditeur refusé : {_mots(refus.smtp_code, refus.smtp_error)}")
        except smtplib.SMTPResponseException as refus:
            return self._refus(refus.smtp_code, refus.smtp_error)
        except (smtplib.SMTPException, OSError) as panne:
            self.client = None
            client.close()
            return Verdict(Sort.DIFFERE, f"Connexion coupée : {panne}")
        return Verdict(Sort.REMIS, client.accuse)

    def _refus(self, code: int, texte: bytes | str) -> Verdict:
        return self._verdict(Sort.DIFFERE if 400 <= code < 500 else Sort.REFUSE, _mots(code, texte))

    def _verdict(self, sort: Sort, reponse: str) -> Verdict:
        """Remet la connexion à neuf pour le message suivant ; smtplib l'a déjà fermée après un 421."""
        try:
            if self.client is not None:
                self.client.rset()
        except (smtplib.SMTPException, OSError):
            self.client = None
        return Verdict(sort, reponse)


def _connecter() -> _Client:
    serveur = settings.SERVEUR_COURRIEL
    genre = _ClientTls if serveur.chiffrement == "tls" else _Client
    client = genre(serveur.hote, serveur.port, local_hostname=_nom_ehlo(), timeout=serveur.delai)
    try:
        if serveur.chiffrement == "starttls":
            client.starttls(context=ssl.create_default_context())
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
