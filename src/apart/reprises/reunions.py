"""Deux comptes ne se réunissent pas tant qu'une reprise peut encore changer qui a accès (décision 0022)."""

from __future__ import annotations

from django.db.models import F, Q, QuerySet, Value
from django.utils import timezone

from apart.etablissements.models import Etablissement
from apart.reprises.etats import EN_COURS, EtatReprise
from apart.reprises.models import Reprise
from apart.reprises.models.reprise import DELAI_ANNULATION


def empecher(ou: QuerySet[Etablissement]) -> str:
    """La phrase qui l'explique ; vide si rien n'empêche. Une demande que personne n'a confirmée n'arrête rien.

    Faite, elle garde trente jours à qui rendre l'accès : ce serait à un compte fermé.
    """
    confirmees = Q(etat__in=[etat for etat in EN_COURS if etat != EtatReprise.DEPOSEE])
    fin = Value(timezone.now() - DELAI_ANNULATION) - F("suspension")
    defaisables = Q(etat=EtatReprise.EXECUTEE, executee_le__gte=fin)
    retient = Reprise.objects.filter(confirmees | defaisables, etablissement__in=ou).select_related("etablissement")
    reprise = retient.order_by("pk").first()
    if reprise is None:
        return ""
    return f"Une reprise d'accès est en cours pour {reprise.etablissement}, ou se défait encore : attendez sa fin."
