"""Ce que porte une reprise à chaque étape, pour la mettre d'un coup dans un état."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.utils.timezone import now

from apart.comptes.models import Utilisateur
from apart.etablissements.models import Habilitation, Preuve
from apart.reprises.etats import EtatReprise
from apart.reprises.models import PieceAttendue, Raison
from apart.reprises.models.reprise import DELAI_OPPOSITION

NUMERO = "+33102030405"  # celui de l'établissement
DITS = {"nom": "Blanc", "prenom": "Léa", "fonction": "gérante", "telephone": "+33611223344", "raison": Raison.PARTIE}


def champs(etat: EtatReprise, *, tient: Habilitation, agent: Utilisateur) -> dict[str, Any]:
    """tient : l'accès qu'elle remplace. agent : qui l'a examinée, rappelée et proposée."""
    rappelee = {"rappel_le": now(), "rappel_par": agent, "rappel_numero": NUMERO}
    faite = {"preuve": Preuve.DOMAINE, "executee_le": now() - timedelta(hours=1), "remplace": tient}
    d_un_etat: dict[EtatReprise, dict[str, Any]] = {
        EtatReprise.EXAMINEE: rappelee,
        EtatReprise.PIECE_DEMANDEE: {"piece_demandee": PieceAttendue.ATTESTATION},
        EtatReprise.PROPOSEE: {**rappelee, "proposee_le": now(), "proposee_par": agent, "remplace": tient},
        EtatReprise.OPPOSABLE: {
            "preuve": Preuve.DOMAINE,
            "opposition_jusqu_au": now() + DELAI_OPPOSITION,
            "remplace": tient,
        },
        EtatReprise.OPPOSEE: {"opposee_le": now()},
        EtatReprise.EXECUTEE: faite,
        EtatReprise.ANNULEE: faite,
    }
    confirmee_le = None if etat == EtatReprise.DEPOSEE else now()
    return {**DITS, "departement": "74", "etat": etat, "confirmee_le": confirmee_le, **d_un_etat.get(etat, {})}
