"""Le second facteur : application d'authentification ou clé d'accès. Facultatif, sauf pour les agents."""

from __future__ import annotations

from datetime import timedelta

from allauth.mfa.models import Authenticator

from apart.comptes.models import Utilisateur
from apart.socle.chiffrement import empreinte
from apart.socle.limites import Limite, consommer

ESSAIS = Limite("second-facteur", 5, timedelta(minutes=5))
# Un code a 6 chiffres : sans plafond par jour, un mot de passe volé laisserait le temps de le trouver.
ESSAIS_PAR_JOUR = Limite("second-facteur-jour", 50, timedelta(days=1))
RETRAIT_REFUSE = "Un agent garde toujours un second facteur : ajoutez-en un autre d'abord."
TYPES = [Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN]


def est_actif(utilisateur: Utilisateur) -> bool:
    return bool(Authenticator.objects.filter(user=utilisateur, type__in=TYPES).exists())


def manque(utilisateur: Utilisateur) -> bool:
    return utilisateur.est_agent and not est_actif(utilisateur)


def compter_essai(utilisateur: Utilisateur, appareil: str = "") -> None:
    """Compte un code tapé ; lève TropDeDemandes au-delà de 5 en 5 minutes, ou de 50 dans la journée.

    Un appareil reconnu a ses propres essais ; les autres partagent ceux du mot de passe en cours. Qui l'a volé peut
    les épuiser, pas fermer la porte : la personne entre par un appareil reconnu, ou choisit un nouveau mot de passe.
    """
    cle = f"{utilisateur.pk}:{appareil or empreinte(utilisateur.password)[:16]}"
    consommer(ESSAIS, cle)  # d'abord : un essai refusé faute d'attendre n'entame pas la journée
    consommer(ESSAIS_PAR_JOUR, cle)


def peut_retirer(facteur: Authenticator) -> bool:
    """Un agent garde toujours au moins une application ou une clé."""
    autres = Authenticator.objects.filter(user=facteur.user, type__in=TYPES).exclude(pk=facteur.pk)
    return not facteur.user.est_agent or autres.exists()
