"""Garder chaque entrée, sortie et changement de rôle : défaire une reprise les rejoue (décision 0020)."""

from __future__ import annotations

from datetime import datetime

from django.utils import timezone

from apart.comptes.models import Utilisateur
from apart.etablissements.models import Habilitation, MotifRetrait, Mouvement, Role, Sorte


def entrer(
    habilitation: Habilitation,
    *,
    par: Utilisateur | None = None,
    decide_le: datetime | None = None,
    cause: str = "",
) -> None:
    """Elle vient d'être créée, ou rouverte. par, decide_le : qui l'a accordé, et quand ; personne, sa propre preuve.

    Comme sortir et changer : un morceau du geste qui l'écrit, dans sa transaction.
    """
    _noter(habilitation, Sorte.ENTRE, par=par, decide_le=decide_le, role_apres=habilitation.role, cause=cause)


def sortir(habilitation: Habilitation, *, par: Utilisateur | None, motif: str, cause: str = "") -> None:
    """Elle vient de finir, au rôle qu'elle a."""
    _noter(
        habilitation,
        Sorte.SORT,
        par=par,
        role_avant=habilitation.role,
        pris_le_avant=habilitation.role_pris_le,
        motif=MotifRetrait(motif).value,
        cause=cause,
    )


def changer(
    habilitation: Habilitation,
    role: Role,
    *,
    pris_le: datetime | None = None,
    par: Utilisateur | None = None,
    decide_le: datetime | None = None,
    cause: str = "",
) -> None:
    """Écrit ce rôle sur l'habilitation, verrouillée et relue, et le garde. pris_le : sans qu'on l'ait désignée."""
    role_avant, pris_le_avant = habilitation.role, habilitation.role_pris_le
    habilitation.role, habilitation.role_pris_le = role, pris_le
    habilitation.save(update_fields=["role", "role_pris_le"])
    _noter(
        habilitation,
        Sorte.ROLE,
        par=par,
        le=pris_le if pris_le and not cause else None,
        decide_le=decide_le,
        role_avant=role_avant,
        pris_le_avant=pris_le_avant,
        role_apres=role,
        cause=cause,
    )


def _noter(
    habilitation: Habilitation,
    sorte: Sorte,
    *,
    par: Utilisateur | None,
    le: datetime | None = None,
    decide_le: datetime | None = None,
    role_avant: str = "",
    pris_le_avant: datetime | None = None,
    role_apres: str = "",
    motif: str = "",
    cause: str = "",
) -> None:
    maintenant = le or timezone.now()
    Mouvement.objects.create(
        etablissement_id=habilitation.etablissement_id,
        utilisateur_id=habilitation.utilisateur_id,
        habilitation=habilitation,
        sorte=sorte,
        le=maintenant,
        decide_le=min(decide_le or maintenant, maintenant),
        par=par,
        role_avant=role_avant,
        pris_le_avant=pris_le_avant,
        role_apres=role_apres,
        motif=motif,
        cause=cause,
    )
