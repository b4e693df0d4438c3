from django.urls import URLPattern, path

from apart.reprises.views import lettres, preuve

PREUVE, LETTRES = "etablissements/<siret:siret>/preuve/lettre/", "agents/lettres/"

urlpatterns: list[URLPattern] = [
    path("lettre/", preuve.lettre, name="lettre"),
    path(PREUVE, preuve.preuve, name="preuve-lettre"),
    path(f"{PREUVE}demander", preuve.demander, name="preuve-lettre-demander"),
    path(LETTRES, lettres.liste, name="lettres"),
    path(f"{LETTRES}imprimer", lettres.imprimer, name="lettres-imprimer"),
    path(f"{LETTRES}<int:pk>/", lettres.lettre, name="lettres-lettre"),
    path(f"{LETTRES}lots/<int:pk>/", lettres.lot, name="lettres-lot"),
    path(f"{LETTRES}lots/<int:pk>/lettres.pdf", lettres.lot_pdf, name="lettres-lot-pdf"),
    path(f"{LETTRES}lots/<int:pk>/adresses.csv", lettres.lot_csv, name="lettres-lot-csv"),
]
