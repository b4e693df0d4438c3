"""Envoyer ce qui est dû : par lots réservés sur une connexion, chaque résultat écrit avant de passer au suivant.

Une fois et une seule, sauf un cas que SMTP ne permet pas d'éviter : le processus meurt entre l'accord du serveur et
l'écriture du résultat. Ce message-là, et lui seul, repart après le bail (actions.BAIL) avec le même Message-ID.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from time import monotonic

from apart.courriels import actions, adresses
from apart.courriels.chiffre import SecretIllisible, dechiffrer
from apart.courriels.composition import composer
from apart.courriels.liaison import Injoignable, Liaison
from apart.courriels.models import Courriel, Sort
from apart.socle.journalisation import masquer

journal = logging.getLogger(__name__)

LOT = 50
# Secondes. Un lot s'arrête bien avant la fin de son bail, une tournée avant le balayage suivant.
DUREE_LOT = 60.0
DUREE_TOURNEE = 50.0
NOTER: dict[Sort, Callable[..., None]] = {
    Sort.REMIS: actions.noter_remis,
    Sort.DIFFERE: actions.noter_differe,
    Sort.REFUSE: actions.noter_refuse,
}


def vider_la_file() -> int:
    """Envoie ce qui est dû maintenant, pendant une tournée au plus ; rend le nombre de messages remis au serveur."""
    remis, fin = 0, monotonic() + DUREE_TOURNEE
    with Liaison() as liaison:
        while monotonic() < fin and (lot := actions.prendre_un_lot(LOT)):
            try:
                remis += _envoyer_lot(liaison, lot)
            except Injoignable as panne:
                actions.noter_panne(lot, reponse=str(panne))
                break
    return remis


def _envoyer_lot(liaison: Liaison, lot: list[Courriel]) -> int:
    """Envoie un lot réservé, en l'ôtant de la liste au fur et à mesure ; rend le nombre de messages remis.

    Ce qui n'a pas pu être commencé à temps est rendu à la file. Lève Injoignable : la liste garde ce qui reste.
    """
    fin, remis = monotonic() + DUREE_LOT, 0
    while lot:
        if monotonic() > fin:
            actions.rendre_le_lot(lot)
            break
        liaison.ouvrir()
        remis += _essayer(liaison, lot[0])
        del lot[0]
    return remis


def _essayer(liaison: Liaison, courriel: Courriel) -> bool:
    try:
        return _envoyer(liaison, courriel)
    except Injoignable:
        raise
    except Exception:  # noqa: BLE001 # une ligne que nous ne savons pas envoyer ne retient pas les suivantes
        journal.exception("courriel %s : envoi impossible", courriel.numero)
        actions.noter_differe(courriel, reponse="Panne de notre côté pendant la préparation du message")
        return False


def _envoyer(liaison: Liaison, courriel: Courriel) -> bool:
    try:
        secrets = dechiffrer(bytes(courriel.secrets))
    except SecretIllisible:
        actions.noter_refuse(courriel, reponse="Clé secrète changée depuis la mise en file")
        return False
    message = composer(courriel, secrets)
    verdict = liaison.envoyer(adresses.retour(courriel), courriel.destinataire, message)
    NOTER[verdict.sort](courriel, reponse=_sans_secret(verdict.reponse, secrets))
    journal.info("courriel %s %s", courriel.numero, verdict.sort.label)
    return verdict.sort is Sort.REMIS


def _sans_secret(reponse: str, secrets: dict[str, str]) -> str:
    """Un filtre cite parfois l'adresse qu'il refuse : le lien ne doit pas rester dans la réponse gardée."""
    for valeur in secrets.values():
        reponse = reponse.replace(valeur, "•••")
    return masquer(reponse)
