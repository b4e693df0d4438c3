from django.urls import path

from apart.espace import views

urlpatterns = [
    path("etablissements/<siret:siret>/preuve/", views.donner_preuve, name="donner-preuve"),
    path("etablissements/<siret:siret>/preuve/<int:niveau>/demander", views.demander_preuve, name="demander-preuve"),
]
