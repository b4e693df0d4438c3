from django.apps import AppConfig


class ComptesConfig(AppConfig):
    name = "apart.comptes"
    verbose_name = "Comptes"
