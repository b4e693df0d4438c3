from django.apps import AppConfig


class EspaceConfig(AppConfig):
    name = "apart.espace"
    verbose_name = "Espace"
