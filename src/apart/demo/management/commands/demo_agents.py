"""apart demo_agents : un agent par rôle de la démonstration, et le lien par lequel chacun s'active."""

from __future__ import annotations

import io
import re
from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError

from apart.comptes.models import Utilisateur
from apart.demo.demonstration import DDETS

# Libellé, adresse, prénom, nom, et où et comment il est affecté ; sans service, à l'assistance de tout le territoire.
# Là, ils sont trois : une reprise d'accès à laquelle quelqu'un s'est opposé les demande tous.
AGENTS: tuple[tuple[str, str, str, str, tuple[str, ...]], ...] = (
    ("agent", "agent@demo.example", "Dominique", "Agent", ()),
    ("agente", "agente@demo.example", "Danielle", "Agente", ()),
    ("superviseur", "superviseur@demo.example", "Dominique", "Superviseur", ("--role", "superviseur")),
    ("DDETS, lecteur", "lecteur@demo.example", "Camille", "Lecteur", ("--service", DDETS.nom, "--role", "lecteur")),
    ("DDETS, assistance", "ddets@demo.example", "Claude", "Assistance", ("--service", DDETS.nom)),
    (
        "DDETS, superviseure",
        "superviseure@demo.example",
        "Andrée",
        "Superviseure",
        ("--service", DDETS.nom, "--role", "superviseur"),
    ),
)


class Command(BaseCommand):
    help = "Invite un agent par rôle de la démonstration, tant qu'il n'a pas choisi son mot de passe."

    def handle(self, *args: Any, **options: Any) -> None:
        for libelle, courriel, prenom, nom, affectation in AGENTS:
            agent = Utilisateur.objects.par_courriel(courriel)
            if agent is not None and agent.has_usable_password():
                continue
            suite = ("--renvoyer",) if agent else ("--prenom", prenom, "--nom", nom, *affectation)
            self.stdout.write(self._inviter(libelle, "--courriel", courriel, *suite))
            self.stdout.flush()

    def _inviter(self, libelle: str, *options: str) -> str:
        sortie = io.StringIO()
        try:
            call_command("agent", "creer", *options, stdout=sortie)
        except CommandError as refus:
            return f"Pas de lien ({libelle}) : {refus}"
        lien = re.search(r"https?://\S+", sortie.getvalue())
        return f"Activer un compte ({libelle}) : {lien[0] if lien else sortie.getvalue()}"
