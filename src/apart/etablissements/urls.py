from django.urls import path

from apart.etablissements.views import creation, espace, identifiant, ouverture, rejoindre
from apart.socle import adresses

adresses.inscrire()

CREER, OUVRIR, REJOINDRE = "espace/creer/", "espace/ouvrir/", "espace/rejoindre/"
DEMANDE = "etablissements/<siret:siret>/demandes/<int:demande>/"

urlpatterns = [
    path("identifiant-oublie/", identifiant.identifiant_oublie, name="identifiant-oublie"),
    path(
        "identifiant-oublie/messagerie/<attente>/", identifiant.identifiant_messagerie, name="identifiant-messagerie"
    ),
    path(CREER, creation.creer_espace, name="creer-espace"),
    path("espace/siret/<siret:siret>/", creation.siret_reconnu, name="siret-reconnu"),
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
    path("etablissements/<siret:siret>/", espace.etablissement, name="etablissement"),
    path(f"{DEMANDE}accepter", espace.rejoindre_accepter, name="rejoindre-accepter"),
    path(f"{DEMANDE}refuser", espace.rejoindre_refuser, name="rejoindre-refuser"),
]
