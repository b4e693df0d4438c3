"""Ce que le travailleur fait pour les reprises : même page, même durée, que l'adresse soit connue ou non (T3)."""

from __future__ import annotations

from procrastinate.contrib.django import app

from apart.comptes import appareils
from apart.comptes.jetons import Demande
from apart.reprises.actions import delais, demande, lettres, preuves, suivi
from apart.reprises.models import Reprise
from apart.socle.travaux import REPRISES, chacun, une_seule_fois


@app.task(name="reprises.envoyer_lien", retry=REPRISES, task_middleware=[une_seule_fois])
def envoyer_lien_reprise(reprise: int, reference: str, deposee_le: str, connus: list[str] | None = None) -> None:
    ligne = Reprise.objects.filter(pk=reprise).first()
    if ligne:
        demandeur = appareils.demandeur(ligne.courriel, connus or [])
        demande.envoyer_lien(ligne, attente=Demande.lue(reference, deposee_le), demandeur=demandeur)


@app.task(name="reprises.renvoyer_suivis", retry=REPRISES, task_middleware=[une_seule_fois])
def renvoyer_suivis(courriel: str, connus: list[str] | None = None) -> None:
    suivi.renvoyer_suivis(courriel, demandeur=appareils.demandeur(courriel, connus or []))


@app.periodic(cron="*/10 * * * *")
@app.task(name="reprises.executer_les_echues")
def executer_les_echues(timestamp: int) -> None:
    """Toutes les dix minutes : les délais d'opposition passés. En retard ou rejouée, sans dommage."""
    preuves.executer_les_echues()


@app.periodic(cron="41 3 * * *")
@app.task(name="reprises.purger")
def purger(timestamp: int) -> None:
    """Chaque nuit : ce qui n'a pas été confirmé en 48 heures, ni prouvé en 30 jours ; puis l'effacement.

    Entre les deux, les pièces oubliées et les propositions que personne n'approuve.
    """
    chacun(
        demande.expirer,
        delais.relancer_les_pieces,
        delais.abandonner_sans_piece,
        delais.perimer_les_propositions,
        demande.purger,
        demande.purger_les_decisions,
    )


@app.periodic(cron="17 3 * * *")
@app.task(name="reprises.achever_les_lettres")
def achever_les_lettres(timestamp: int) -> None:
    """Chaque nuit : échoit les lettres passées, annule celles qui n'ont plus d'objet, efface celles d'il y a un an."""
    chacun(lettres.achever, lettres.purger)
