"""Le ménage des briques communes."""

from __future__ import annotations

from django.utils import timezone
from procrastinate.contrib.django import app

from apart.socle.models import Compteur, PreuveEmployee


@app.periodic(cron="41 3 * * *")
@app.task(name="socle.purger")
def purger(timestamp: int) -> None:
    """Chaque nuit : efface les compteurs de limites et les preuves de travail dont la fenêtre est passée."""
    Compteur.objects.filter(expire_le__lt=timezone.now()).delete()
    PreuveEmployee.objects.filter(expire_le__lt=timezone.now()).delete()
