"""Limites des demandes de récupération (identite.md §7)."""

from datetime import timedelta

from apart.socle.limites import Limite, TropDeDemandes, consommer

PAR_ADRESSE_IP = Limite("recuperation-ip", 20, timedelta(hours=1))
PAR_DESTINATAIRE = Limite("recuperation-destinataire", 3, timedelta(minutes=15))
PAR_DESTINATAIRE_ET_JOUR = Limite("recuperation-destinataire-jour", 10, timedelta(days=1))
CODE_DE_SECOURS = Limite("code-secours", 5, timedelta(minutes=15))


def destinataire_sature(courriel: str) -> bool:
    """Compte un message vers cette adresse ; vrai si elle en a déjà trop reçu. Le demandeur n'en sait rien (T15)."""
    try:
        consommer(PAR_DESTINATAIRE, courriel)
        consommer(PAR_DESTINATAIRE_ET_JOUR, courriel)
    except TropDeDemandes:
        return True
    return False
