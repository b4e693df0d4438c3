"""Qui gère l'équipe, et ce qui fait qu'il reste toujours quelqu'un pour la gérer."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from django.core.exceptions import ValidationError
from django.db.models import Q
from django.utils import timezone

from apart.administrations.droits import Droit, couvre, departements_de
from apart.administrations.models import Affectation, RoleAgent
from apart.comptes.models import Utilisateur
from apart.socle.acces import exiger
from apart.socle.models import verrouiller, verrouiller_noms

DERNIER = "Il ne resterait aucun superviseur national, en cours et sans date de fin. Nommez-en un autre d'abord."


def relire(*qui: Utilisateur | None) -> dict[int, Utilisateur]:
    """Ces personnes, verrouillées ensemble et relues : un superviseur que l'on vient d'écarter n'agit plus."""
    cles = [personne.pk for personne in qui if personne]
    return {relue.pk: relue for relue in verrouiller(Utilisateur.objects.filter(pk__in=cles))}


def exiger_gerant(par: Utilisateur | None, departements: Collection[str], action: str) -> None:
    """Refuse à qui ne gère pas l'équipe partout où ces départements s'étendent ; par=None : la ligne de commande."""
    exiger(par is None or couvre(par, Droit.GERER_EQUIPE, departements), action)


def gere(par: Utilisateur, agent: Utilisateur) -> bool:
    """Vrai si par gère chaque service où cet agent est ou sera affecté ; sans affectation, s'il les gère tous."""
    if departements_de(par, Droit.GERER_EQUIPE) is None:
        return True
    lieux = agent.affectations.pas_finies(timezone.localdate()).values_list("service__departements", flat=True)
    return bool(lieux) and all(couvre(par, Droit.GERER_EQUIPE, departements) for departements in lieux)


def gerants_de(agent: Utilisateur) -> list[Utilisateur]:
    """Les autres superviseurs en état d'agir qui gèrent chacun de ses services."""
    superviseurs = Utilisateur.objects.agents_en_etat_d_agir().filter(est_superviseur=True)
    return [qui for qui in superviseurs.exclude(pk=agent.pk) if gere(qui, agent)]


def attendre_son_tour() -> None:
    """Deux gestes qui ôtent chacun un superviseur se suivent : chacun voit ce qu'a laissé l'autre."""
    verrouiller_noms("superviseurs")


def exiger_qu_il_en_reste() -> None:
    """Lève ValidationError si ce qui vient d'être écrit ne laisse aucun superviseur durable."""
    if not Affectation.objects.superviseurs_durables(timezone.localdate()).exists():
        raise ValidationError(DERNIER, code="dernier")


def accorder(agents: Iterable[int] | None = None) -> int:
    """Remet est_agent et est_superviseur d'accord avec les affectations du jour ; de ces agents, ou de tous.

    Un agent dont la dernière affectation a fini garde son compte d'agent, et ne peut plus rien. Rend le nombre de
    comptes changés ; rejouée, elle n'en change aucun.
    """
    jour = timezone.localdate()
    superviseurs = Affectation.objects.en_cours(jour).filter(role=RoleAgent.SUPERVISEUR, service__ferme_le=None)
    absents = superviseurs.filter(absent_du__lte=jour, absent_au__gt=jour)
    le_sont = Q(pk__in=superviseurs.values("agent")) | Q(pk__in=absents.values("suppleant"))
    comptes = Utilisateur.objects.all() if agents is None else Utilisateur.objects.filter(pk__in=list(agents))
    affectes = comptes.filter(est_agent=False, affectations__isnull=False)
    changes = Utilisateur.objects.filter(pk__in=affectes.values("pk")).update(est_agent=True)
    changes += comptes.filter(le_sont, est_superviseur=False, est_agent=True).update(est_superviseur=True)
    return changes + comptes.exclude(le_sont).filter(est_superviseur=True).update(est_superviseur=False)
