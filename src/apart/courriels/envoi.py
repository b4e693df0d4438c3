"""Envoyer ce qui est dû : par lots réservés sur une connexion, chaque résultat écrit avant l'envoi du suivant.

Une fois et une seule, sauf un cas que SMTP ne permet pas d'éviter : le processus meurt entre l'accord du serveur et
l'écriture du résultat. Ce message-là, et lui seul, repart après le bail (actions.BAIL) avec le même Message-ID.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache, partial
from time import monotonic

from apart.courriels import actions, adresses
from apart.courriels.chiffre import SecretIllisible, dechiffrer
from apart.courriels.composition import composer
from apart.courriels.liaison import Injoignable, Liaison, Verdict
from apart.courriels.models import Courriel, Sort
from apart.socle.journalisation import masquer

journal = logging.getLogger(__name__)

LOT = 50
# Secondes. Un lot s'arrête bien avant la fin de son bail ; une tournée, assez vite pour arrêter le travailleur.
DUREE_LOT = 15.0
DUREE_TOURNEE = 15.0
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
            notes = Notes()
            try:
                _envoyer_lot(liaison, lot, notes)
            except Injoignable as panne:
                actions.noter_panne(lot, reponse=str(panne))
                break
            finally:
                notes.ecrire()
                remis += notes.remis
    if remis:
        journal.info("%d courriels remis", remis)
    return remis


@dataclass(frozen=True)
class Pret:
    """Un message composé ; secrets : ce qu'il porte et que la réponse du serveur ne doit pas garder."""

    message: bytes
    secrets: dict[str, str]


class Notes:
    """Le résultat d'un message, écrit pendant que le serveur répond au premier mot du suivant : l'attente sert."""

    def __init__(self) -> None:
        self.attente: tuple[Courriel, Verdict] | None = None
        self.remis = 0

    def ajouter(self, courriel: Courriel, verdict: Verdict) -> None:
        self.ecrire()
        self.attente = courriel, verdict

    def ecrire(self) -> None:
        if self.attente:
            courriel, verdict = self.attente
            NOTER[verdict.sort](courriel, reponse=verdict.reponse)
            self.attente = None
            self.remis += verdict.sort is Sort.REMIS
            journal.debug("courriel %s %s", courriel.numero, verdict.sort.label)


def _envoyer_lot(liaison: Liaison, lot: list[Courriel], notes: Notes) -> None:
    """Envoie un lot réservé, en l'ôtant de la liste au fur et à mesure.

    Ce qui n'a pas pu être commencé à temps est rendu à la file. Lève Injoignable : la liste garde ce qui reste.
    """
    fin = monotonic() + DUREE_LOT
    preparer = lru_cache(maxsize=2)(_preparer)
    while lot:
        if monotonic() > fin:
            actions.rendre_le_lot(lot)
            break
        pret = preparer(lot[0])
        if isinstance(pret, Verdict):
            notes.ajouter(lot[0], pret)
        else:
            ensuite = partial(preparer, lot[1] if lot[1:] else lot[0])  # le suivant, pendant la réponse du serveur
            notes.ajouter(lot[0], _envoyer(liaison, lot[0], pret, pendant=notes.ecrire, ensuite=ensuite))
        del lot[0]


def _envoyer(
    liaison: Liaison, courriel: Courriel, pret: Pret, *, pendant: Callable[[], object], ensuite: Callable[[], object]
) -> Verdict:
    de = adresses.retour(courriel)
    verdict = liaison.envoyer(de, courriel.destinataire, pret.message, pendant=pendant, ensuite=ensuite)
    return Verdict(verdict.sort, _sans_secret(verdict.reponse, pret.secrets))


def _preparer(courriel: Courriel) -> Pret | Verdict:
    """Le message à remettre, ou ce qu'il devient si nous ne savons pas le composer."""
    try:
        secrets = dechiffrer(bytes(courriel.secrets))
        return Pret(composer(courriel, secrets), secrets)
    except SecretIllisible:
        return Verdict(Sort.REFUSE, "Clé secrète changée depuis la mise en file")
    except Exception:  # noqa: BLE001 # une ligne que nous ne savons pas composer ne retient pas les suivantes
        journal.exception("courriel %s : impossible à composer", courriel.numero)
        return Verdict(Sort.DIFFERE, "Panne de notre côté pendant la préparation du message")


def _sans_secret(reponse: str, secrets: dict[str, str]) -> str:
    """Un filtre cite parfois l'adresse qu'il refuse : le lien ne doit pas rester dans la réponse gardée."""
    for valeur in secrets.values():
        reponse = reponse.replace(valeur, "•••")
    return masquer(reponse)
