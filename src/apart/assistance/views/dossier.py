"""Ce qu'un agent voit à côté d'une demande, pour répondre sans chercher."""

from __future__ import annotations

from typing import Any

from django.db.models import Q

from apart.assistance.models import DemandeAssistance
from apart.courriels.models import Courriel
from apart.etablissements.models import Etablissement, Habilitation
from apart.repertoire.models import trouver

SEMBLABLES = 5
COURRIELS = 10


def dossier(demande: DemandeAssistance) -> dict[str, Any]:
    """La conversation, l'établissement et ses membres, le répertoire, les courriels et leur sort, les semblables."""
    etablissement = Etablissement.objects.filter(siret=demande.siret).first()
    membres = list(_membres(etablissement)) if etablissement else []
    return {
        "demande": demande,
        "conversation": demande.messages.select_related("par"),
        "etablissement": etablissement,
        "membres": membres,
        "est_un_membre": any(membre.utilisateur.courriel == demande.courriel for membre in membres),
        "fiche_repertoire": trouver(demande.siret),
        "courriels": _courriels(demande),
        "semblables": DemandeAssistance.objects.semblables_a(demande)[:SEMBLABLES],
    }


def _membres(etablissement: Etablissement) -> Any:
    actives = Habilitation.objects.actives().filter(etablissement=etablissement)
    return actives.select_related("utilisateur").order_by("-role", "du")


def _courriels(demande: DemandeAssistance) -> Any:
    """Les derniers messages partis vers cette adresse ou au sujet de cet établissement."""
    concernes = Q(destinataire=demande.courriel) | Q(siret=demande.siret)
    return Courriel.objects.filter(concernes).order_by("-cree_le", "-pk")[:COURRIELS]
