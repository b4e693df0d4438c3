"""Défaire une reprise faite : les accès reviennent, et rien de ce qui a changé depuis ne se perd (décision 0020)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from apart.comptes.models import Jeton, Usage, Utilisateur
from apart.etablissements.actions import personnes, preuves
from apart.etablissements.models import Fondement, Habilitation, HabilitationQuerySet, MotifRetrait, Preuve, Role
from apart.reprises.actions.execution import congedier, envoyer_entree
from apart.reprises.etats import EtatReprise
from apart.reprises.models import Reprise
from apart.reprises.models.reprise import DUREE_ENTREE
from apart.socle.models import journaliser


@transaction.atomic
def rendre(reprise: Reprise, *, par: Utilisateur) -> None:
    """Remet l'accès où il était, sous annuler_reprise : le nouveau titulaire sort, l'ancien revient.

    La preuve que cette reprise donna se défait, et ce qu'ont décidé ceux qui tenaient d'elle le rôle ; aucune autre
    preuve ne revient ni ne se perd avec elle.
    """
    roles = _roles_pris(reprise)
    rendus = preuves.revenir(reprise.fondement, par=par) if reprise.fondement else []
    if reprise.est_releve:
        for habilitation in rendus:
            _defaire_ses_decisions(habilitation, depuis=roles[habilitation.pk])
    else:
        _rendre_les_acces(reprise, par=par)
    preuves.repeser(reprise.etablissement)


def _roles_pris(reprise: Reprise) -> dict[int, datetime]:
    ici = Habilitation.objects.filter(etablissement=reprise.etablissement_id).exclude(role_pris_le=None)
    return {pk: pris_le for pk, pris_le in ici.values_list("pk", "role_pris_le") if pris_le}


def _defaire_ses_decisions(rendue: Habilitation, *, depuis: datetime) -> None:
    """Le rôle rendu, qui elle a fait entrer depuis sort, et qui elle a retiré revient, s'il n'est pas déjà revenu."""
    d_ici = Habilitation.objects.filter(etablissement=rendue.etablissement_id, utilisateur__is_active=True)
    personnes.annuler_accords(rendue.etablissement, de=[rendue.utilisateur_id], depuis=depuis)
    for entree in d_ici.actives().filter(_admise_par([rendue.utilisateur_id]), du__gte=depuis).order_by("pk"):
        congedier(entree, MotifRetrait.DEFAITE)
    for retiree in d_ici.filter(finie_par=rendue.utilisateur_id, au__gte=depuis).order_by("pk"):
        if retiree.motif_fin != MotifRetrait.QUITTE and not _depuis(retiree).exists():
            _rouvrir(retiree)


def _admise_par(qui: list[int]) -> Q:
    """Entrée par l'accord de l'un d'eux, même si sa preuve repose aujourd'hui ailleurs."""
    accords = Fondement.objects.filter(preuve=Preuve.MEMBRE, garant__in=qui)
    return Q(garant__in=qui, preuve=Preuve.MEMBRE) | Q(pk__in=accords.values("habilitation"))


def _rendre_les_acces(reprise: Reprise, *, par: Utilisateur) -> None:
    Jeton.objects.vivants().filter(reprises=reprise, usage=Usage.ENTREE).update(annule_le=timezone.now())
    personnes.attendre_quelqu_un(reprise.etablissement, None)
    lignes = {ligne["habilitation"]: ligne for ligne in reprise.acces_avant}
    d_avant = Habilitation.objects.filter(pk__in=lignes)
    _faire_sortir(reprise, d_avant)
    tenues = {}
    for habilitation in d_avant.filter(utilisateur__is_active=True).order_by("pk"):
        if _reprend(reprise, habilitation):
            tenues[_rouvrir(habilitation).pk] = lignes[habilitation.pk]
    preuves.repeser(reprise.etablissement)
    for tenue in Habilitation.objects.filter(pk__in=tenues).order_by("pk"):
        _rendre_le_role(tenue, tenues[tenue.pk])
    journaliser("rendre_acces", sujet=reprise.sujet, par=par, reprise=reprise.pk)
    _rendre_l_entree(reprise)


def _faire_sortir(reprise: Reprise, d_avant: QuerySet[Habilitation]) -> None:
    """Le nouveau titulaire, et ceux qu'il a fait entrer, lui ou quelqu'un qui n'avait pas ce pouvoir avant lui."""
    honnetes = _principaux_d_avant(reprise)
    entrees = reprise.etablissement.habilitations.actives().exclude(utilisateur__in=d_avant.values("utilisateur"))
    sortants = list(entrees.exclude(_admise_par(honnetes)).order_by("pk"))
    for sortant in sortants:
        congedier(sortant, MotifRetrait.REPRISE if sortant.pk == reprise.habilitation_id else MotifRetrait.DEFAITE)
    if reprise.executee_le:
        promus = [ligne["utilisateur"] for ligne in reprise.acces_avant if ligne["role"] != Role.PRINCIPAL]
        de = [*(sortant.utilisateur_id for sortant in sortants), *promus]
        de += [reprise.habilitation.utilisateur_id] if reprise.habilitation else []
        personnes.annuler_accords(reprise.etablissement, de=de, depuis=reprise.executee_le)


