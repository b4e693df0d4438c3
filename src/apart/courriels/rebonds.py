"""Lire les messages qui reviennent. Seule une adresse de retour signée par nous désigne une ligne (T41)."""

from __future__ import annotations

import logging
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import TypeVar
from uuid import UUID

from django.db import InterfaceError, OperationalError, transaction

from apart.courriels.actions.refus import noter_rebonds
from apart.courriels.adresses import numero_du_retour
from apart.courriels.models import Courriel
from apart.courriels.rapport import Lecture, juger_tous
from apart.socle import enfant
from apart.socle.affluence import ServiceOccupe

T = TypeVar("T")
journal = logging.getLogger(__name__)
TAILLE_LUE = 256 << 10  # octets ; un rebond dit tout au début, et cite ensuite le nôtre
LOT, OCTETS_D_UN_LOT = 500, 8 << 20  # messages lus ensemble : un enfant et quelques ordres SQL pour tous
PAR_PASSE = 10_000  # messages lus en une passe ; les autres attendent la suivante
TOLERES = 2  # rapports d'un même message, dans un lot, qui ont tué l'enfant
ENSEMBLE = 50  # rapports que l'enfant rend à la fois : un par un, il passerait son temps à les rendre
SECONDES = 5  # de processeur pour les rapports d'un lot, qui en demandent un dixième
# Où le serveur d'arrivée écrit l'adresse à laquelle le rebond a été remis.
REMIS_A = re.compile(
    rb"^(?:Delivered-To|X-Original-To|Envelope-To|To)[ \t]*:(.*(?:\n[ \t].*)*)", re.IGNORECASE | re.MULTILINE
)
FIN_DES_ENTETES = re.compile(rb"\r?\n\r?\n")
BASE_EN_PANNE = (OperationalError, InterfaceError)  # la faute de personne : ce qui n'est pas noté sera relu


def lire_tout(messages: Iterable[tuple[T, bytes]]) -> Iterator[dict[T, Lecture]]:
    """Lit ces messages à mesure qu'ils viennent, chacun avec ce qui le nomme ; rend chaque lot une fois noté."""
    for lot in _en_lots(messages):
        yield dict(zip(lot, lire_lot(list(lot.values())), strict=True))


def _en_lots(messages: Iterable[tuple[T, bytes]]) -> Iterator[dict[T, bytes]]:
    lot: dict[T, bytes] = {}
    octets = 0
    for nom, contenu in messages:
        lot[nom] = contenu[:TAILLE_LUE]
        octets += len(lot[nom])
        if len(lot) == LOT or octets >= OCTETS_D_UN_LOT:
            yield lot
            lot, octets = {}, 0
    if lot:
        yield lot


def lire(contenu: bytes) -> Lecture:
    """Lit un message revenu et note le rebond sur sa ligne."""
    return lire_lot([contenu])[0]


def lire_lot(contenus: Sequence[bytes]) -> list[Lecture]:
    """Lit ces messages revenus, note les rebonds ; rend ce qu'il en est de chacun, dans leur ordre.

    N'importe qui écrit à cette adresse : sans signature de nous, rien n'est lu après les en-têtes. Le reste l'est
    dans un enfant limité : qui a reçu un de nos messages tient une adresse signée, et les expressions régulières de
    flufl.bounce ne sont pas linéaires. Un message dont le sort est déjà connu n'a plus rien à apprendre d'un rapport.
    Lève ServiceOccupe si les enfants manquent, OperationalError si la base est en panne : rien n'est noté.
    """
    contenus = [contenu[:TAILLE_LUE] for contenu in contenus]
    courriels = _courriels_de(contenus)
    lectures = [Lecture.DEJA_NOTE if rang in courriels else Lecture.INCONNU for rang in range(len(contenus))]
    a_juger = {rang: courriel for rang, courriel in courriels.items() if courriel.peut_rebondir}
    rebonds: dict[int, list[tuple[int, str]]] = {}  # par message, les rapports qui le disent revenu
    for rang, lecture, diagnostic in _juger(a_juger, contenus):
        if lecture is Lecture.NOTE:
            rebonds.setdefault(a_juger[rang].pk, []).append((rang, diagnostic))
        else:
            lectures[rang] = lecture
    while rebonds:  # le premier rapport de chaque message ; s'il ne peut pas se noter, le suivant
        essayes = {pk: rapports.pop(0) for pk, rapports in rebonds.items()}
        for pk, lecture in _noter([(a_juger[rang], mots) for rang, mots in essayes.values()]).items():
            lectures[essayes[pk][0]] = lecture
            if lecture is not Lecture.ILLISIBLE or not rebonds[pk]:
                del rebonds[pk]
    return lectures


