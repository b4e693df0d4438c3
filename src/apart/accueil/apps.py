from django.apps import AppConfig


class AccueilConfig(AppConfig):
    name = "apart.accueil"
    verbose_name = "Accueil"
