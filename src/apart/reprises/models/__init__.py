"""Les reprises d'accès, et les lettres qui en prouvent une."""

from apart.reprises.models.dossier import PhraseReprise, PieceReprise
from apart.reprises.models.lettre import Lettre, LotLettres
from apart.reprises.models.reprise import PieceAttendue, Raison, Reprise

__all__ = ["Lettre", "LotLettres", "PhraseReprise", "PieceAttendue", "PieceReprise", "Raison", "Reprise"]
