from django.urls import path

from apart.accueil import views

urlpatterns = [path("", views.accueil, name="accueil")]
