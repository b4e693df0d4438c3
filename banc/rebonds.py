"""Dix mille rapports de non-remise lus, rapprochés de leur message et notés, à côté de leur seule lecture."""

from __future__ import annotations

import time
from email import message_from_bytes
from statistics import median

from django.utils import timezone
from flufl.bounce import all_failures

from apart.courriels import adresses
from apart.courriels.models import AdresseRefusee, Courriel, Sort
from apart.courriels.rapport import Lecture
from apart.courriels.rebonds import lire_tout
from banc.base import base_d_essai
from banc.ligne import Ligne

RAPPORTS, PASSES = 10_000, 3
RAPPORT = """\
From: MAILER-DAEMON@mx.exemple.fr (Mail Delivery System)
To: {retour}
Subject: Undelivered Mail Returned to Sender
Auto-Submitted: auto-replied
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="bord"

--bord
Content-Type: text/plain; charset=us-ascii

This is the mail system at host mx.exemple.fr. Your message could not be delivered to one or more recipients.

--bord
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.exemple.fr
Arrival-Date: Mon, 23 Nov 2026 12:00:00 +0100 (CET)

Final-Recipient: rfc822; {destinataire}
Action: failed
Status: 5.1.1
Remote-MTA: dns; serveur.exemple.fr
Diagnostic-Code: smtp; 550 5.1.1 <{destinataire}>: Recipient address rejected: User unknown

--bord
Content-Type: text/rfc822-headers

Subject: Mot de passe
To: {destinataire}
--bord--
"""


def mesurer() -> list[Ligne]:
    """Médianes de plusieurs passes en alternance. Suppose Django prêt."""
    with base_d_essai():
        rapports = _partis()
        passes = [(_nous(rapports), _nue(rapports)) for _ in range(PASSES)]
    nous, nue = (median(vitesses) for vitesses in zip(*passes, strict=True))
    return [Ligne("rapports de non-remise / leur seule lecture (flufl.bounce)", nous, nue, "rapports/s", 0.3)]


def _partis() -> list[bytes]:
    """Autant de messages remis, chacun à une adresse, et le rapport qui dit chacun revenu."""
    maintenant = timezone.now()
    partis = Courriel.objects.bulk_create(
        Courriel(
            modele="mot_de_passe",
            destinataire=f"personne{n}@exemple.fr",
            objet="Mot de passe",
            texte="x" * 2_000,
            html="x" * 4_000,
            sort=Sort.REMIS,
            remis_le=maintenant,
            expire_le=maintenant,
        )
        for n in range(RAPPORTS)
    )
    return [
        RAPPORT.format(retour=adresses.retour(courriel), destinataire=courriel.destinataire).encode()
        for courriel in partis
    ]


def _nous(rapports: list[bytes]) -> float:
    AdresseRefusee.objects.all().delete()
    Courriel.objects.update(sort=Sort.REMIS)
    debut = time.perf_counter()
    notes = sum(list(lus.values()).count(Lecture.NOTE) for lus in lire_tout(enumerate(rapports)))
    vitesse = RAPPORTS / (time.perf_counter() - debut)
    assert notes == RAPPORTS == AdresseRefusee.objects.count()
    return vitesse


def _nue(rapports: list[bytes]) -> float:
    debut = time.perf_counter()
    for rapport in rapports:
        assert all_failures(message_from_bytes(rapport))[1]
    return RAPPORTS / (time.perf_counter() - debut)
