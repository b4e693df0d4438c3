"""Ce que le travailleur fait après la réponse : même page, même durée, que le compte existe ou non (T3)."""

from __future__ import annotations

from procrastinate.contrib.django import app

from apart.comptes.actions import facteur_perdu, recuperation
from apart.comptes.actions.menage import (
    purger_acces,
    purger_echecs,
    purger_facteurs_perdus,
    purger_jetons,
    purger_sessions,
)
from apart.comptes.jetons import Demande
from apart.comptes.models import Utilisateur
from apart.courriels.models import Demandeur
from apart.socle.travaux import REPRISES, chacun, une_seule_fois


@app.task(name="comptes.reinitialiser", retry=REPRISES, task_middleware=[une_seule_fois])
def reinitialiser(
    identifiant: str, reference: str, deposee_le: str, demandeur: str = Demandeur.IDENTIFIANT.value
) -> None:
    """Envoie le lien de mot de passe si cet identifiant existe ; ne fait rien sinon."""
    utilisateur = Utilisateur.objects.filter(identifiant=identifiant, is_active=True).first()
    if utilisateur:
        demande = Demande.lue(reference, deposee_le)
        recuperation.envoyer_reinitialisation(utilisateur, demande=demande, demandeur=Demandeur(demandeur))


@app.periodic(cron="*/10 * * * *")
@app.task(name="comptes.avancer_les_facteurs_perdus")
def avancer_les_facteurs_perdus(timestamp: int) -> None:
    """Toutes les dix minutes : les avis du milieu et de la fin, et ce que personne n'est revenu finir."""
    facteur_perdu.avancer()


@app.periodic(cron="29 3 * * *")
@app.task(name="comptes.purger")
def purger(timestamp: int) -> None:
    """Chaque nuit : jetons finis, sessions finies, échecs de la veille, accès et facteurs perdus d'il y a 12 mois."""
    chacun(purger_jetons, purger_acces, purger_sessions, purger_echecs, purger_facteurs_perdus)
