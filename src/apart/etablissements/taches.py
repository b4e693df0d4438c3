"""Ce que le travailleur fait après la réponse : même page, même durée, que l'adresse soit connue ou non (T3)."""

from __future__ import annotations

from procrastinate.contrib.django import app

from apart.comptes import appareils
from apart.comptes.actions import recuperation
from apart.comptes.jetons import Demande
from apart.comptes.models import ChangementAdresse, Utilisateur
from apart.courriels.models import ObjetDemande
from apart.etablissements.actions import espace, identifiant, offres, rejoindre, relever, revue
from apart.etablissements.models import DemandeEspace, DemandeRejoindre
from apart.socle.travaux import REPRISES, chacun, une_seule_fois


@app.task(name="etablissements.rappeler_identifiant", retry=REPRISES, task_middleware=[une_seule_fois])
def rappeler_identifiant(courriel: str, connus: list[str] | None = None) -> None:
    """Envoie son identifiant à la personne de cette adresse, si elle existe. connus : ceux de l'appareil.

    Celle que quelqu'un vient de quitter reçoit de quoi la remettre.
    """
    demandeur = appareils.demandeur(courriel, connus or [])
    utilisateur = Utilisateur.objects.filter(courriel=courriel, is_active=True).first()
    quittee = ChangementAdresse.objects.defaisables().filter(ancienne=courriel, utilisateur__is_active=True).first()
    if utilisateur:
        identifiant.envoyer_identifiant(utilisateur, demandeur=demandeur)
    elif quittee:
        recuperation.rappeler_retour(quittee.utilisateur, objet=ObjetDemande.IDENTIFIANT, demandeur=demandeur)


@app.task(name="etablissements.envoyer_lien_espace", retry=REPRISES, task_middleware=[une_seule_fois])
def envoyer_lien_espace(demande: int, reference: str, deposee_le: str, connus: list[str] | None = None) -> None:
    ligne = DemandeEspace.objects.filter(pk=demande).first()
    if ligne:
        demandeur = appareils.demandeur(ligne.courriel_utilisateur, connus or [])
        espace.envoyer_lien(ligne, attente=Demande.lue(reference, deposee_le), demandeur=demandeur)


@app.task(name="etablissements.envoyer_lien_rejoindre", retry=REPRISES, task_middleware=[une_seule_fois])
def envoyer_lien_rejoindre(demande: int, reference: str, deposee_le: str, connus: list[str] | None = None) -> None:
    ligne = DemandeRejoindre.objects.filter(pk=demande).first()
    if ligne:
        demandeur = appareils.demandeur(ligne.courriel, connus or [])
        rejoindre.envoyer_lien(ligne, attente=Demande.lue(reference, deposee_le), demandeur=demandeur)


@app.periodic(cron="23 3 * * *")
@app.task(name="etablissements.purger")
def purger(timestamp: int) -> None:
    """Chaque nuit : demandes d'espace de sept jours, à rejoindre finies, preuves oubliées ou anciennes."""
    chacun(espace.purger_demandes, rejoindre.purger_demandes, relever.abandonner_les_oubliees, relever.purger)


@app.periodic(cron="*/10 * * * *")
@app.task(name="etablissements.poser_les_preuves")
def poser_les_preuves(timestamp: int) -> None:
    """Toutes les dix minutes : les preuves par le domaine que personne n'a arrêtées en 72 heures."""
    relever.poser_les_dues()


@app.periodic(cron="17 * * * *")
@app.task(name="etablissements.appeler_a_la_revue")
def appeler_a_la_revue(timestamp: int) -> None:
    """Chaque heure : écrit aux utilisateurs principaux que la revue du trimestre attend, jamais deux fois au même."""
    revue.appeler()


@app.periodic(cron="29 4 * * *")
@app.task(name="etablissements.tenir_les_offres")
def tenir_les_offres(timestamp: int) -> None:
    """Chaque jour : conclut les offres de rôle arrivées à terme, en ouvre où il manque un utilisateur principal."""
    offres.tenir()
