"""Verrouiller ce qu'une reprise touche, dans l'ordre de la décision 0012."""

from __future__ import annotations

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from apart.comptes.models import Utilisateur
from apart.etablissements.etats import EtatRejoindre
from apart.etablissements.models import DemandeRejoindre, Habilitation
from apart.reprises.actions.demande import verrouiller_etablissement
from apart.reprises.etats import EtatReprise
from apart.reprises.models import Reprise
from apart.reprises.models.reprise import DELAI_ANNULATION
from apart.socle.automate import GesteImpossible
from apart.socle.models import verrouiller, verrouiller_noms
from apart.socle.saisies import boite

ESSAIS_DE_VERROU = 5  # chacun perdu, c'est un geste d'un autre qui s'est fait


def verrouiller_parents(reprise: Reprise) -> None:
    """Les personnes (qui demande, qui tient ou tenait l'espace), l'établissement : l'ordre de la décision 0012.

    Qui demande n'a peut-être pas encore de compte : son adresse d'abord, comme le lien par lequel elle entre. Qui y
    tient ne se sait pour de bon que sous le verrou de l'établissement : relu là ; si quelqu'un est arrivé entre-temps,
    les verrous se rendent et se reprennent, lui compris et dans l'ordre.
    """
    verrouiller_noms(reprise.courriel, boite(reprise.courriel), *_qui_va_entrer(reprise))
    for _ in range(ESSAIS_DE_VERROU):
        try:
            return _verrouiller_tous(reprise)
        except _QuelquUnArrive:
            continue
    raise GesteImpossible("executer_reprise", reprise.etat)


class _QuelquUnArrive(Exception):
    """Une personne concernée n'était pas encore là quand les personnes ont été verrouillées."""


@transaction.atomic  # un point de reprise : en sortir par une exception rend les verrous pris ici
def _verrouiller_tous(reprise: Reprise) -> None:
    tenues = {personne.pk for personne in verrouiller(_concernees(reprise))}
    verrouiller_etablissement(reprise)
    if set(_concernees(reprise).values_list("pk", flat=True)) - tenues:
        raise _QuelquUnArrive


def _concernees(reprise: Reprise) -> QuerySet[Utilisateur]:
    depuis = min(timezone.now() - DELAI_ANNULATION, reprise.executee_le or timezone.now())
    tiennent = reprise.etablissement.habilitations.filter(Q(au=None) | Q(au__gt=depuis)).values("utilisateur")
    remplacee = Habilitation.objects.filter(pk__in=Reprise.objects.filter(pk=reprise.pk).values("remplace"))
    qui = Q(courriel=reprise.courriel) | Q(pk__in=tiennent) | Q(pk__in=remplacee.values("utilisateur"))
    qui |= Q(pk__in=[ligne["utilisateur"] for ligne in reprise.acces_avant])  # ceux à qui défaire rendrait un accès
    qui |= Q(courriel__in=_qui_va_entrer(reprise))
    return Utilisateur.objects.filter(qui)


def _qui_va_entrer(reprise: Reprise) -> list[str]:
    """Les adresses dont un lien d'entrée vaut encore ici : il se verrouille par elles, et ce geste peut le tuer."""
    attendent = Reprise.objects.filter(
        etablissement=reprise.etablissement_id, etat=EtatReprise.EXECUTEE, habilitation=None
    )
    admis = DemandeRejoindre.objects.filter(etablissement=reprise.etablissement_id, etat=EtatRejoindre.ACCEPTEE)
    return [*attendent.values_list("courriel", flat=True), *admis.values_list("courriel", flat=True)]
