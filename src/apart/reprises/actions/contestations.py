"""Le versement d'un accès contesté : fermé par une opposition, rouvert quand plus aucune n'attend d'être lue."""

from __future__ import annotations

from apart.comptes.models import Utilisateur
from apart.etablissements.actions.preuves import contester
from apart.reprises.etats import EtatReprise
from apart.reprises.models import Reprise
from apart.reprises.models.reprise import A_LIRE


def rouvrir(reprise: Reprise, *, par: Utilisateur) -> None:
    """Rouvre le versement de l'accès que donna cette reprise ; un morceau d'un geste, qui a vérifié le droit de par.

    Sans effet si une autre reprise faite sur le même accès porte une opposition que personne n'a lue.
    """
    if reprise.habilitation is None:
        return
    autres = Reprise.objects.filter(A_LIRE, habilitation=reprise.habilitation, etat=EtatReprise.EXECUTEE)
    if not autres.exclude(pk=reprise.pk).exists():
        contester(reprise.habilitation, est_contestee=False, par=par)
