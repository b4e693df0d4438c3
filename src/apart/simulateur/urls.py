"""Le simulateur, le barème, et leur interface pour les programmes."""

from __future__ import annotations

from django.urls import path

from apart.simulateur.views import simulation

urlpatterns = [
    path("simulateur/", simulation.choisir, name="simulateur"),
    path("simulateur/employeur/", simulation.employeur, name="simulateur-employeur"),
    path("simulateur/salarie/", simulation.salarie, name="simulateur-salarie"),
]
