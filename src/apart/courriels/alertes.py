"""Une part anormale de courriels différés ou refusés : l'alerte que lisent l'exploitant et les agents."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.core import checks
from django.db import connections
from django.db.models import Count, Q, QuerySet
from django.utils import timezone

from apart.courriels.models import Courriel, Sort

FENETRE, REFERENCE = timedelta(hours=1), timedelta(hours=6)
NOMBRE_MINI = 10  # en dessous, quelques adresses fausses feraient une alerte
PART_CROISSANTE, PART_MAXI = 0.05, 0.25
# Ce qui n'est pas parti comme il devait, notre propre panne comprise ; un message à peine écrit n'en est pas.
EN_PEINE = ~Q(sort__in=[Sort.REMIS, Sort.EN_FILE]) | Q(sort=Sort.EN_FILE) & ~Q(reponse="")
ESSAYES = ~Q(sort=Sort.EN_FILE, reponse="")


def alerte(maintenant: datetime) -> str:
    """La phrase de l'alerte, vide si tout va.

    Depuis une heure, un message sur quatre ne passe pas, ou un sur vingt et deux fois plus que les six heures
    d'avant ; dix messages au moins.
    """
    recents = Courriel.objects.filter(cree_le__gt=maintenant - FENETRE, cree_le__lte=maintenant)
    essayes, en_peine = _compter(recents)
    if en_peine < NOMBRE_MINI:
        return ""
    part = en_peine / essayes
    avant = _part(maintenant - FENETRE - REFERENCE, maintenant - FENETRE)
    if part < PART_MAXI and (part < PART_CROISSANTE or part < 2 * avant):
        return ""
    adresses = recents.filter(EN_PEINE).values_list("destinataire", flat=True)
    domaine, nombre = Counter(adresse.rpartition("@")[2] for adresse in adresses).most_common(1)[0]
    return (
        f"Depuis une heure, {en_peine} courriels sur {essayes} ({part:.0%}) sont différés ou refusés, contre "
        f"{avant:.0%} les six heures d'avant ; d'abord chez {domaine} ({nombre}). Les réponses des serveurs sont dans "
        "le journal."
    ).replace("%", "\N{NO-BREAK SPACE}%")


def _compter(courriels: QuerySet[Courriel]) -> tuple[int, int]:
    lus = courriels.aggregate(essayes=Count("pk", filter=ESSAYES), en_peine=Count("pk", filter=EN_PEINE))
    return lus["essayes"], lus["en_peine"]


def _part(debut: datetime, fin: datetime) -> float:
    essayes, en_peine = _compter(Courriel.objects.filter(cree_le__gt=debut, cree_le__lte=fin))
    return en_peine / essayes if essayes else 0.0


def courriels_passent(*, databases: Sequence[str] | None = None, **_: Any) -> list[checks.CheckMessage]:
    """`apart check --database default` (et `apart migrate`) dit l'alerte ; rien tant que la table n'existe pas."""
    if "default" not in (databases or []):
        return []
    if Courriel._meta.db_table not in connections["default"].introspection.table_names():
        return []
    phrase = alerte(timezone.now())
    return [checks.Warning(phrase, id="apart.W020")] if phrase else []
