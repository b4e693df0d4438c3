"""La connexion SMTP, et ce que ses réponses veulent dire pour un message."""

from __future__ import annotations

import re
import smtplib
import ssl
from contextlib import suppress
from dataclasses import dataclass
from functools import partial

from django.conf import settings

from apart.courriels import adresses
from apart.courriels.models import Sort

# Refus définitifs qui tiennent à notre réglage, non au destinataire : le message attend qu'il soit corrigé.
NOTRE_REGLAGE = re.compile(
    r"^53\d|relay(?:ing)? (?:access )?denied|unable to relay|not permitted to relay", re.IGNORECASE
)
FERMETURE = 421  # le serveur ferme la connexion sans avoir rien pris


class Injoignable(Exception):
    """Notre serveur d'envoi ne répond pas, ou ne veut pas de nous : aucun message ne peut partir."""


@dataclass(frozen=True)
class Verdict:
    """Le sort d'un message (remis, différé ou refusé) et la réponse du serveur.

    ferme : le serveur a fermé avant d'avoir rien pris ; une connexion neuve suffit peut-être.
    """

    sort: Sort
    reponse: str
    ferme: bool = False


class Liaison:
    """Une connexion au serveur d'envoi, ouverte au premier message et rouverte si le serveur la ferme."""

    client: smtplib.SMTP | None = None

    def close(self) -> None:
        if self.client is not None:
            with suppress(smtplib.SMTPException, OSError):  # déjà coupée : rien à perdre
                self.client.quit()
            self.client.close()
            self.client = None

    def saluer(self) -> None:
        """Ouvre la connexion, chiffrée et identifiée comme pour un envoi. Lève Injoignable."""
        self._ouvrir()

    def envoyer(self, de: str, a: str, message: bytes) -> Verdict:
        """Remet un message au serveur, sur une seconde connexion s'il ferme la première. Lève Injoignable."""
        verdict = self._essayer(de, a, message)
        return self._essayer(de, a, message) if verdict.ferme else verdict

    def _essayer(self, de: str, a: str, message: bytes) -> Verdict:
        client, etape = self._ouvrir(), "MAIL"
        etapes = {
            etape: partial(client.mail, de),
            "RCPT": partial(client.rcpt, a),
            "DATA": partial(client.data, message),
        }
        try:
            for etape, demander in etapes.items():
                code, texte = demander()
                if not 200 <= code < 300:
                    return self._refus(code, texte, etape=etape)
        except smtplib.SMTPDataError as refus:  # le serveur n'a pas voulu du contenu
            return self._refus(refus.smtp_code, refus.smtp_error, etape=etape)
        except (smtplib.SMTPException, OSError) as panne:
            self.close()
            return Verdict(Sort.DIFFERE, f"Connexion coupée : {panne}", ferme=etape != "DATA")
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

    def _ouvrir(self) -> smtplib.SMTP:
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


def _connecter() -> smtplib.SMTP:
    serveur = settings.SERVEUR_COURRIEL
    contexte = None if serveur.chiffrement == "aucun" else ssl.create_default_context()
    ouvrir = partial(smtplib.SMTP_SSL, context=contexte) if serveur.chiffrement == "tls" else smtplib.SMTP
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
