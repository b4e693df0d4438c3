"""La connexion SMTP, et ce que ses réponses veulent dire pour un message."""

from __future__ import annotations

import re
import smtplib
import ssl
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import TYPE_CHECKING

from django.conf import settings

from apart.courriels import adresses
from apart.courriels.models import Sort

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer

# Refus définitifs qui tiennent à notre réglage, non au destinataire : le message attend qu'il soit corrigé.
NOTRE_REGLAGE = re.compile(
    r"^53\d|relay(?:ing)? (?:access )?denied|unable to relay|not permitted to relay", re.IGNORECASE
)

INVITE = 354  # « envoyez le contenu »


class Injoignable(Exception):
    """Notre serveur d'envoi ne répond pas, ou ne veut pas de nous : aucun message ne peut partir."""


class _Coupure(Exception):
    """La connexion est perdue ; a_pu_partir : le contenu était peut-être déjà reçu."""

    def __init__(self, raison: str, *, a_pu_partir: bool) -> None:
        super().__init__(raison)
        self.a_pu_partir = a_pu_partir


@dataclass(frozen=True)
class Verdict:
    """Le sort d'un message (remis, différé ou refusé) et la réponse du serveur."""

    sort: Sort
    reponse: str


class _Client(smtplib.SMTP):
    """smtplib, dont on garde la réponse au contenu et le moment où il a commencé à partir.

    pendant, ensuite : travaux à faire pendant que le serveur répond à MAIL, puis au contenu, ses réponses les plus
    lentes. Nos adresses sont déjà vérifiées (socle.saisies) : les relire comme smtplib coûterait plus que composer.
    """

    accuse = ""
    contenu_commence = False
    pendant: Callable[[], object] = staticmethod(lambda: None)
    ensuite: Callable[[], object] = staticmethod(lambda: None)

    def mail(self, sender: str, options: Sequence[str] = ()) -> tuple[int, bytes]:
        self.putcmd("mail", " ".join([f"FROM:<{sender}>", *options]))
        self.pendant()
        return self.getreply()

    def rcpt(self, recip: str, options: Sequence[str] = ()) -> tuple[int, bytes]:
        return self.docmd("rcpt", " ".join([f"TO:<{recip}>", *options]))

    def data(self, msg: ReadableBuffer | str) -> tuple[int, bytes]:
        assert isinstance(msg, bytes)  # noqa: S101 — composition.composer
        self.contenu_commence = True
        code, texte = self.docmd("data")
        if code != INVITE:
            raise smtplib.SMTPDataError(code, texte)
        self.send(msg.replace(b"\r\n.", b"\r\n..") + b".\r\n")
        self.ensuite()
        code, texte = self.getreply()
        self.accuse = _mots(code, texte)
        return code, texte


class _ClientTls(_Client, smtplib.SMTP_SSL):
    pass


class Liaison:
    """Une connexion au serveur d'envoi, ouverte au premier message et rouverte si le serveur la ferme."""

    def __init__(self) -> None:
        self.client: _Client | None = None

    def __enter__(self) -> Liaison:
        return self

    def __exit__(
        self, genre: type[BaseException] | None, erreur: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self.client is not None:
            try:
                self.client.quit()
            except (smtplib.SMTPException, OSError):
                self._lacher()

    def ouvrir(self) -> _Client:
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

    def envoyer(
        self, de: str, a: str, message: bytes, *, pendant: Callable[[], object], ensuite: Callable[[], object]
    ) -> Verdict:
        """Remet un message au serveur ; pendant, ensuite : voir _Client. Lève Injoignable si rien ne s'ouvre."""
        client = self.ouvrir()
        client.pendant, client.ensuite = pendant, ensuite
        try:
            return self._essayer(de, a, message)
        except _Coupure as coupure:
            if coupure.a_pu_partir:
                return Verdict(Sort.DIFFERE, str(coupure))
        # Le serveur a fermé une connexion trop longue avant d'avoir rien reçu : une neuve suffit.
        try:
            return self._essayer(de, a, message)
        except _Coupure as coupure:
            return Verdict(Sort.DIFFERE, str(coupure))

    def _essayer(self, de: str, a: str, message: bytes) -> Verdict:
        client = self.ouvrir()
        client.contenu_commence = False
        try:
            client.sendmail(de, [a], message)
        except smtplib.SMTPRecipientsRefused as refus:
            return self._refus(*refus.recipients[a])
        except smtplib.SMTPResponseException as refus:
            return self._refus(refus.smtp_code, refus.smtp_error, est_expediteur=_vient_de_mail_from(refus))
        except (smtplib.SMTPException, OSError) as panne:
            self._lacher()
            raise _Coupure(f"Connexion coupée : {panne}", a_pu_partir=client.contenu_commence) from panne
        return Verdict(Sort.REMIS, client.accuse)

    def _refus(self, code: int, texte: bytes | str, *, est_expediteur: bool = False) -> Verdict:
        mots = _mots(code, texte)
        if code == 421:  # le serveur ferme la connexion : rien n'a été pris
            self._lacher()
            raise _Coupure(mots, a_pu_partir=False)
        self._remettre_a_zero()
        if est_expediteur or NOTRE_REGLAGE.search(mots):
            return Verdict(Sort.DIFFERE, f"Expéditeur refusé : {mots}")
        return Verdict(Sort.DIFFERE if 400 <= code < 500 else Sort.REFUSE, mots)

    def _remettre_a_zero(self) -> None:
        try:
            self.ouvrir().rset()
        except (smtplib.SMTPException, OSError):
            self._lacher()

    def _lacher(self) -> None:
        if self.client is not None:
            self.client.close()
            self.client = None


def _vient_de_mail_from(refus: smtplib.SMTPResponseException) -> bool:
    return isinstance(refus, smtplib.SMTPSenderRefused) and refus.smtp_code >= 500


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
