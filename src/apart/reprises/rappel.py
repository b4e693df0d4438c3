"""Où l'on rappelle qui demande une reprise : un numéro connu depuis plus de 30 jours, pas posé par lui (T20)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from django.utils import timezone

from apart.etablissements.models import Role
from apart.reprises.models import Reprise

ANCIENNETE = timedelta(days=30)


@dataclass(frozen=True)
class Numero:
    numero: str
    de: str  # à qui il est


def numeros(reprise: Reprise) -> list[Numero]:
    """Celui de l'établissement, puis ceux des personnes qui y ont un accès ; aucun de qui demande."""
    etablissement, avant = reprise.etablissement, timezone.now() - ANCIENNETE
    les_siens = reprise.comptes_de_qui_demande()
    anciens = (
        etablissement.habilitations.actives()
        .filter(du__lt=avant, utilisateur__is_active=True)
        .exclude(role=Role.TIERS)
        .exclude(utilisateur__telephone_pose_le__gte=avant)
        .exclude(utilisateur__cree_le__gte=avant)  # réuni à un compte d'avant, il en a les accès, pas l'âge
        .exclude(utilisateur__in=les_siens)
    )
    connus = []
    pose_par_lui = etablissement.courriel_pose_par_id in les_siens
    if etablissement.cree_le < avant and not pose_par_lui:
        connus.append(Numero(etablissement.telephone_fixe, str(etablissement)))
    connus += [
        Numero(membre.utilisateur.telephone, str(membre.utilisateur))
        for membre in anciens.select_related("utilisateur")
    ]
    return [connu for connu in connus if connu.numero and connu.numero != reprise.telephone]
