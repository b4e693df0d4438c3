"""La ligne du temps d'une reprise : ce qui est fait, ce que l'on attend, et jusqu'à quand."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from apart.reprises.etats import EtatReprise
from apart.reprises.models import Reprise


@dataclass(frozen=True)
class Jalon:
    titre: str
    le: datetime | None = None  # fait à ce moment ; None : à venir
    est_courant: bool = False


FINS = {
    EtatReprise.REFUSEE: "Refusée",
    EtatReprise.ABANDONNEE: "Abandonnée",
    EtatReprise.ANNULEE: "Défaite",
}


def frise(reprise: Reprise) -> list[Jalon]:
    """Déposée, adresse confirmée, preuve donnée, opposition s'il y en a une, faite ; ou la fin qu'elle a eue."""
    jalons = [
        Jalon("Demande déposée", reprise.deposee_le),
        Jalon("Adresse confirmée", reprise.confirmee_le),
    ]
    if reprise.rappel_le:
        jalons.append(Jalon("Vous avez été rappelé", reprise.rappel_le))
    if reprise.proposee_le:
        jalons.append(Jalon("Un agent a relu vos pièces ; un second relit", reprise.proposee_le))
    if reprise.opposee_le:
        jalons.append(Jalon("Quelqu'un s'y oppose", reprise.opposee_le))
    if reprise.etat in FINS:
        return [*jalons, Jalon(FINS[EtatReprise(reprise.etat)], reprise.close_le, est_courant=True)]
    if reprise.executee_le:
        return [*jalons, Jalon("Accès repris", reprise.executee_le, est_courant=True)]
    return [*jalons, Jalon(ATTENTES[EtatReprise(reprise.etat)], est_courant=True), Jalon("Accès repris")]


ATTENTES = {
    EtatReprise.DEPOSEE: "Confirmez votre adresse",
    EtatReprise.CONFIRMEE: "Choisissez une preuve",
    EtatReprise.EXAMINEE: "Un agent examine votre demande",
    EtatReprise.PIECE_DEMANDEE: "Envoyez la pièce demandée",
    EtatReprise.PIECE_RECUE: "Un agent va lire votre pièce",
    EtatReprise.PROPOSEE: "Un second agent relit",
    EtatReprise.OPPOSABLE: "Délai d'opposition",
    EtatReprise.OPPOSEE: "En pause : un agent lit l'opposition",
}
