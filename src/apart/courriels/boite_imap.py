"""La boîte où reviennent les rapports, lue par IMAP (REBONDS_IMAP)."""

from __future__ import annotations

import imaplib
import re
import ssl
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import partial
from time import monotonic
from typing import Any

from django.conf import settings

from apart.courriels.rapport import ACHEVES, Lecture
from apart.courriels.rebonds import TAILLE_LUE, lire_tout

PAR_PASSE = 2_000  # messages lus en une passe ; les autres attendent la suivante
PAR_ORDRE = 20  # messages demandés d'un coup : cinq Mio au plus
FENETRE = 20_000  # messages parcourus par recherche : sa réponse tient dans ce qu'imaplib lit d'une ligne
DUREE_PASSE = 15.0  # secondes : assez court pour arrêter le travailleur
UID = re.compile(rb"\bUID (\d+)\b")
LU, A_REVOIR, EFFACE = r"(\Seen)", r"(\Seen \Flagged)", r"(\Seen \Deleted)"
INJOIGNABLE = (imaplib.IMAP4.error, OSError, EOFError)


class BoiteInjoignable(Exception):
    """La boîte ne s'ouvre pas, ou se ferme en route. Le texte dit pourquoi, sans le secret."""


def lire_boite() -> Counter[Lecture]:
    """Lit les messages nouveaux de REBONDS_IMAP, les plus anciens d'abord, pendant une passe au plus.

    Un rebond noté est supprimé de la boîte (il cite notre message), ce qui ne se lit pas est signalé, le reste marqué
    lu. Le sort est écrit en base avant la marque : coupé entre les deux, le message se relit, et n'est plus qu'à
    supprimer. Lève BoiteInjoignable.
    """
    total = Counter[Lecture]()
    with _ouverte() as (boite, nombre):
        for lus in lire_tout(_contenus(boite, nombre, monotonic() + DUREE_PASSE)):
            total += Counter(lus.values())
            _marquer(boite, lus)
    return total


@contextmanager
def _ouverte() -> Iterator[tuple[imaplib.IMAP4, int]]:
    """La boîte, et combien de messages elle contient."""
    reglage = settings.REBONDS_IMAP
    if reglage is None:
        raise BoiteInjoignable("REBONDS_IMAP est vide : donnez-lui l'adresse de la boîte (docs/courriels.md).")
    chiffree = partial(imaplib.IMAP4_SSL, ssl_context=ssl.create_default_context())
    try:
        ouvrir = chiffree if reglage.est_chiffree else imaplib.IMAP4
        boite = ouvrir(reglage.hote, reglage.port, timeout=reglage.delai)
        try:
            qui = f"\0{reglage.utilisateur}\0{reglage.mot_de_passe}".encode()
            boite.authenticate("PLAIN", lambda _: qui)
            (nombre,) = _obtenir(boite.select(_entre_guillemets(reglage.dossier)))
            yield boite, int(nombre or 0)
        finally:
            with suppress(*INJOIGNABLE):  # déjà coupée : rien à perdre
                boite.logout()
    except INJOIGNABLE as panne:
        raise BoiteInjoignable(f"{reglage.hote}:{reglage.port}, dossier {reglage.dossier} : {panne}") from panne


def _entre_guillemets(dossier: str) -> str:
    return '"' + dossier.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _contenus(boite: imaplib.IMAP4, nombre: int, fin: float) -> Iterator[tuple[bytes, bytes]]:
    """Le début des messages nouveaux, sans les marquer lus, avec le numéro que la boîte donne à chacun.

    Celui que la boîte ne rend pas (vide, ou ôté entre-temps) est donné vide : il ne sera pas redemandé sans fin.
    """
    uids = _nouveaux(boite, nombre)
    for debut in range(0, len(uids), PAR_ORDRE):
        if monotonic() > fin:
            return
        demandes = uids[debut : debut + PAR_ORDRE]
        rendus = boite.uid("FETCH", _suite(demandes), f"(UID BODY.PEEK[]<0.{TAILLE_LUE}>)")
        contenus = dict.fromkeys(demandes, b"")
        for morceau in _obtenir(rendus):
            if isinstance(morceau, tuple) and (uid := UID.search(morceau[0])) and uid[1] in contenus:
                contenus[uid[1]] = morceau[1]
        yield from contenus.items()


def _nouveaux(boite: imaplib.IMAP4, nombre: int) -> list[bytes]:
    """Les plus anciens messages ni lus ni supprimés, une passe au plus."""
    uids: list[bytes] = []
    for debut in range(1, nombre + 1, FENETRE):
        ici = f"{debut}:{min(debut + FENETRE - 1, nombre)}"
        uids += (_obtenir(boite.uid("SEARCH", ici, "UNSEEN", "UNDELETED"))[0] or b"").split()
        if len(uids) >= PAR_PASSE:
            break
    return uids[:PAR_PASSE]


def _suite(uids: list[bytes]) -> str:
    return b",".join(uids).decode()


def _marquer(boite: imaplib.IMAP4, lus: dict[bytes, Lecture]) -> None:
    par_marque: dict[str, list[bytes]] = {}
    for uid, lecture in lus.items():
        marque = EFFACE if lecture in ACHEVES else A_REVOIR if lecture is Lecture.ILLISIBLE else LU
        par_marque.setdefault(marque, []).append(uid)
    for marque, uids in par_marque.items():
        _obtenir(boite.uid("STORE", _suite(uids), "+FLAGS.SILENT", marque))
    if EFFACE in par_marque:
        _obtenir(boite.expunge())


def _obtenir(reponse: tuple[str, list[Any]]) -> list[Any]:
    """Ce que la boîte répond. Lève IMAP4.error si elle refuse : imaplib ne le fait que pour quelques ordres."""
    accord, donnees = reponse
    if accord != "OK":
        raise imaplib.IMAP4.error(f"refus : {donnees!r}")
    return donnees
