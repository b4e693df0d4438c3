"""Adresses des comptes. Les noms en « account_ » et « mfa_ » sont ceux que django-allauth appelle."""

from django.urls import URLPattern, path

from apart.comptes.views import (
    adresse,
    connexion,
    facteur_perdu,
    jeton,
    question,
    recuperation,
    second_facteur,
    securite,
)

MOT_DE_PASSE = "mot-de-passe-oublie/"
SECURITE = "mon-espace/securite/"
PERDU = "second-facteur-perdu/"
OUBLIE = {"parcours": recuperation.PARCOURS}
ANNULER, NOUVEAU = {"parcours": facteur_perdu.ANNULER}, {"parcours": facteur_perdu.NOUVEAU}
ADRESSE, RETOUR = "compte/adresse/", "compte/adresse-d-avant/"
NOUVELLE, D_AVANT = {"parcours": adresse.PARCOURS}, {"parcours": adresse.RETOUR}

urlpatterns: list[URLPattern] = [
    path("connexion/", connexion.connexion, name="connexion"),
    path("connexion/", connexion.connexion, name="account_login"),
    path("connexion/code/", second_facteur.code, name="mfa_authenticate"),
    path("connexion/code/perdu/", facteur_perdu.perdu, name="facteur-perdu"),
    path(f"{PERDU}annuler/lien/<secret>/", jeton.lien, ANNULER, name="facteur-annuler-lien"),
    path(f"{PERDU}annuler/", jeton.suite, ANNULER, name="facteur-annuler"),
    path(f"{PERDU}lien/<secret>/", jeton.lien, NOUVEAU, name="facteur-nouveau-lien"),
    path(f"{PERDU}remplacer/", jeton.suite, NOUVEAU, name="facteur-remplacer"),
    path("deconnexion/", connexion.deconnexion, name="deconnexion"),
    path("deconnexion/", connexion.deconnexion, name="account_logout"),
    path("session/prolonger/", connexion.prolonger, name="prolonger-session"),
    path(MOT_DE_PASSE, recuperation.mot_de_passe_oublie, name="mot-de-passe-oublie"),
    path(f"{MOT_DE_PASSE}messagerie/<attente>/", jeton.messagerie, OUBLIE, name="mot-de-passe-messagerie"),
    path(f"{MOT_DE_PASSE}renvoyer/<attente>/", recuperation.mot_de_passe_renvoyer, name="mot-de-passe-renvoyer"),
    path(f"{MOT_DE_PASSE}lien/<secret>/", jeton.lien, OUBLIE, name="mot-de-passe-lien"),
    path(f"{MOT_DE_PASSE}nouveau/", jeton.suite, OUBLIE, name="mot-de-passe-nouveau"),
    path(f"{MOT_DE_PASSE}renouveler/", jeton.renouveler, OUBLIE, name="mot-de-passe-renouveler"),
    path(f"{MOT_DE_PASSE}code-de-secours/", recuperation.code_de_secours, name="code-de-secours"),
    path(SECURITE, securite.securite, name="securite"),
    path(SECURITE, securite.securite, name="mfa_index"),
    path(SECURITE, securite.securite, name="mfa_list_webauthn"),
    path(f"{SECURITE}sessions/fermer/", securite.fermer_sessions, name="fermer-sessions"),
    path(f"{SECURITE}mot-de-passe/", securite.mot_de_passe, name="changer-mot-de-passe"),
    path(f"{SECURITE}adresse/", adresse.nouvelle, name="nouvelle-adresse"),
    path(f"{SECURITE}adresse/renvoyer/<attente>/", adresse.renvoyer, name="nouvelle-adresse-renvoyer"),
    path(f"{SECURITE}coordonnees/", adresse.coordonnees, name="coordonnees"),
    path(f"{ADRESSE}messagerie/<attente>/", jeton.messagerie, NOUVELLE, name="nouvelle-adresse-messagerie"),
    path(f"{ADRESSE}lien/<secret>/", jeton.lien, NOUVELLE, name="nouvelle-adresse-lien"),
    path(ADRESSE, jeton.suite, NOUVELLE, name="nouvelle-adresse-prouver"),
    path(f"{RETOUR}lien/<secret>/", jeton.lien, D_AVANT, name="retour-adresse-lien"),
    path(RETOUR, jeton.suite, D_AVANT, name="retour-adresse"),
    path(f"{SECURITE}code-de-secours/", securite.renouveler_code_secours, name="renouveler-code-secours"),
    path(f"{SECURITE}question-secrete/", question.question, name="question-secrete"),
    path(f"{SECURITE}question-secrete/retirer/", question.retirer_question, name="retirer-question-secrete"),
    path(f"{SECURITE}{PERDU}annuler/", facteur_perdu.annuler_connecte, name="facteur-annuler-connecte"),
    path(f"{SECURITE}proteger/", securite.proteger, name="proteger"),
    path(f"{SECURITE}confirmer/", second_facteur.confirmation, name="account_reauthenticate"),
    path(f"{SECURITE}confirmer/code/", second_facteur.confirmation_par_code, name="mfa_reauthenticate"),
    path(f"{SECURITE}confirmer/cle/", second_facteur.confirmation_par_cle, name="mfa_reauthenticate_webauthn"),
    path(f"{SECURITE}application/activer/", second_facteur.activer_application, name="mfa_activate_totp"),
    path(f"{SECURITE}application/retirer/", second_facteur.retirer_application, name="mfa_deactivate_totp"),
    path(f"{SECURITE}cles/ajouter/", second_facteur.ajouter_cle, name="mfa_add_webauthn"),
    path(f"{SECURITE}cles/<int:pk>/renommer/", second_facteur.renommer_cle, name="mfa_edit_webauthn"),
    path(f"{SECURITE}cles/<int:pk>/retirer/", second_facteur.retirer_cle, name="mfa_remove_webauthn"),
    path(f"{SECURITE}codes/", second_facteur.codes_de_rechange, name="mfa_view_recovery_codes"),
    path(f"{SECURITE}codes/telecharger/", second_facteur.codes_a_telecharger, name="mfa_download_recovery_codes"),
    path(f"{SECURITE}codes/nouveaux/", second_facteur.nouveaux_codes, name="mfa_generate_recovery_codes"),
]
