"""Envoyer ce qui est dû, un message après l'autre sur une connexion : le sort de chacun est écrit avant le suivant.

Une fois et une seule, sauf un cas que SMTP ne permet pas d'éviter : le processus meurt entre l'accord du serveur et
l'écriture du résultat. Ce message-là, et lui seul, repart après le bail (actions.BAIL) avec le même Message-ID. Un
serveur qui a tout reçu et se tait peut aussi donner un double : il a dix minutes pour répondre, puis deux reprises.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from functools import partial
from time import monotonic

from django.db import transaction
from django.utils import timezone

from apart.courriels import actions, adresses
from apart.courriels.chiffre import SecretIllisible, dechiffrer
from apart.courriels.composition import composer
from apart.courriels.liaison import Injoignable, Liaison, Verdict
from apart.courriels.models import Courriel, Sort
from apart.socle.journalisation import masquer

journal = logging.getLogger(__name__)

DUREE_TOURNEE = 15.0  # secondes : assez court pour arrêter le travailleur
NOTER: dict[Sort, Callable[..., None]] = {
    Sort.REMIS: actions.noter_remis,
    Sort.DIFFERE: actions.noter_differe,
    Sort.REFUSE: actions.noter_refuse,
}


def vider_la_file() -> int:
    """Envoie ce qui est dû maintenant, pendant une tournée au plus ; rend le nombre de messages remis au serveur."""
    remis, fin = 0, monotonic() + DUREE_TOURNEE
    with closing(Liaison()) as liaison:
        courriel = actions.prendre_le_suivant()
        while courriel:
            try:
                verdict = _envoyer(liaison, courriel)
            except Injoignable as panne:
                actions.noter_panne(courriel, reponse=str(panne))
                break
            remis += verdict.sort is Sort.REMIS
            suivant = _noter_et_prendre(courriel, verdict, encore=monotonic() < fin)
            _completer(courriel, verdict)
            courriel = suivant
    if remis:
        journal.info("Courriels remis : %d", remis)
    return remis


@transaction.atomic
def _noter_et_prendre(courriel: Courriel, verdict: Verdict, *, encore: bool) -> Courriel | None:
    """Écrit un sort et réserve le message suivant, en une seule écriture sur le disque : il n'en coûte qu'une."""
    noter = actions.noter_incertain if verdict.incertain else NOTER[verdict.sort]
    noter(courriel, reponse=verdict.reponse)
    return actions.prendre_le_suivant() if encore else None


def _completer(courriel: Courriel, verdict: Verdict) -> None:
    """Le serveur du destinataire a tant fait attendre ce lien qu'il ne sert presque plus : un autre le suit."""
    a_peine_utile = courriel.expire_le - timezone.now() < actions.DUREE_UTILE
    if verdict.sort is Sort.REMIS and courriel.est_retenu and a_peine_utile:
        actions.renouveler(courriel)


def _envoyer(liaison: Liaison, courriel: Courriel) -> Verdict:
    """Le sort d'un message, que nous sachions le composer ou non. Lève Injoignable."""
    try:
        secrets = dechiffrer(bytes(courriel.secrets))
        message, patienter = composer(courriel, secrets), partial(actions.prolonger_le_bail, courriel)
        verdict = liaison.envoyer(adresses.retour(courriel), courriel.destinataire, message, patienter=patienter)
    except Injoignable:
        raise
    except SecretIllisible:
        return Verdict(Sort.REFUSE, "Clé secrète changée depuis la mise en file")
    except Exception:  # noqa: BLE001 # une ligne que nous ne savons pas envoyer ne retient pas les suivantes
        journal.exception("courriel %s : impossible à composer ou à envoyer", courriel.numero)
        liaison.close()
        return Verdict(Sort.DIFFERE, "Panne de notre côté pendant la préparation du message")
    return replace(verdict, reponse=_sans_secret(verdict.reponse, secrets))


def _sans_secret(reponse: str, secrets: dict[str, str]) -> str:
    """Un filtre cite parfois ce qu'il lit, en entier ou non : ni lien ni code ne restent dans la réponse gardée."""
    for valeur in secrets.values():
        reponse = re.sub(re.escape(valeur), "•••", reponse, flags=re.IGNORECASE)
    return masquer(reponse)
