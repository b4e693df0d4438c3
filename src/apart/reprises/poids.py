"""Ce que valent, face à une reprise, l'adresse de l'établissement et ceux qui y ont un accès."""

from __future__ import annotations

from django.db.models import Max

from apart.etablissements.models import Habilitation, Preuve
from apart.reprises.models import Reprise


def code_vaut_moins(reprise: Reprise) -> bool:
    """L'adresse de l'établissement ne vaut pas le code qui y arrive, et quelqu'un ici a mieux prouvé qu'elle."""
    ici = reprise.etablissement
    du_poseur = ici.habilitations.filter(utilisateur=ici.courriel_pose_par_id, contestee_le=None)
    vaut = du_poseur.aggregate(valeur=Max("valeur"))["valeur"] or Preuve.COURRIEL
    return bool(vaut < Preuve.COURRIEL_ETABLISSEMENT and plus_forte(reprise) > vaut)


def plus_forte(reprise: Reprise, *, sauf: Habilitation | None = None) -> int:
    """La plus forte preuve de qui tient l'accès ici, ou va y entrer ; 1 s'il n'y a que la personne qui demande."""
    ici = reprise.etablissement
    actives = ici.habilitations.actives().exclude(utilisateur__in=reprise.comptes_de_qui_demande())
    autres = actives.exclude(pk=sauf.pk) if sauf else actives
    attendues = Reprise.objects.attendent_l_entree(ici).exclude(pk=reprise.pk)
    fortes = [
        autres.aggregate(valeur=Max("valeur"))["valeur"],
        attendues.aggregate(preuve=Max("preuve"))["preuve"],
    ]
    return max(forte or Preuve.COURRIEL for forte in fortes)
