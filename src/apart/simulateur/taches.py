"""Ce que le travailleur fait pour le simulateur."""

from __future__ import annotations

import logging

from django.utils import timezone
from procrastinate.contrib.django import app

from apart.regles.bareme import bareme

journal = logging.getLogger(__name__)


@app.periodic(cron="53 3 * * *")
@app.task(name="simulateur.avertir")
def avertir(timestamp: int) -> None:
    """Chaque nuit : écrit au journal que le barème va finir, ou a fini ; rien sinon."""
    if alerte := bareme().alerte(timezone.localdate()):
        journal.warning(alerte)
