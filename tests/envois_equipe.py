"""Les envois des superviseurs : comptes d'agents, affectations, services."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from django.test import Client
from django.urls import reverse
from django.utils.timezone import localdate

from tests.envoi import Envoi, simple
from tests.gestes_equipe import supplee
from tests.gestes_facteurs import equipe, proposition
from tests.scene import Scene


def _affectation(s: Scene) -> dict[str, str]:
    return {"service": str(s.service().pk), "role": "assistance", "du": str(localdate())}


def _sienne(s: Scene) -> object:
    return s.affectation("agent").pk


def _suppleer(s: Scene, client: Client) -> tuple[str, dict[str, str]]:
    saisie = {"suppleant": str(s.qui("lecteur").pk), "absent_du": str(localdate())}
    return reverse("affectation-suppleer", args=[_sienne(s)]), saisie | {"absent_au": str(localdate() + timedelta(7))}


def _numero(nom: str) -> Callable[[Scene], object]:
    return lambda s: s.qui(nom).pk


def _invitee(s: Scene) -> object:
    return s.invitee().pk


LEA = {"nom": "Roux", "prenom": "Léa"}
SERVICE = {"sorte": "ddets", "departements": "74"}
EQUIPE: dict[str, Envoi] = {
    "affectation-lever": Envoi(simple("affectation-lever", lambda s: supplee(s).pk), "superviseur"),
    "affectation-suppleer": Envoi(_suppleer, "superviseur"),
    "affectation-terminer": Envoi(
        lambda s, client: (reverse("affectation-terminer", args=[_sienne(s)]), {"au": str(localdate())}), "superviseur"
    ),
    "agent": Envoi(lambda s, client: (reverse("agent", args=[s.qui("lecteur").pk]), _affectation(s)), "superviseur"),
    "equipe": Envoi(
        lambda s, client: (reverse("equipe"), LEA | _affectation(s) | {"courriel": s.adresse("neuf")}), "superviseur"
    ),
    "facteur-agent": Envoi(
        lambda s, client: (reverse("facteur-agent", args=[equipe(s, "lecteur").pk]), {"motif": "Vu ce matin."}),
        "superviseur",
    ),
    "facteur-agent-approuver": Envoi(
        simple("facteur-agent-approuver", _numero("agent"), lambda s: proposition(s).pk), "superviseur"
    ),
    "facteur-agent-retirer": Envoi(
        simple("facteur-agent-retirer", _numero("agent"), lambda s: proposition(s).pk), "superviseur"
    ),
    "inviter-agent": Envoi(simple("inviter-agent", _invitee), "superviseur"),
    "retablir-agent": Envoi(simple("retablir-agent", _numero("agent_suspendu")), "superviseur"),
    "service": Envoi(
        lambda s, client: (reverse("service", args=[s.service().pk]), SERVICE | {"nom": s.adresse("a")}), "superviseur"
    ),
    "service-fermer": Envoi(simple("service-fermer", lambda s: s.service().pk), "superviseur"),
    "service-nouveau": Envoi(
        lambda s, client: (reverse("service-nouveau"), SERVICE | {"nom": s.adresse("b")}), "superviseur"
    ),
    "suspendre-agent": Envoi(simple("suspendre-agent", _numero("agent")), "superviseur"),
}
