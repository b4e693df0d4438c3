"""Les envois de qui tient la liste des personnes : la suite de tests/envois.py."""

from __future__ import annotations

from django.test import Client
from django.urls import reverse

from apart.etablissements.etats import EtatRejoindre
from tests.envoi import Envoi, simple
from tests.gestes_personnes import offre, ouvert_depuis_longtemps, role_a_prendre
from tests.scene import Scene


def _boulangerie(s: Scene) -> object:
    return s.siret(1)


def _membre(s: Scene) -> object:
    return s.habilitation("membre").pk


def _acceptee(s: Scene) -> object:
    return s.rejoindre(EtatRejoindre.ACCEPTEE).pk


def _passer_la_main(s: Scene, client: Client) -> tuple[str, dict[str, str]]:
    return reverse("passer-la-main", args=[s.siret(1)]), {"personne": str(_membre(s)), "puis": "quitter"}


def _offre(s: Scene, client: Client) -> tuple[str, dict[str, str]]:
    offre(s)
    return reverse("offre-refuser", args=[s.siret(1)]), {}


def _prendre(s: Scene, client: Client) -> tuple[str, dict[str, str]]:
    role_a_prendre(s)
    return reverse("role-prendre", args=[s.siret(1)]), {}


def _revoir(s: Scene, client: Client) -> tuple[str, dict[str, str]]:
    ouvert_depuis_longtemps(s)
    vues = s.boulangerie.habilitations.actives().values_list("pk", flat=True)
    return reverse("revue"), {"vues": ",".join(map(str, vues))}


PERSONNES: dict[str, Envoi] = {
    "admission-annuler": Envoi(simple("admission-annuler", _boulangerie, _acceptee), "principal"),
    "offre-refuser": Envoi(_offre, "membre"),
    "passer-la-main": Envoi(_passer_la_main, "principal"),
    "personne-retirer": Envoi(simple("personne-retirer", _boulangerie, _membre, motif="depart"), "principal"),
    "personne-role": Envoi(simple("personne-role", _boulangerie, _membre, role="tiers"), "principal"),
    "quitter": Envoi(simple("quitter", _boulangerie), "principal"),
    "role-prendre": Envoi(_prendre, "membre"),
    "revue": Envoi(_revoir, "principal"),
}