def _courriels_de(contenus: Sequence[bytes]) -> dict[int, Courriel]:
    """Par rang, le message dont le retour est signé et qui est parti. Un numéro sans ligne, ou effacée, n'en a pas."""
    numeros = {rang: numero for rang, contenu in enumerate(contenus) if (numero := _numero(contenu))}
    derniers = _derniers(set(numeros.values()))
    return {rang: derniers[numero] for rang, numero in numeros.items() if numero in derniers}


def _numero(contenu: bytes) -> UUID | None:
    """Le numéro que signe l'adresse de remise : lue dans les en-têtes du message, jamais dans ce qu'il cite."""
    fin = FIN_DES_ENTETES.search(contenu)
    entetes = contenu[: fin.start()] if fin else contenu
    adresses = (lu[1].decode("ascii", "replace") for lu in REMIS_A.finditer(entetes))
    return next((numero for adresse in adresses if (numero := numero_du_retour(adresse))), None)


def _derniers(numeros: set[UUID]) -> dict[UUID, Courriel]:
    """Par numéro, son message, ou le dernier qui le renouvelle ; ce qui n'est jamais parti n'en revient pas."""
    lus = Courriel.objects.only("numero", "destinataire", "sort", "envoi_commence_le", "remplace")
    trouves = {courriel.numero: courriel for courriel in lus.filter(numero__in=numeros)}
    while suivants := {c.remplace_id: c for c in lus.filter(remplace__in=[c.pk for c in trouves.values()])}:
        trouves = {numero: suivants.get(courriel.pk, courriel) for numero, courriel in trouves.items()}
    return {numero: courriel for numero, courriel in trouves.items() if courriel.est_parti}


def _juger(a_juger: dict[int, Courriel], contenus: Sequence[bytes]) -> Iterator[tuple[int, Lecture, str]]:
    """Le rang, la lecture et le diagnostic de chaque rapport, lus l'un après l'autre dans un enfant.

    S'il meurt, les suivants se rendent un par un, et le premier se relit en tête d'un enfant neuf, qui a toutes ses
    forces ; si celui-ci meurt encore, ce rapport en est la cause, et il est mis de côté. Au-delà de TOLERES pour un
    message, les autres le sont sans être lus : ils viennent de qui a reçu ce message, et n'arrêtent que les siens.
    """
    reste, hostiles, ensemble = list(a_juger), Counter[int](), ENSEMBLE
    while reste:
        lus = 0
        try:
            lot = [contenus[rang] for rang in reste]
            for juges in enfant.Enfant(juger_tous, lot, ensemble, reseau="rebonds", secondes=SECONDES):
                yield from ((rang, *juge) for rang, juge in zip(reste[lus:], juges, strict=False))
                lus += len(juges)
        except (ServiceOccupe, OSError):  # l'enfant n'a pas pu naître : aucun rapport n'en est la cause
            raise
        except Exception as arret:  # noqa: BLE001 # quelle qu'en soit la raison, les messages suivants sont lus
            if lus == 0 and ensemble == 1:
                coupable = a_juger[reste[0]]
                cause = arret.cause if isinstance(arret, enfant.Interrompu) else repr(arret)
                journal.warning("rebond du courriel %s illisible : %s", coupable.numero, cause)
                yield reste[0], Lecture.ILLISIBLE, ""
                lus, hostiles[coupable.pk] = 1, hostiles[coupable.pk] + 1
            ensemble = 1
        yield from ((rang, Lecture.ILLISIBLE, "") for rang in reste[lus:] if hostiles[a_juger[rang].pk] > TOLERES)
        reste = [rang for rang in reste[lus:] if hostiles[a_juger[rang].pk] <= TOLERES]


def _noter(rebonds: list[tuple[Courriel, str]]) -> dict[int, Lecture]:
    """Note ces rebonds ensemble ; si l'un d'eux fait échouer l'écriture, par moitiés, jusqu'à l'isoler."""
    if not rebonds:
        return {}
    try:
        with transaction.atomic():
            notes = noter_rebonds(rebonds)
    except BASE_EN_PANNE:
        raise
    except Exception:  # noqa: BLE001 # quelle qu'en soit la raison, les autres sont notés
        if len(rebonds) == 1:
            journal.exception("rebond du courriel %s impossible à noter", rebonds[0][0].numero)
            return {rebonds[0][0].pk: Lecture.ILLISIBLE}
        milieu = len(rebonds) // 2
        return _noter(rebonds[:milieu]) | _noter(rebonds[milieu:])
    return {c.pk: Lecture.NOTE if c.pk in notes else Lecture.DEJA_NOTE for c, _ in rebonds}
