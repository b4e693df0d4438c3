"""La file des reprises d'accès : ce qui attend un agent et pour quand, ce qui attend autre chose, ce qui est fini."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.conf import settings
from django.db.models import F
from django.utils import timezone

from apart.reprises.etats import EtatReprise
from apart.reprises.models import Reprise
from apart.reprises.models.reprise import DELAI_PREUVE, RepriseQuerySet
from apart.socle.calendrier import echeance
from apart.socle.pages import INSTANT_ET_NUMERO, Cle, Liste, Page

PAR_PAGE = 25
FORME = re.compile(f"(apres|avant)-{INSTANT_ET_NUMERO}", re.ASCII)
E = EtatReprise
A_FAIRE: Final = {
    E.CONFIRMEE: "Rappeler la personne",
    E.EXAMINEE: "Décider",
    E.PIECE_RECUE: "Lire la pièce",
    E.PROPOSEE: "Relire, et approuver ou non",
    E.OPPOSEE: "Lire l'opposition",
}


@dataclass(frozen=True)
class Vue:
    """Une des trois parts de la file."""

    nom: str
    titre: str
    vide: str
    mot: Callable[[RepriseQuerySet], RepriseQuerySet]
    est_decroissante: bool = False

    def page(self, visibles: RepriseQuerySet, demandee: str) -> Page[Reprise]:
        rangees = self.mot(visibles).select_related("etablissement")
        liste = Liste((F("rang"), F("pk")), _place, FORME, self.est_decroissante)
        return liste.page(rangees, demandee, par_page=PAR_PAGE)


def _place(sens: str, reprise: Reprise) -> Cle:
    return Cle(sens, (), reprise.depuis, reprise.pk)


A_TRAITER: Final = Vue("a-traiter", "À traiter", "Aucune demande n'attend un agent.", RepriseQuerySet.a_traiter)
VUES: Final = {
    vue.nom: vue
    for vue in (
        A_TRAITER,
        Vue("en-attente", "En attente", "Aucune demande n'attend sa preuve ou un délai.", RepriseQuerySet.en_attente),
        Vue("finies", "Finies", "Aucune reprise n'est encore finie.", RepriseQuerySet.finies, est_decroissante=True),
    )
}


@dataclass(frozen=True)
class Ligne:
    """Une reprise de la file : ce qu'il y a à y faire, et sa date, promise ou subie."""

    reprise: Reprise
    a_faire: str = ""  # d'un agent
    promise_le: datetime | None = None
    jusqu_au: datetime | None = None
    quoi: str = ""  # ce que dit cette date


def ligne(reprise: Reprise, vue: Vue) -> Ligne:
    if vue is A_TRAITER:
        return Ligne(reprise, _a_faire(reprise), promise_le(reprise.depuis))
    return Ligne(reprise, jusqu_au=_date(reprise), quoi=_quoi(reprise))


def promise_le(depuis: datetime) -> datetime:
    """Quand un agent doit avoir répondu à ce qui attend depuis ce moment : le délai de l'assistance."""
    return echeance(depuis, settings.ASSISTANCE_JOURS_OUVRES)


def promesse(reprise: Reprise) -> datetime | None:
    """Quand la personne aura la réponse d'un agent, si elle en attend une."""
    attendue = Reprise.objects.a_traiter().filter(pk=reprise.pk).first() if reprise.est_en_cours else None
    return promise_le(attendue.depuis) if attendue else None


def _a_faire(reprise: Reprise) -> str:
    if reprise.annulation_par_id is not None and reprise.etat == E.EXECUTEE and reprise.peut_se_defaire:
        return "Défaire, ou non"
    if reprise.a_lire:
        return "Lever l'opposition, ou non" if reprise.levee_proposee_par_id else A_FAIRE[E.OPPOSEE]
    return "Défaire, ou non" if reprise.etat == E.EXECUTEE else A_FAIRE[E(reprise.etat)]


def _date(reprise: Reprise) -> datetime | None:
    if reprise.etat == E.CONFIRMEE and reprise.confirmee_le:
        return reprise.confirmee_le + DELAI_PREUVE
    if reprise.etat == E.OPPOSABLE:
        return reprise.opposition_jusqu_au
    if reprise.etat == E.EXECUTEE:
        return reprise.annulable_jusqu_au
    return reprise.close_le


def _quoi(reprise: Reprise) -> str:
    if reprise.etat == E.CONFIRMEE:
        return "une preuve avant le"
    if reprise.etat == E.OPPOSABLE:
        return "opposition jusqu'au"
    if reprise.etat == E.EXECUTEE:
        fin = reprise.annulable_jusqu_au
        return "se défait jusqu'au" if fin and fin > timezone.now() else "se défaisait jusqu'au"
    return "le" if reprise.close_le else ""
