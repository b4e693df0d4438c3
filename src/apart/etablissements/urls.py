from django.urls import path

from apart.comptes.views import jeton
from apart.etablissements.views import (
    adresse,
    creation,
    identifiant,
    ouverture,
    personnes,
    preuves,
    rejoindre,
    reponses,
    reunion,
    revue,
)
from apart.socle import adresses

adresses.inscrire()

CREER, OUVRIR, REJOINDRE = "espace/creer/", "espace/ouvrir/", "espace/rejoindre/"
ADRESSE, BOITE = "espace/adresse/", {"parcours": adresse.PARCOURS}
OUVERTURE, ADMISSION = {"parcours": ouverture.PARCOURS}, {"parcours": rejoindre.ADMISSION}
ARRIVEE = {"parcours": rejoindre.PARCOURS}
CODE, OPPOSITION = {"parcours": preuves.CODE}, {"parcours": preuves.OPPOSITION}
PREUVE = "etablissements/<siret:siret>/preuves/<int:demande>/"
DEMANDE = "etablissements/<siret:siret>/demandes/<int:demande>/"
PERSONNES = "etablissements/<siret:siret>/personnes/"

urlpatterns = [
    path("identifiant-oublie/", identifiant.identifiant_oublie, name="identifiant-oublie"),
    path(
        "identifiant-oublie/messagerie/<attente>/", identifiant.identifiant_messagerie, name="identifiant-messagerie"
    ),
    path(CREER, creation.creer_espace, name="creer-espace"),
    path("espace/siret/<siret:siret>/", creation.siret_reconnu, name="siret-reconnu"),
    path(f"{CREER}formulaire/<etape>/", creation.creer_formulaire, name="creer-formulaire"),
    path(f"{CREER}deja-connu/<etape>/", creation.deja_connu, name="espace-deja-connu"),
    path(f"{CREER}messagerie/<etape>/<attente>/", jeton.messagerie, OUVERTURE, name="creer-messagerie"),
    path(f"{CREER}renvoyer/<etape>/", creation.creer_renvoyer, name="creer-renvoyer"),
    path(f"{OUVRIR}lien/<secret>/", jeton.lien, OUVERTURE, name="ouvrir-lien"),
    path(OUVRIR, jeton.suite, OUVERTURE, name="ouvrir"),
    path(f"{OUVRIR}renouveler/", jeton.renouveler, OUVERTURE, name="ouvrir-renouveler"),
    path(f"{REJOINDRE}messagerie/<etape>/<attente>/", jeton.messagerie, ARRIVEE, name="rejoindre-messagerie"),
    path(f"{REJOINDRE}renvoyer/<etape>/", rejoindre.rejoindre_renvoyer, name="rejoindre-renvoyer"),
    path(f"{REJOINDRE}lien/<secret>/", jeton.lien, ARRIVEE, name="rejoindre-lien"),
    path(f"{REJOINDRE}confirmer/", jeton.suite, ARRIVEE, name="rejoindre-confirmer"),
    path(f"{REJOINDRE}admission/lien/<secret>/", jeton.lien, ADMISSION, name="admission-lien"),
    path(f"{REJOINDRE}entrer/", jeton.suite, ADMISSION, name="entrer"),
    path(f"{REJOINDRE}renouveler/", jeton.renouveler, ARRIVEE, name="rejoindre-renouveler"),
    path(f"{REJOINDRE}demande/<etape>/", rejoindre.rejoindre, name="rejoindre"),
    path(f"{ADRESSE}lien/<secret>/", jeton.lien, BOITE, name="adresse-lien"),
    path(ADRESSE, jeton.suite, BOITE, name="adresse-prouver"),
    path(f"{ADRESSE}renouveler/", jeton.renouveler, BOITE, name="adresse-renouveler"),
    path("espace/preuve/lien/<secret>/", jeton.lien, CODE, name="preuve-lien"),
    path("espace/preuve/", jeton.suite, CODE, name="preuve-prouver"),
    path("espace/opposition/lien/<secret>/", jeton.lien, OPPOSITION, name="preuve-opposition-lien"),
    path("espace/opposition/", jeton.suite, OPPOSITION, name="preuve-opposer"),
    path("etablissements/<siret:siret>/adresse/renvoyer", adresse.adresse_renvoyer, name="adresse-renvoyer"),
    path(f"{DEMANDE}accepter", reponses.rejoindre_accepter, name="rejoindre-accepter"),
    path(f"{DEMANDE}refuser", reponses.rejoindre_refuser, name="rejoindre-refuser"),
    path(f"{PREUVE}approuver", preuves.preuve_approuver, name="preuve-approuver"),
    path(f"{PREUVE}refuser", preuves.preuve_refuser, name="preuve-refuser"),
    path(f"{PREUVE}defaire", preuves.preuve_defaire, name="preuve-defaire"),
    path(f"{DEMANDE}annuler", personnes.admission_annuler, name="admission-annuler"),
    path(PERSONNES, personnes.personnes, name="personnes"),
    path(f"{PERSONNES}quitter/", personnes.quitter, name="quitter"),
    path(f"{PERSONNES}passer-la-main/", personnes.passer_la_main, name="passer-la-main"),
    path(f"{PERSONNES}<int:habilitation>/retirer/", personnes.retirer, name="personne-retirer"),
    path(f"{PERSONNES}<int:habilitation>/role/", personnes.role, name="personne-role"),
    path("etablissements/<siret:siret>/offre/refuser", revue.offre_refuser, name="offre-refuser"),
    path("etablissements/<siret:siret>/role/prendre", revue.role_prendre, name="role-prendre"),
    path("compte/reunir/", reunion.reunir, name="reunir"),
    path("compte/reunion/lien/<secret>/", jeton.lien, {"parcours": reunion.PARCOURS}, name="reunion-lien"),
    path("compte/reunion/", jeton.suite, {"parcours": reunion.PARCOURS}, name="reunion-conclure"),
    path("mon-espace/revue/", revue.revue, name="revue"),
]
