"""Affecter un agent à un service, finir son affectation, le faire suppléer pendant une absence."""

from __future__ import annotations

from datetime import date

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from apart.administrations.actions.superviseurs import (
    accorder,
    attendre_son_tour,
    exiger_gerant,
    exiger_qu_il_en_reste,
    relire,
)
from apart.administrations.models import Affectation, RoleAgent, Service
from apart.comptes.actions.securite import avertir
from apart.comptes.models import Utilisateur
from apart.socle.acces import exiger
from apart.socle.models import journaliser, verrouiller


@transaction.atomic
def affecter(
    agent: Utilisateur,
    *,
    service: Service,
    role: RoleAgent,
    du: date | None = None,
    au: date | None = None,
    par: Utilisateur | None = None,
) -> Affectation:
    """Affecte un agent, de « du » (compris ; aujourd'hui si None) à « au » (exclu ; sans fin si None).

    La même affectation, déjà faite, est rendue telle quelle. par : le superviseur, ou personne depuis la ligne de
    commande. Lève PermissionDenied si par ne gère pas l'équipe partout où ce service est compétent, s'affecte
    lui-même, ou vise un compte qui n'est pas celui d'un agent ; ValidationError si le service est fermé, si les dates
    ne se suivent pas, ou si l'agent a déjà ce rôle dans ce service sur une partie de ces dates.
    """
    relus = relire(par, agent)
    agent = relus[agent.pk]
    service = verrouiller(Service.objects.filter(pk=service.pk)).get()
    exiger_gerant(par and relus[par.pk], service.departements, "y affecter quelqu'un")
    exiger(agent.est_agent and agent != par, "affecter ce compte")
    demandee = Affectation(agent=agent, service=service, role=role, du=du or timezone.localdate(), au=au)
    if deja := _deja(demandee):
        return deja
    _exiger_possible(demandee)
    demandee.save(force_insert=True)
    accorder([agent.pk])
    journaliser(
        "affecter", sujet=agent.sujet, par=par, service=service.pk, role=role, du=str(demandee.du), au=_dit(au)
    )
    avertir(agent, f"Vous êtes affecté au service « {service} », {demandee.get_role_display()}")
    return demandee


def _deja(demandee: Affectation) -> Affectation | None:
    meme = {"agent": demandee.agent, "service": demandee.service, "role": demandee.role}
    return Affectation.objects.filter(**meme, du=demandee.du, au=demandee.au).first()


def _exiger_possible(demandee: Affectation) -> None:
    """Les contraintes de la table, avec leurs phrases ; elle garde le dernier mot."""
    if demandee.service.est_ferme:
        raise ValidationError("Ce service est fermé : choisissez-en un autre.", code="ferme")
    if demandee.du < timezone.localdate():
        raise ValidationError({"du": "Une affectation commence aujourd'hui, ou plus tard."}, code="passee")
    if demandee.au and demandee.au <= demandee.du:
        raise ValidationError({"au": "La fin vient après le début."}, code="dates")
    memes = Affectation.objects.filter(agent=demandee.agent, service=demandee.service, role=demandee.role)
    autres = memes.pas_finies(demandee.du)
    if (autres.filter(du__lt=demandee.au) if demandee.au else autres).exists():
        raise ValidationError("Cet agent a déjà ce rôle dans ce service, sur une partie de ces dates.", code="double")


@transaction.atomic
def terminer(affectation: Affectation, *, au: date | None = None, par: Utilisateur) -> Affectation:
    """Finit une affectation au matin de « au » (None, ou aujourd'hui : au clic suivant), sans jamais la prolonger.

    Qui n'en a pas d'autre garde son compte d'agent, et ne peut plus rien. Déjà finie plus tôt : ne change rien.
    Lève PermissionDenied si par ne gère pas l'équipe là où elle donne des droits ; ValidationError si « au » est
    passé, ou s'il ne resterait aucun superviseur de tout le territoire.
    """
    au = au or timezone.localdate()
    par, affectation = _reprendre(affectation, par, "terminer cette affectation")
    if affectation.au and affectation.au <= au:
        return affectation
    if au < timezone.localdate():
        raise ValidationError({"au": "Une affectation finit aujourd'hui, ou plus tard."}, code="passee")
    affectation.au = max(au, affectation.du)
    affectation.save(update_fields=["au"])
    if affectation.role == RoleAgent.SUPERVISEUR and affectation.service.est_national:
        exiger_qu_il_en_reste()
    agent = affectation.agent
    accorder([agent.pk, *_suppleant(affectation)])
    journaliser("terminer_affectation", sujet=agent.sujet, par=par, affectation=affectation.pk, au=str(affectation.au))
    avertir(agent, f"Votre affectation au service « {affectation.service} » prend fin")
    return affectation


