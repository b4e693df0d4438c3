from django.urls import path

from apart.espace.views import mon_espace, preuve

urlpatterns = [
    path("mon-espace/", mon_espace.mon_espace, name="mon-espace"),
    path("etablissements/<siret:siret>/", mon_espace.etablissement, name="etablissement"),
    path("etablissements/<siret:siret>/preuve/", preuve.donner_preuve, name="donner-preuve"),
    path("etablissements/<siret:siret>/preuve/<int:niveau>/demander", preuve.demander_preuve, name="demander-preuve"),
]
