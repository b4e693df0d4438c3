"""Lire les messages qui reviennent. Seule une adresse de retour signée par nous désigne une ligne (T41)."""

from __future__ import annotations

import logging
from email.message import Message
from email.parser import BytesHeaderParser

from apart.courriels.actions.refus import noter_rebonds
from apart.courriels.adresses import numero_du_retour
from apart.courriels.models import Courriel
from apart.courriels.rapport import Lecture, juger
from apart.socle import enfant

journal = logging.getLogger(__name__)
TAILLE_LUE = 256 << 10  # octets ; un rebond dit tout au début, et cite ensuite le nôtre
# Où le serveur d'arrivée écrit l'adresse à laquelle le rebond a été remis.
ENTETES_DE_REMISE = ("Delivered-To", "X-Original-To", "Envelope-To", "To")


def lire(contenu: bytes) -> Lecture:
    """Lit un message revenu et note le rebond sur sa ligne.

    N'importe qui écrit à cette adresse : sans signature de nous, rien n'est lu après les en-têtes. Le reste l'est
    dans un enfant limité : qui a reçu un de nos messages tient une adresse signée, et les expressions régulières de
    flufl.bounce ne sont pas linéaires.
    """
    contenu = contenu[:TAILLE_LUE]
    courriel = _courriel_de(BytesHeaderParser().parsebytes(contenu))
    if courriel is None:
        return Lecture.INCONNU
    try:
        lecture, diagnostic = enfant.obtenir(juger, contenu, reseau="rebonds", depenser=lambda _: None)
    except enfant.Interrompu as arret:
        journal.warning("rebond du courriel %s illisible : %s", courriel.numero, arret.cause)
        return Lecture.ILLISIBLE
    if lecture is not Lecture.NOTE:
        return lecture
    return Lecture.NOTE if noter_rebonds([(courriel, diagnostic)]) else Lecture.DEJA_NOTE


def _courriel_de(message: Message) -> Courriel | None:
    for nom in ENTETES_DE_REMISE:
        for valeur in message.get_all(nom, []):
            if numero := numero_du_retour(str(valeur)):
                courriel = Courriel.objects.filter(numero=numero).first()
                return courriel.dernier() if courriel else None
    return None
