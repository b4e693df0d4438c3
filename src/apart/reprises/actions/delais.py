"""Ce que la nuit fait des reprises arrêtées : relancer la personne, rendre une place. Rien contre qui attend."""

from __future__ import annotations

from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from apart.comptes.models import Utilisateur
from apart.courriels.actions import mettre_en_file
from apart.reprises.actions import avis
from apart.reprises.actions.demande import abandonner, franchir, verrouiller_etablissement
from apart.reprises.etats import EtatReprise
from apart.reprises.models import Lettre, PieceAttendue, Reprise
from apart.reprises.models.reprise import DELAI_APPROBATION, DELAI_PIECE, RELANCE_PIECE, RepriseQuerySet
from apart.socle.automate import GesteImpossible


def relancer_les_pieces() -> int:
    """Rappelle une fois, quinze jours après, une pièce demandée et jamais reçue ; rend leur nombre. Rejouable."""
    oubliees = _pieces_attendues().filter(attend_depuis__lte=timezone.now() - RELANCE_PIECE, piece_relancee_le=None)
    return sum(_relancer(reprise) for reprise in oubliees)


def _pieces_attendues() -> RepriseQuerySet:
    demandees = Reprise.objects.filter(etat=EtatReprise.PIECE_DEMANDEE)
    return demandees.select_related("etablissement").order_by("pk")


@transaction.atomic
def _relancer(reprise: Reprise) -> bool:
    verrouiller_etablissement(reprise)
    reprise.verrouiller()
    if reprise.etat != EtatReprise.PIECE_DEMANDEE or reprise.piece_relancee_le is not None:
        return False  # reçue à l'instant, ou relancée par un autre travailleur
    with franchir(reprise, "relancer_piece"):
        reprise.piece_relancee_le = timezone.now()
    piece, jusqu_au = PieceAttendue(reprise.piece_demandee), reprise.piece_attendue_jusqu_au
    avis.repondre(reprise, "reprise_relance", piece=piece.label, jusqu_au=jusqu_au)
    return True


def abandonner_sans_piece() -> int:
    """Abandonne ce dont la pièce n'est pas venue en trente jours, relance comprise, et le dit ; rend leur nombre.

    Jamais moins de quinze jours après la relance, le travailleur eût-il dormi ; ni avec une lettre en route.
    """
    return sum(_abandonner(reprise) for reprise in _sans_piece())


def _sans_piece() -> RepriseQuerySet:
    maintenant = timezone.now()
    attendues = Lettre.objects.vivantes().filter(reprise__isnull=False).values("reprise")
    finies = _pieces_attendues().filter(
        attend_depuis__lte=maintenant - DELAI_PIECE,
        piece_relancee_le__lte=maintenant - (DELAI_PIECE - RELANCE_PIECE),
    )
    return finies.exclude(pk__in=attendues)


@transaction.atomic
def _abandonner(reprise: Reprise) -> bool:
    verrouiller_etablissement(reprise)
    reprise.verrouiller()
    if not _sans_piece().filter(pk=reprise.pk).exists():
        return False  # reçue à l'instant, ou redemandée, ou une lettre est partie
    abandonner(reprise)
    avis.repondre(reprise, "reprise_sans_piece")
    return True


def perimer_les_propositions() -> int:
    """Rend à l'examen ce que personne n'a approuvé en sept jours : la place se libère, qui a proposé l'apprend."""
    seules = Reprise.objects.filter(
        etat=EtatReprise.PROPOSEE, proposee_le__lte=timezone.now() - DELAI_APPROBATION
    ).select_related("etablissement", "proposee_par")
    return sum(_perimer(reprise) for reprise in seules.order_by("pk"))


@transaction.atomic
def _perimer(reprise: Reprise) -> bool:
    agent, lue = reprise.proposee_par, reprise.proposee_le
    try:
        with franchir(reprise, "perimer_proposition"):
            if reprise.proposee_le != lue:  # retirée, puis proposée de nouveau
                raise GesteImpossible("perimer_proposition", reprise.etat)
            reprise.proposee_par = reprise.proposee_le = None
    except GesteImpossible:
        return False
    if agent and agent.is_active:
        _dire_a(agent, reprise)
    return True


def _dire_a(agent: Utilisateur, reprise: Reprise) -> None:
    dossier = f"{settings.URL_PUBLIQUE}{reverse('reprises-dossier', args=[reprise.pk])}"
    mettre_en_file(
        "reprise_proposition_perimee",
        a=agent.courriel,
        utilisateur=agent,
        siret=reprise.etablissement.siret,
        contexte={"numero": reprise.numero, "quoi": reprise.quoi, "adresse_bureau": dossier},
    )
