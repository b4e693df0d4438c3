"""apart agent creer, apart agent second-facteur : un agent, et le lien qui active son compte, ou le rouvre."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from apart.administrations.actions import agents, facteurs
from apart.administrations.models import RoleAgent, Service


class Command(BaseCommand):
    help = "Crée un compte d'agent, ou remplace son second facteur perdu, et montre son lien d'activation."

    def add_arguments(self, parser: ArgumentParser) -> None:
        verbes = parser.add_subparsers(dest="verbe", required=True, metavar="creer | second-facteur")
        creer = verbes.add_parser("creer", help="crée un agent, ou renvoie son lien d'activation")
        creer.add_argument("--courriel", required=True, help="adresse professionnelle de l'agent")
        creer.add_argument("--nom", default="")
        creer.add_argument("--prenom", default="")
        creer.add_argument("--service", default="", help="nom du service ; sans lui, l'assistance nationale")
        creer.add_argument("--role", choices=RoleAgent.values, default=RoleAgent.ASSISTANCE.value)
        creer.add_argument("--superviseur", action="store_true", help="le même que --role superviseur")
        creer.add_argument("--renvoyer", action="store_true", help="un nouveau lien pour un agent déjà créé")
        perdu = verbes.add_parser(
            "second-facteur", help="retire le second facteur perdu d'un agent, et son mot de passe"
        )
        perdu.add_argument("--courriel", required=True, help="adresse professionnelle de l'agent")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            perdu = options["verbe"] == "second-facteur"
            invitation = facteurs.remplacer(courriel=options["courriel"]) if perdu else self.inviter(**options)
        except ValidationError as refus:
            raise CommandError(" ".join(refus.messages)) from refus
        agent = invitation.agent
        self.stdout.write(f"{agent} ({agent.courriel}).")
        for affectation in agent.affectations.pas_finies(timezone.localdate()).select_related("service"):
            self.stdout.write(
                f"{affectation.service}, {affectation.service.lieux} : {affectation.get_role_display()}."
            )
        self.stdout.write(f"Lien d'activation, valable {settings.DUREE_ACTIVATION_AGENT.days} jours, une fois :")
        self.stdout.write(invitation.lien)

    def inviter(self, **options: Any) -> agents.Invitation:
        if options["renvoyer"]:
            return agents.renvoyer_invitation(courriel=options["courriel"])
        if not options["nom"] or not options["prenom"]:
            raise CommandError("Il faut --nom et --prenom.")
        return agents.creer_agent(
            courriel=options["courriel"],
            nom=options["nom"],
            prenom=options["prenom"],
            service=self.service(options["service"]),
            role=RoleAgent.SUPERVISEUR if options["superviseur"] else RoleAgent(options["role"]),
        )

    def service(self, nom: str) -> Service | None:
        """Celui qui porte ce nom ; rien si aucun n'est demandé."""
        if not nom:
            return None
        ouverts = Service.objects.ouverts()
        if trouve := ouverts.filter(nom__iexact=nom.strip()).first():
            return trouve
        connus = ", ".join(f"« {service} »" for service in ouverts) or "aucun"
        raise CommandError(f"Aucun service ouvert ne s'appelle « {nom} ». Ceux-ci sont ouverts : {connus}.")
