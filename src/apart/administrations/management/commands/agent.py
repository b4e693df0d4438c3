"""apart agent creer : un agent, et le lien qui active son compte."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError

from apart.administrations import actions


class Command(BaseCommand):
    help = "Crée un compte d'agent et montre son lien d'activation."

    def add_arguments(self, parser: ArgumentParser) -> None:
        verbes = parser.add_subparsers(dest="verbe", required=True, metavar="creer")
        creer = verbes.add_parser("creer", help="crée un agent, ou renvoie son lien d'activation")
        creer.add_argument("--courriel", required=True, help="adresse professionnelle de l'agent")
        creer.add_argument("--nom", default="")
        creer.add_argument("--prenom", default="")
        creer.add_argument("--role", choices=["agent", "superviseur"], default="agent")
        creer.add_argument("--renvoyer", action="store_true", help="un nouveau lien pour un agent déjà créé")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            invitation = self.inviter(**options)
        except ValidationError as refus:
            raise CommandError(" ".join(refus.messages)) from refus
        agent = invitation.agent
        role = "superviseur" if agent.est_superviseur else "agent"
        self.stdout.write(f"{agent} ({agent.courriel}), {role}.")
        self.stdout.write(f"Lien d'activation, valable {settings.DUREE_ACTIVATION_AGENT.days} jours, une fois :")
        self.stdout.write(invitation.lien)

    def inviter(self, **options: Any) -> actions.Invitation:
        if options["renvoyer"]:
            return actions.renvoyer_invitation(courriel=options["courriel"])
        if not options["nom"] or not options["prenom"]:
            raise CommandError("Il faut --nom et --prenom.")
        return actions.creer_agent(
            courriel=options["courriel"],
            nom=options["nom"],
            prenom=options["prenom"],
            superviseur=options["role"] == "superviseur",
        )
