"""Adresses des comptes. Les noms en « account_ » et « mfa_ » sont ceux que django-allauth appelle."""

from django.urls import URLPattern, path

from apart.comptes.views import connexion

urlpatterns: list[URLPattern] = [
    path("connexion/", connexion.connexion, name="connexion"),
    path("connexion/", connexion.connexion, name="account_login"),
    path("deconnexion/", connexion.deconnexion, name="deconnexion"),
    path("deconnexion/", connexion.deconnexion, name="account_logout"),
    path("session/prolonger/", connexion.prolonger, name="prolonger-session"),
]
