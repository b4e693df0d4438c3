"""Les pièces d'une reprise, sous leur nom : ce qui est demandé, ce qui est reçu, ce qui manque."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from django.forms import BoundField

from apart.reprises.forms.demande import PiecesJointes
from apart.reprises.models import PieceAttendue, PieceReprise, Reprise


@dataclass(frozen=True)
class Ligne:
    """Une pièce : le champ où la choisir, ce qui en est déjà reçu."""

    champ: BoundField
    recues: list[PieceReprise]


@dataclass(frozen=True)
class Attendues:
    demandees: list[Ligne]
    autres: list[Ligne]  # ce que la personne peut joindre de plus
    manquantes: list[PieceAttendue]

    @property
    def en_faute(self) -> bool:
        """Un refus sous une pièce non demandée : son volet s'ouvre."""
        return any(ligne.champ.errors for ligne in self.autres)


def attendues(reprise: Reprise, form: PiecesJointes) -> Attendues:
    recues = list(reprise.recues.select_related("piece"))
    sous = {recue.attendue for recue in recues}
    demandees = _demandees(reprise.piece_demandee, sous)
    lignes = {
        attendue: Ligne(form[attendue.value], [recue for recue in recues if recue.attendue == attendue])
        for attendue in PieceAttendue
    }
    return Attendues(
        [lignes[attendue] for attendue in demandees],
        [ligne for attendue, ligne in lignes.items() if attendue not in demandees],
        _manquantes(reprise.piece_demandee, sous),
    )


def manquantes(reprise: Reprise) -> list[PieceAttendue]:
    """Demandées, et pas encore reçues."""
    return _manquantes(reprise.piece_demandee, set(reprise.recues.values_list("attendue", flat=True)))


def _manquantes(demandee: str, recues: Collection[str]) -> list[PieceAttendue]:
    """Ce qu'un agent demande manque encore, même si la personne en a déjà envoyé une du même nom."""
    return [voulue for voulue in _demandees(demandee, recues) if voulue == demandee or voulue not in recues]


def _demandees(demandee: str, recues: Collection[str]) -> list[PieceAttendue]:
    """Celle de l'agent d'abord. Un pouvoir reçu tient lieu d'attestation."""
    remplace = PieceAttendue.POUVOIR in recues and PieceAttendue.ATTESTATION not in recues
    d_ordinaire = [PieceAttendue.POUVOIR if remplace else PieceAttendue.ATTESTATION, PieceAttendue.IDENTITE]
    premieres = [PieceAttendue(demandee)] if demandee else []
    return [*premieres, *(voulue for voulue in d_ordinaire if voulue not in premieres)]
