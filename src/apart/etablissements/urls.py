from django.urls import path, re_path

from apart.etablissements.views import creation, espace, identifiant, ouverture, rejoindre

CREER, OUVRIR, REJOINDRE = "espace/creer/", "espace/ouvrir/", "espace/rejoindre/"
SIRET = r"(?P<siret>[0-9]{14})"

urlpatterns = [
    path("identifiant-oublie/", identifiant.identifiant_oublie, name="identifiant-oublie"),
    path(
        "identifiant-oublie/messagerie/<attente>/", identifiant.identifiant_messagerie, name="identifiant-messagerie"
    ),
    path(CREER, creation.creer_espace, name="creer-espace"),
    re_path(rf"^espace/siret/{SIRET}/$", creation.siret_reconnu, name="siret-reconnu"),
    path(f"{CREER}formulaire/<etape>/", creation.creer_formulaire, name="creer-formulaire"),
    path(f"{CREER}deja-connu/<etape>/", creation.deja_connu, name="espace-deja-connu"),
    path(f"{CREER}messagerie/<etape>/<attente>/", creation.creer_messagerie, name="creer-messagerie"),
    path(f"{CREER}renvoyer/<etape>/", creation.creer_renvoyer, name="creer-renvoyer"),
    path(f"{OUVRIR}lien/<secret>/", ouverture.ouvrir_lien, name="ouvrir-lien"),
    path(OUVRIR, ouverture.ouvrir, name="ouvrir"),
    path(f"{OUVRIR}renouveler/", ouverture.ouvrir_renouveler, name="ouvrir-renouveler"),
    path(f"{REJOINDRE}messagerie/<etape>/<attente>/", rejoindre.rejoindre_messagerie, name="rejoindre-messagerie"),
    path(f"{REJOINDRE}renvoyer/<etape>/", rejoindre.rejoindre_renvoyer, name="rejoindre-renvoyer"),
    path(f"{REJOINDRE}lien/<secret>/", rejoindre.rejoindre_lien, name="rejoindre-lien"),
    path(f"{REJOINDRE}confirmer/", rejoindre.rejoindre_confirmer, name="rejoindre-confirmer"),
    path(f"{REJOINDRE}admission/lien/<secret>/", rejoindre.admission_lien, name="admission-lien"),
    path(f"{REJOINDRE}entrer/", rejoindre.entrer, name="entrer"),
    path(f"{REJOINDRE}renouveler/", rejoindre.rejoindre_renouveler, name="rejoindre-renouveler"),
    path(f"{REJOINDRE}demande/<etape>/", rejoindre.rejoindre, name="rejoindre"),
    path("mon-espace/", espace.mon_espace, name="mon-espace"),
    re_path(rf"^etablissements/{SIRET}/$", espace.etablissement, name="etablissement"),
    re_path(
        rf"^etablissements/{SIRET}/demandes/(?P<demande>[0-9]+)/accepter$",
        espace.rejoindre_accepter,
        name="rejoindre-accepter",
    ),
    re_path(
        rf"^etablissements/{SIRET}/demandes/(?P<demande>[0-9]+)/refuser$",
        espace.rejoindre_refuser,
        name="rejoindre-refuser",
    ),
]
