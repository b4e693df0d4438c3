"""Adresses des comptes. Les noms en « account_ » et « mfa_ » sont ceux que django-allauth appelle."""

from django.urls import URLPattern, path

from apart.comptes.views import connexion, recuperation

MOT_DE_PASSE = "mot-de-passe-oublie/"

urlpatterns: list[URLPattern] = [
    path("connexion/", connexion.connexion, name="connexion"),
    path("connexion/", connexion.connexion, name="account_login"),
    path("deconnexion/", connexion.deconnexion, name="deconnexion"),
    path("deconnexion/", connexion.deconnexion, name="account_logout"),
    path("session/prolonger/", connexion.prolonger, name="prolonger-session"),
    path(MOT_DE_PASSE, recuperation.mot_de_passe_oublie, name="mot-de-passe-oublie"),
    path(f"{MOT_DE_PASSE}messagerie/<attente>/", recuperation.mot_de_passe_messagerie, name="mot-de-passe-messagerie"),
    path(f"{MOT_DE_PASSE}renvoyer/<attente>/", recuperation.mot_de_passe_renvoyer, name="mot-de-passe-renvoyer"),
    path(f"{MOT_DE_PASSE}lien/<secret>/", recuperation.mot_de_passe_lien, name="mot-de-passe-lien"),
    path(f"{MOT_DE_PASSE}nouveau/", recuperation.mot_de_passe_nouveau, name="mot-de-passe-nouveau"),
    path(f"{MOT_DE_PASSE}renouveler/", recuperation.mot_de_passe_renouveler, name="mot-de-passe-renouveler"),
    path(f"{MOT_DE_PASSE}code-de-secours/", recuperation.code_de_secours, name="code-de-secours"),
]
