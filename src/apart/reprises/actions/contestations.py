"""Le versement d'un accès contesté : fermé par une opposition, rouvert quand plus aucune n'attend d'être lue."""

from __future__ import annotations

from apart.comptes.models import Utilisateur
from apart.etablissements.actions.preuves import contester
from apart.etablissements.models import INDEPENDANTES, Etablissement, Habilitation
from apart.reprises.etats import EtatReprise
from apart.reprises.models import Reprise
from apart.reprises.models.reprise import A_LIRE


def _tient_seule(habilitation: Habilitation | None) -> bool:
    return habilitation is not None and habilitation.preuve in INDEPENDANTES


def accorder(etablissement: Etablissement, *, par: Utilisateur | None = None) -> None:
    """Ferme ou rouvre le versement des accès que des reprises ont donnés ici, d'après les oppositions à lire.

    Un morceau d'un geste, qui a vérifié le droit de par. Une opposition ferme l'accès contesté, et ceux qu'une reprise
    faite ensuite a donnés : refaire sa demande d'une autre boîte n'en fait pas le tour. Sauf sur une lettre ou une
    attestation, qui ne viennent de personne.
    """
    faites = Reprise.objects.filter(etablissement=etablissement, etat__in=(EtatReprise.EXECUTEE, EtatReprise.ANNULEE))
    a_lire = set(faites.filter(A_LIRE, etat=EtatReprise.EXECUTEE).values_list("pk", flat=True))
    fermees: set[int] = set()
    une_avant = False
    donnees: dict[int, Habilitation] = {}
    for reprise in faites.select_related("habilitation").order_by("executee_le", "pk"):
        une_avant = une_avant or (reprise.pk in a_lire and not reprise.est_releve)
        suit = une_avant and not reprise.est_releve and not _tient_seule(reprise.habilitation)
        if reprise.habilitation is not None:
            donnees[reprise.habilitation.pk] = reprise.habilitation
            if reprise.etat == EtatReprise.EXECUTEE and (reprise.pk in a_lire or suit):
                fermees.add(reprise.habilitation.pk)
    for pk, habilitation in donnees.items():
        contester(habilitation, est_contestee=pk in fermees, par=par)
