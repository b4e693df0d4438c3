"""Accueil, pages légales, contrat de prestation, annonces."""

from django.urls import path

from apart.accueil.views import annonces, public

urlpatterns = [
    path("", public.accueil, name="accueil"),
    path("mentions-legales/", public.mentions_legales, name="mentions-legales"),
    path("conditions-generales/", public.cgu, name="cgu"),
    path("donnees-personnelles/", public.donnees_personnelles, name="donnees-personnelles"),
    path("accessibilite/", public.accessibilite, name="accessibilite"),
    path("plan-du-site/", public.plan_du_site, name="plan-du-site"),
    path("support-technique/", public.support_technique, name="support-technique"),
    path("contrat-de-prestation/", public.contrat_de_prestation, name="contrat-de-prestation"),
    path("contrat-de-prestation/vierge.pdf", public.contrat_vierge, name="contrat-vierge"),
    path("agents/annonces/", annonces.liste, name="annonces"),
    path("agents/annonces/nouvelle/", annonces.nouvelle, name="annonce-nouvelle"),
    path("agents/annonces/<int:pk>/", annonces.corriger, name="annonce"),
    path("agents/annonces/<int:pk>/retirer/", annonces.retirer, name="annonce-retirer"),
]
