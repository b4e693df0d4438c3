"""Envoyer ce qui est dû : par lots, sur une connexion, chaque message marqué commencé avant et noté après.

Une fois et une seule, sauf un cas que SMTP ne permet pas d'éviter : le processus meurt entre l'accord du serveur et
l'écriture du résultat. Le message repart alors après le bail (actions.BAIL) avec le même Message-ID.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from time import monotonic

from apart.courriels import actions, adresses
from apart.courriels.chiffre import SecretIllisible, dechiffrer
from apart.courriels.composition import composer
from apart.courriels.liaison import Injoignable, Liaison, Verdict
from apart.courriels.models import Courriel, Sort
from apart.socle.journalisation import masquer

journal = logging.getLogger(__name__)

LOT = 50
DUREE_LOT = 60.0  # secondes ; moins que le bail
NOTER: dict[Sort, Callable[..., None]] = {
    Sort.REMIS: actions.noter_remis,
    Sort.DIFFERE: actions.noter_differe,
    Sort.REFUSE: actions.noter_refuse,
}


def vider_la_file() -> int:
    """Envoie tout ce qui est dû maintenant ; rend le nombre de messages remis au serveur."""
    actions.perimer()
    remis = 0
    with Liaison() as liaison:
        while lot := actions.prendre_un_lot(LOT):
            try:
                remis += _envoyer_lot(liaison, lot)
            except Injoignable as panne:
                actions.noter_panne(lot, reponse=str(panne))
                break
    return remis


def _envoyer_lot(liaison: Liaison, lot: list[Courriel]) -> int:
    """Envoie un lot réservé. Ce qui n'a pas pu être commencé à temps est rendu à la file."""
    debut, remis = monotonic(), 0
    for rang, courriel in enumerate(lot):
        if monotonic() - debut > DUREE_LOT:
            actions.rendre_le_lot(lot[rang:])
            break
        liaison.ouvrir()
        remis += _envoyer(liaison, courriel)
    return remis


def _envoyer(liaison: Liaison, courriel: Courriel) -> bool:
    actions.commencer(courriel)
    try:
        message = composer(courriel)
    except SecretIllisible:
        actions.noter_refuse(courriel, reponse="Clé secrète changée depuis la mise en file")
        return False
    verdict = liaison.envoyer(adresses.retour(courriel), courriel.destinataire, message)
    NOTER[verdict.sort](courriel, reponse=_sans_secret(verdict, courriel))
    journal.info("courriel %s %s", courriel.numero, verdict.sort.label)
    return verdict.sort is Sort.REMIS


def _sans_secret(verdict: Verdict, courriel: Courriel) -> str:
    """Un filtre cite parfois l'adresse qu'il refuse : le lien ne doit pas rester dans la réponse gardée."""
    reponse = masquer(verdict.reponse)
    for valeur in dechiffrer(bytes(courriel.secrets)).values():
        reponse = reponse.replace(valeur, "•••")
    return reponse
