"""Qui peut faire quoi, et où. Cette table est la seule source : pages, actions et « Qui peut faire quoi » la lisent.

Les droits sont ceux du jour, à Paris, lus en base une fois par requête : une affectation qui finit ferme dès le clic
suivant. Ils ne suivent aucun fait gardé ailleurs ; est_superviseur n'est qu'un reflet (actions.affectations.accorder).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from functools import wraps
from typing import Any, Final

from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import PermissionDenied
from django.db import models
from django.http import HttpRequest, HttpResponseBase
from django.utils import timezone

from apart.administrations.models import Affectation, RoleAgent, Service
from apart.comptes.models import Utilisateur
from apart.socle.acces import Public, Vue, pour


class Droit(models.TextChoices):
    """Ce qu'un agent peut faire ; le libellé finit « il peut… »."""

    LIRE_ASSISTANCE = "lire_assistance", "lire les demandes d'assistance"
    REPONDRE_ASSISTANCE = "repondre_assistance", "répondre aux demandes d'assistance et renvoyer un accès"
    EXAMINER_REPRISE = "examiner_reprise", "examiner une reprise d'accès"
    APPROUVER_REPRISE = "approuver_reprise", "approuver une reprise d'accès examinée par un autre"
    IMPRIMER_LETTRES = "imprimer_lettres", "imprimer les lettres"
    GERER_ANNONCES = "gerer_annonces", "publier une annonce"
    GERER_EQUIPE = "gerer_equipe", "gérer l'équipe et les services"


ASSISTANCE: Final = frozenset(
    {
        Droit.LIRE_ASSISTANCE,
        Droit.REPONDRE_ASSISTANCE,
        Droit.EXAMINER_REPRISE,
        Droit.APPROUVER_REPRISE,
        Droit.IMPRIMER_LETTRES,
        Droit.GERER_ANNONCES,
    }
)
# Un rôle qui n'ouvre rien attend le module qui lui donnera de quoi faire.
DROITS: Final[Mapping[RoleAgent, frozenset[Droit]]] = {
    RoleAgent.LECTEUR: frozenset({Droit.LIRE_ASSISTANCE}),
    RoleAgent.ASSISTANCE: ASSISTANCE,
    RoleAgent.INSTRUCTEUR: frozenset({Droit.LIRE_ASSISTANCE}),
    RoleAgent.SIGNATAIRE: frozenset(),
    RoleAgent.CONTROLEUR: frozenset(),
    RoleAgent.PAYEUR: frozenset(),
    RoleAgent.SUPERVISEUR: ASSISTANCE | {Droit.GERER_EQUIPE},
}
# Ce que tout le pays voit ne se fait que depuis un service de tout le territoire.
NATIONAUX: Final = frozenset({Droit.GERER_ANNONCES})

Portees = dict[Droit, frozenset[str] | None]  # droit → départements ; None : tout le territoire
MEMO = "_portees_du_jour"
SANS_DROIT = "Votre rôle ne permet pas {}. Un superviseur peut vous en donner un autre."
SANS_AFFECTATION = (
    "Vous n'avez pas d'affectation en cours : un superviseur peut vous en donner une, depuis « L'équipe »."
)


def peut(agent: Utilisateur, droit: Droit, departement: str | None = None) -> bool:
    """Vrai si cet agent a ce droit, aujourd'hui, dans ce département.

    departement : None, n'importe où ; vide (« on ne sait pas ») ou inconnu, seulement s'il l'a sur tout le territoire.
    """
    portees = _portees(agent)
    if droit not in portees:
        return False
    lieux = portees[droit]
    return departement is None or lieux is None or departement in lieux


def departements_de(agent: Utilisateur, droit: Droit) -> frozenset[str] | None:
    """Les départements où il a ce droit aujourd'hui ; None, tout le territoire ; vide, nulle part."""
    return _portees(agent).get(droit, frozenset())


def couvre(agent: Utilisateur, droit: Droit, departements: Collection[str]) -> bool:
    """Vrai s'il a ce droit partout où ce service est compétent ; un service sans département l'est partout."""
    siens = departements_de(agent, droit)
    return siens is None or (bool(departements) and siens.issuperset(departements))


def equipe_de(superviseur: Utilisateur) -> models.QuerySet[Utilisateur]:
    """Les agents d'un service dont il gère l'équipe, fût-ce autrefois ; d'un superviseur national, tous."""
    lieux = departements_de(superviseur, Droit.GERER_EQUIPE)
    if lieux is None:
        return Utilisateur.objects.agents()
    siennes = Affectation.objects.filter(service__in=Service.objects.couverts_par(lieux))
    return Utilisateur.objects.agents().filter(pk__in=siennes.values("agent"))


def droits_de(qui: Utilisateur | AnonymousUser) -> frozenset[str]:
    """Les droits qu'il a aujourd'hui, où que ce soit ; aucun pour qui n'est pas agent, sans lire la base."""
    return frozenset(_portees(qui)) if isinstance(qui, Utilisateur) else frozenset()


def reservee(droit: Droit) -> Callable[[Vue], Vue]:
    """Réserve une vue aux agents qui ont ce droit : introuvable pour un employeur, une phrase pour un autre agent.

    La vue vérifie ensuite où : par visibles_par pour lire, par l'action pour faire.
    """

    def decorer(vue: Vue) -> Vue:
        @wraps(vue)
        def garder(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            exiger_droit(request, droit)
            return vue(request, *args, **kwargs)

        gardee = pour(Public.AGENT)(garder)
        gardee.droit = droit  # type: ignore[attr-defined]  # lu par le plan du site et tests/test_acces.py
        return gardee

    return decorer


def exiger_droit(request: HttpRequest, droit: Droit) -> None:
    """Lève PermissionDenied, avec sa phrase, si l'agent qui demande cette page n'a ce droit nulle part."""
    siens = droits_de(request.user)
    if droit not in siens:
        raise PermissionDenied(SANS_DROIT.format(_de(droit.label)) if siens else SANS_AFFECTATION)


def _de(verbe: str) -> str:
    return f"d'{verbe}" if verbe[0] in "aeéiou" else f"de {verbe}"


def _portees(agent: Utilisateur) -> Portees:
    """Gardées sur la personne, qui ne vit que le temps d'une requête : une seule lecture pour tous ses droits."""
    if not agent.agit_en_agent:
        return {}
    jour = timezone.localdate()
    lues: tuple[object, Portees] | None = getattr(agent, MEMO, None)
    if lues is None or lues[0] != jour:
        lues = (jour, _lire(agent))
        setattr(agent, MEMO, lues)
    return lues[1]


def _lire(agent: Utilisateur) -> Portees:
    portees: Portees = {}
    donnees = Affectation.objects.donnees_a(agent, timezone.localdate()).filter(service__ferme_le=None)
    for role, departements in donnees.order_by().values_list("role", "service__departements"):
        for droit in DROITS[RoleAgent(role)]:
            if departements and droit in NATIONAUX:
                continue
            deja = portees.get(droit, frozenset())
            portees[droit] = None if deja is None or not departements else deja | frozenset(departements)
    return portees
