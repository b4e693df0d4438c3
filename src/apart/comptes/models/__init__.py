"""Une personne, les liens qu'elle reçoit, ce qui la reconnaît, et ses connexions."""

from apart.comptes.models.facteur_perdu import FacteurPerdu
from apart.comptes.models.personne import (
    RETENUE_ADRESSE,
    ChangementAdresse,
    CodeSecours,
    Jeton,
    JetonQuerySet,
    Question,
    QuestionSecrete,
    Usage,
    Utilisateur,
)
from apart.comptes.models.sessions import Acces, EchecConnexion, Session

__all__ = [
    "RETENUE_ADRESSE",
    "Acces",
    "ChangementAdresse",
    "CodeSecours",
    "EchecConnexion",
    "FacteurPerdu",
    "Jeton",
    "JetonQuerySet",
    "Question",
    "QuestionSecrete",
    "Session",
    "Usage",
    "Utilisateur",
]
