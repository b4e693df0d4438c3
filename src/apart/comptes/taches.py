"""Ce que le travailleur fait après la réponse : même page, même durée, que le compte existe ou non (T3)."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from procrastinate.contrib.django import app

from apart.comptes.actions import recuperation
from apart.comptes.jetons import Demande
from apart.comptes.models import Utilisateur


@app.task(name="comptes.reinitialiser")
def reinitialiser(identifiant: str, reference: str, deposee_le: str) -> None:
    """Envoie le lien de mot de passe si cet identifiant existe ; ne fait rien sinon."""
    utilisateur = Utilisateur.objects.filter(identifiant=identifiant, is_active=True).first()
    if utilisateur:
        demande = Demande(UUID(reference), datetime.fromisoformat(deposee_le))
        recuperation.envoyer_reinitialisation(utilisateur, demande=demande)
