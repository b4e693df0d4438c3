"""Des seconds facteurs perdus : la demande d'un employeur dans l'état voulu, une proposition pour un agent."""

from __future__ import annotations

from datetime import timedelta

from django.utils.timezone import now

from apart.administrations.models import PropositionFacteur
from apart.comptes.etats import EN_COURS, EtatFacteurPerdu
from apart.comptes.models import FacteurPerdu, Utilisateur

E = EtatFacteurPerdu


def demande(qui: Utilisateur, etat: EtatFacteurPerdu = E.OUVERTE) -> FacteurPerdu:
    """Déposée il y a 73 heures, avec les avis que son état suppose."""
    ancien = now() - timedelta(hours=73)
    est_ouverte = etat in {E.OUVERTE, E.FAITE, E.ABANDONNEE}
    return FacteurPerdu.objects.create(
        utilisateur=qui,
        courriel=qui.courriel,
        etat=etat,
        deposee_le=ancien,
        prevenir_le=ancien + timedelta(hours=36),
        prevenue_le=ancien + timedelta(hours=36) if est_ouverte else None,
        ouvrable_le=ancien + timedelta(hours=72),
        ouverte_le=ancien + timedelta(hours=72) if est_ouverte else None,
        finie_le=None if etat in EN_COURS else now(),
    )


def proposition(agent: Utilisateur, par: Utilisateur) -> PropositionFacteur:
    return PropositionFacteur.objects.create(agent=agent, motif="Vu ce matin.", proposee_par=par)
