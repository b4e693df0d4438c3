"""apart demo_courriels : le serveur SMTP de la démonstration, qui garde tout ce qu'on lui confie."""

from __future__ import annotations

import logging
import signal
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from apart.demo import boite
from apart.socle.processus import lier_au_parent


class Depot:
    """Reçoit chaque message avec son enveloppe : l'expéditeur de retour n'est pas écrit ailleurs."""

    async def handle_DATA(self, serveur: Any, session: Any, enveloppe: Any) -> str:  # noqa: N802  # nom d'aiosmtpd
        entetes = f"X-MailFrom: {enveloppe.mail_from}\r\nX-RcptTo: {', '.join(enveloppe.rcpt_tos)}\r\n"
        boite.deposer(entetes.encode() + enveloppe.content)
        return "250 Message gardé"


class Command(BaseCommand):
    help = "Reçoit par SMTP, sur cette machine seulement, les courriels de la démonstration."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--port", type=int, required=True)

    def handle(self, *args: Any, port: int, **options: Any) -> None:
        lier_au_parent()
        logging.getLogger("mail.log").setLevel(logging.WARNING)  # aiosmtpd dit chaque connexion
        try:
            from aiosmtpd.controller import Controller
        except ImportError as absente:
            raise CommandError("La boîte aux lettres demande aiosmtpd : lancez « make installer ».") from absente
        serveur = Controller(Depot(), hostname="127.0.0.1", port=port, enable_SMTPUTF8=True)
        serveur.start()
        try:
            signal.pause()
        finally:
            serveur.stop()