@transaction.atomic
def suppleer(affectation: Affectation, *, suppleant: Utilisateur, du: date, au: date, par: Utilisateur) -> Affectation:
    """Donne à un autre agent ce que donne cette affectation, de « du » (compris) au retour, « au » (exclu).

    Remplace la suppléance d'avant. La même, déjà posée, ne change rien. Lève PermissionDenied si par ne gère pas
    l'équipe là où elle donne des droits, se désigne lui-même, ou désigne qui n'est pas agent, ou n'a pas encore
    activé son compte ; ValidationError si l'affectation est finie, si le suppléant est l'agent lui-même, ou si les
    dates ne se suivent pas.
    """
    par, affectation = _reprendre(affectation, par, "faire suppléer cet agent", suppleant)
    suppleant = Utilisateur.objects.get(pk=suppleant.pk)
    en_etat = Utilisateur.objects.agents_en_etat_d_agir().filter(pk=suppleant.pk).exists()
    exiger(en_etat and suppleant != par, "désigner ce suppléant")
    if (affectation.suppleant, affectation.absent_du, affectation.absent_au) == (suppleant, du, au):
        return affectation
    _exiger_absence(affectation, suppleant, du, au)
    avant = _suppleant(affectation)
    affectation.suppleant, affectation.absent_du, affectation.absent_au = suppleant, du, au
    affectation.save(update_fields=["suppleant", "absent_du", "absent_au"])
    accorder([suppleant.pk, *avant])
    sujet = affectation.agent.sujet
    journaliser("suppleer", sujet=sujet, par=par, suppleant=suppleant.pk, du=str(du), au=str(au))
    avertir(suppleant, f"Vous suppléez {affectation.agent} au service « {affectation.service} »")
    return affectation


def _exiger_absence(affectation: Affectation, suppleant: Utilisateur, du: date, au: date) -> None:
    jour = timezone.localdate()
    if affectation.au and affectation.au <= jour:
        raise ValidationError("Cette affectation est finie.", code="finie")
    if suppleant == affectation.agent:
        raise ValidationError({"suppleant": "Désignez quelqu'un d'autre : il est absent."}, code="lui")
    if au <= du or au <= jour:
        raise ValidationError({"absent_au": "Le retour vient après le départ, et après aujourd'hui."}, code="dates")


@transaction.atomic
def lever_suppleance(affectation: Affectation, *, par: Utilisateur) -> None:
    """L'agent est de retour : son suppléant n'a plus rien de cette affectation. Sans suppléant, ne change rien.

    Lève PermissionDenied si par ne gère pas l'équipe là où elle donne des droits.
    """
    par, affectation = _reprendre(affectation, par, "finir cette suppléance")
    if affectation.suppleant is None:
        return
    avant = _suppleant(affectation)
    affectation.suppleant = affectation.absent_du = affectation.absent_au = None
    affectation.save(update_fields=["suppleant", "absent_du", "absent_au"])
    accorder(avant)
    journaliser("lever_suppleance", sujet=affectation.agent.sujet, par=par, affectation=affectation.pk)


def _reprendre(
    affectation: Affectation, par: Utilisateur, action: str, *autres: Utilisateur
) -> tuple[Utilisateur, Affectation]:
    """Verrouille les personnes, attend les autres superviseurs, relit l'affectation sous son verrou, et refuse."""
    par = relire(par, affectation.agent, affectation.suppleant, *autres)[par.pk]
    attendre_son_tour()
    toutes = Affectation.objects.select_related("agent", "service", "suppleant")
    affectation = verrouiller(toutes.filter(pk=affectation.pk)).get()
    exiger_gerant(par, affectation.service.departements, action)
    return par, affectation


def _suppleant(affectation: Affectation) -> list[int]:
    return [affectation.suppleant_id] if affectation.suppleant_id else []


def _dit(jour: date | None) -> str | None:
    return str(jour) if jour else None