def _principaux_d_avant(reprise: Reprise) -> list[int]:
    """Ceux qui décidaient déjà, sans la personne que l'on défait : ce qu'ils ont admis depuis reste."""
    defait = reprise.habilitation.utilisateur_id if reprise.habilitation else None
    avant = [ligne["utilisateur"] for ligne in reprise.acces_avant if ligne["role"] == Role.PRINCIPAL]
    return [pk for pk in avant if pk != defait]


def _reprend(reprise: Reprise, habilitation: Habilitation) -> bool:
    """Qui est parti de lui-même, ou qu'un principal d'avant a retiré, ne revient pas.

    Ni ce qu'il a reçu ensuite d'un autre qu'un principal d'avant.
    """
    honnetes = _principaux_d_avant(reprise)
    if habilitation.motif_fin != MotifRetrait.QUITTE and habilitation.finie_par_id not in honnetes:
        return True
    for depuis in _depuis(habilitation).exclude(_admise_par(honnetes)):
        congedier(depuis, MotifRetrait.DEFAITE)
    return False


def _rendre_l_entree(reprise: Reprise) -> None:
    """Qui avait repris l'accès avant elle, et n'était pas encore entré, en retrouve le lien."""
    avant = Reprise.objects.filter(etablissement=reprise.etablissement_id, etat=EtatReprise.EXECUTEE, est_releve=False)
    derniere = avant.exclude(pk=reprise.pk).order_by("-executee_le").first()
    if derniere and derniere.executee_le and derniere.attend_l_entree:
        personnes.attendre_quelqu_un(reprise.etablissement, derniere.executee_le + DUREE_ENTREE)
        envoyer_entree(derniere)


def _rendre_le_role(tenue: Habilitation, ligne: dict[str, Any]) -> None:
    """tenue : relue et repesée. Un rôle pris sur une preuve défaite depuis ne se rend pas."""
    pris_le = datetime.fromisoformat(ligne["role_pris_le"]) if ligne["role_pris_le"] else None
    tient = pris_le is None or tenue.valeur >= Preuve.MEMBRE
    tenue.role, tenue.role_pris_le = (ligne["role"], pris_le) if tient else (Role.MEMBRE, None)
    tenue.save(update_fields=["role", "role_pris_le"])


def _depuis(habilitation: Habilitation) -> HabilitationQuerySet:
    """L'accès que la même personne a reçu depuis que celui-ci a fini."""
    actives = Habilitation.objects.actives().filter(utilisateur=habilitation.utilisateur_id)
    return actives.filter(etablissement=habilitation.etablissement_id).exclude(pk=habilitation.pk)


def _rouvrir(habilitation: Habilitation) -> Habilitation:
    """La même reprend, avec les preuves reçues depuis sur un autre accès : la personne n'en a qu'un à la fois."""
    if habilitation.au is None:
        return habilitation
    for autre in _depuis(habilitation):
        autre.fondements.filter(retire_le=None).update(habilitation=habilitation)
        personnes.retirer(autre, par=None, motif=MotifRetrait.REPRISE)
    habilitation.au, habilitation.motif_fin, habilitation.finie_par = None, "", None
    habilitation.save(update_fields=["au", "motif_fin", "finie_par"])
    return habilitation
