"""Toutes les adresses d'Apart ; chaque vue déclare à qui elle s'adresse (socle.acces)."""

from django.conf import settings
from django.urls import include, path

from apart.config import views

handler400 = "apart.socle.erreurs.demande_illisible"
handler403 = "apart.socle.erreurs.acces_refuse"
handler404 = "apart.socle.erreurs.page_introuvable"
handler500 = "apart.socle.erreurs.panne"

urlpatterns = [
    path("", include("apart.accueil.urls")),
    path("", include("apart.comptes.urls")),
    path("", include("apart.etablissements.urls")),
    path("", include("apart.reprises.urls")),
    path("", include("apart.espace.urls")),
    path("", include("apart.assistance.urls")),
    path("", include("apart.simulateur.urls")),
    path("", include("apart.administrations.urls")),
    path("", include("apart.courriels.urls")),
    path("", include("apart.socle.urls")),
    path("sante/vivant", views.vivant, name="sante-vivant"),
    path("sante/pret", views.pret, name="sante-pret"),
    path("metriques", views.metriques, name="metriques"),
]

if settings.DEMO:
    urlpatterns.append(path("", include("apart.demo.urls")))
