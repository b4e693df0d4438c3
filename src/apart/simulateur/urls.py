"""Le simulateur, le barème, et leur interface pour les programmes."""

from __future__ import annotations

from django.urls import path

from apart.simulateur.questions import EMPLOYEUR, SALARIE
from apart.simulateur.views import api, bareme, fichier, simulation
from apart.tableaux.tableau import Genre

urlpatterns = [
    path("simulateur/", simulation.choisir, name="simulateur"),
    path("simulateur/employeur/", simulation.simuler, {"profil": EMPLOYEUR}, name="simulateur-employeur"),
    path("simulateur/salarie/", simulation.simuler, {"profil": SALARIE}, name="simulateur-salarie"),
    path("simulateur/fichier/", fichier.fichier, name="simulateur-fichier"),
    path("simulateur/fichier/modele.csv", fichier.modele_a_remplir, {"genre": Genre.CSV}, "simulateur-modele-csv"),
    path(
        "simulateur/fichier/modele.xlsx", fichier.modele_a_remplir, {"genre": Genre.XLSX}, "simulateur-modele-classeur"
    ),
    path("bareme/", bareme.bareme, name="bareme"),
    path("bareme/changements/", bareme.changements, name="bareme-changements"),
    path("bareme/incertitudes/", bareme.incertitudes, name="bareme-incertitudes"),
    path("bareme/bareme.csv", bareme.telecharger, {"forme": "csv"}, name="bareme-csv"),
    path("bareme/bareme.json", bareme.telecharger, {"forme": "json"}, name="bareme-json"),
    path("bareme/bareme.yaml", bareme.telecharger, {"forme": "yaml"}, name="bareme-yaml"),
    path("bareme/<str:cle>/", bareme.parametre, name="bareme-parametre"),
    path("api/", api.documentation, name="api"),
    path("api/v1/openapi.json", api.openapi, name="api-openapi"),
    path("api/v1/bareme", api.bareme, name="api-bareme"),
    path("api/v1/bareme/<str:cle>", api.parametre, name="api-bareme-parametre"),
    path("api/v1/simulations", api.simulations, name="api-simulations"),
]
